/**
 * Whole calls that a worker places by each carrier but Twilio: a person is greeted, a machine is left a message.
 *
 * Real time: each carrier is an API and a protocol on a socket.
 */
import { describe, expect, test, type TestContext } from 'vitest';
import type { Callee } from '../../../src/simulate/phone/callee.ts';
import type { MediaCaller } from '../../../src/simulate/phone/media.ts';
import { understand, voiceOf } from '../../../src/testing/phone.ts';
import type { PlacedCallState } from '../../../src/worker/placed-call.ts';
import { until } from '../../helpers/until.ts';
import { withStandIns } from '../../helpers/worker.ts';
import { askCalls, PLACING_CARRIERS, withAccountOf } from './placing-carriers.ts';

const start = withStandIns([{ say: 'At nine.' }]);

const heardBy = (line: MediaCaller) =>
  understand(line.heard)
    .map(({ text }) => text)
    .join(' ');

describe.concurrent.each(PLACING_CARRIERS)('$line $how', { timeout: 60_000 }, (carrier) => {
  interface Placing {
    callee: Callee;
    order?: Record<string, unknown>;
    env?: Record<string, string>;
  }
  async function call({ onTestFinished }: TestContext, { callee, order = {}, env = {} }: Placing) {
    const { worker, answered } = await withAccountOf(carrier, { callee, start, env, onTestFinished });
    const placed = await askCalls<PlacedCallState>(worker, 'POST', '', {
      ...{ to: '+15550100', line: carrier.line, ...order },
    });
    const { id } = placed.json;
    const state = async () => (await askCalls<PlacedCallState>(worker, 'GET', `/${id}`)).json;
    const line = await until('the call to be answered', () => answered[0]);
    return { id, worker, line, state };
  }

  test('a person is greeted and talked with; the call is ours, with its numbers and parameters; DELETE ends it', async (context) => {
    const order = { parameters: { order: '17' } };
    const { id, worker, line, state } = await call(context, { callee: { type: 'person', ringMs: 0 }, order });
    await line.waitForSpeech();
    await line.waitForSilence();
    await line.say(voiceOf('When do you open?'));
    await line.waitForSpeech();
    await line.waitForSilence({ forMs: 900 });
    expect(heardBy(line)).toMatch(/^Hello\. (\w+ )?At nine\.$/); // several calls at once on a busy machine leave gaps
    const [one] = worker.calls;
    expect(one?.id).toBe(id);
    const numbers = { from: '+15550199', to: '+15550100' };
    expect(one?.caller).toMatchObject({ direction: 'outbound', ...numbers, parameters: { order: '17' } });
    expect(await state()).toMatchObject({ state: 'talking', answeredBy: 'person' });
    await askCalls(worker, 'DELETE', `/${id}`);
    await line.ended;
    await until('it to be over', async () => (await state()).state === 'ended');
    expect(await state()).toMatchObject({ outcome: 'completed', reason: 'hung-up' });
  });

  test('a machine is left the message behind its beep', async (context) => {
    const message = 'Your bike is ready.';
    const order = { voicemail: 'leave', message };
    const { line, state } = await call(context, { callee: { type: 'machine', ringMs: 0 }, order });
    await line.ended;
    expect(heardBy(line)).toBe(message);
    await until('it to be over', async () => (await state()).state === 'ended');
    expect(await state()).toMatchObject({ answeredBy: 'machine', reason: 'voicemail-left' });
  });

  if (carrier.detection) {
    const { env } = carrier.detection;
    test('its own detection counts: what we would take for a person is a machine', async (context) => {
      const callee = { type: 'machine', says: 'Hello?', beepHz: 0, ringMs: 0 } as const;
      const { worker } = await call(context, { callee, env: { [env]: 'true' } });
      const one = await until('the line to be a call', () => worker.calls[0]);
      expect(await one.ended).toMatchObject({ reason: 'answering-machine' });
    });
  }
});
