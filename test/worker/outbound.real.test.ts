/**
 * Whole calls that a worker places: a person is greeted, and a machine is left a message behind its beep.
 *
 * Real time: the carrier is an API and a protocol on a socket; who answers is told by how they speak.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Callee } from '../../src/simulate/phone/callee.ts';
import type { MediaCaller } from '../../src/simulate/phone/media.ts';
import { SimulatedTwilioRest } from '../../src/simulate/twilio/rest-server.ts';
import { understand, voiceOf } from '../../src/testing/phone.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns([{ say: 'At nine.' }]);
const rests: SimulatedTwilioRest[] = [];
afterAll(() => Promise.all(rests.map((rest) => rest.close())));

async function call(callee: Callee, order: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  const known: { worker?: TestWorker } = {};
  let line: MediaCaller | undefined;
  const rest = new SimulatedTwilioRest({
    ...{ accountSid: 'AC1', authToken: AUTH_TOKEN },
    placing: {
      calleeAt: () => callee,
      reach: (url) => known.worker?.reach(url) ?? url,
      onAnswered: (placed) => (line = placed.type === 'media' ? placed.caller : undefined),
    },
  });
  await rest.listen();
  rests.push(rest);
  const account = { PARLEY_TWILIO_ACCOUNT_SID: 'AC1', PARLEY_TWILIO_REST_URL: rest.account.baseUrl };
  const worker = await start({ ...SIGNED, ...account, PARLEY_CALLS_FROM: '+15550199', ...env });
  known.worker = worker;
  const response = await fetch(`${worker.url}/calls`, {
    method: 'POST',
    body: JSON.stringify({ to: '+15550100', ...order }),
  });
  const { id } = (await response.json()) as { id: string };
  const state = async () => (await (await fetch(`${worker.url}/calls/${id}`)).json()) as Record<string, unknown>;
  const answered = await until('the call to be answered', () => line);
  return { id, worker, line: answered, state };
}

const heardBy = (line: MediaCaller) =>
  understand(line.heard)
    .map(({ text }) => text)
    .join(' ');

describe.concurrent('a call that was placed', { timeout: 60_000 }, () => {
  test('a person is waited for, greeted once, and talked with; the model knows who called whom, and what they said', async () => {
    const { id, worker, line, state } = await call({ type: 'person', ringMs: 0 }, { parameters: { order: '17' } });
    const spokeMs = await line.waitForSpeech();
    expect(spokeMs).toBeGreaterThan(line.said.nextSoundMs(0) ?? 0);
    await line.waitForSilence();
    expect(heardBy(line)).toBe('Hello.');
    await line.say(voiceOf('When do you open?'));
    await line.waitForSpeech();
    await line.waitForSilence({ forMs: 900 });
    expect(heardBy(line)).toBe('Hello. At nine.');
    const [one] = worker.calls;
    expect(one?.id).toBe(id);
    expect(one?.caller).toMatchObject({
      direction: 'outbound',
      to: '+15550100',
      from: '+15550199',
      parameters: { order: '17' },
    });
    const told = JSON.stringify(one?.messages);
    expect(told).toContain('You have placed this phone call');
    expect(told).toContain('said: \\"Hello?\\"');
    expect(await state()).toMatchObject({ state: 'talking', answeredBy: 'person' });
    await line.hangUp();
    await one?.ended;
    expect(await state()).toMatchObject({ state: 'ended', outcome: 'completed', reason: 'caller-hung-up' });
  });

  test('who says nothing is greeted all the same', async () => {
    const { line, state } = await call({ type: 'person', says: '', ringMs: 0 });
    const spokeMs = await line.waitForSpeech();
    expect(spokeMs).toBeGreaterThan(2_400);
    expect(await state()).toMatchObject({ answeredBy: 'unknown' });
    await line.hangUp();
  });

  test('`voicemail: hang-up`: a machine hears nothing', async () => {
    const { line, state } = await call({ type: 'machine', ringMs: 0 });
    await line.ended;
    expect(line.heard.nextSoundMs(0)).toBeUndefined();
    await until('it to be over', async () => (await state())['state'] === 'ended');
    expect(await state()).toMatchObject({ answeredBy: 'machine', outcome: 'completed', reason: 'answering-machine' });
  });

  test.each([
    ['behind its beep', 1_000],
    ['behind a silence, where there is no beep', 0],
  ])('`voicemail: leave`: the message is left %s, whole, and the call ends', async (_, beepHz) => {
    const message = 'Your bike is ready.';
    const { line, state } = await call({ type: 'machine', beepHz, ringMs: 0 }, { voicemail: 'leave', message });
    await line.ended;
    expect(heardBy(line)).toBe(message);
    expect(line.heard.nextSoundMs(0)).toBeGreaterThan(line.said.lastSoundMs);
    await until('it to be over', async () => (await state())['state'] === 'ended');
    expect(await state()).toMatchObject({ answeredBy: 'machine', reason: 'voicemail-left' });
  });

  test("the carrier's own detection counts, where it is asked for: what we would take for a person is a machine", async () => {
    const callee = { type: 'machine', says: 'Hello?', beepHz: 0, ringMs: 0 } as const;
    const { worker, line } = await call(callee, {}, { PARLEY_TWILIO_DETECTION: 'true' });
    const one = await until('the line to be a call', () => worker.calls[0]);
    const signs: string[] = [];
    one.on('answered-by', ({ who, sign }) => signs.push(`${who} by ${sign}`));
    expect(await one.ended).toMatchObject({ reason: 'answering-machine' });
    await line.ended;
    expect(signs.at(-1)).toBe('machine by carrier');
  });
});
