/** Callers who are handed over in person, by Twilio: whole calls at a worker with a stand-in for its account, in real time. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import type { Callee } from '../../src/simulate/phone/callee.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import type { MediaCaller } from '../../src/simulate/phone/media.ts';
import { placeCall } from '../../src/simulate/twilio/place-call.ts';
import { SimulatedTwilioRest } from '../../src/simulate/twilio/rest-server.ts';
import { voiceOf } from '../../src/testing/phone.ts';
import { transferCall } from '../../src/tool/builtin/index.ts';
import { expectHeard } from '../helpers/heard.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';

const DESK = '+15551230000';
const start = withStandIns([
  {
    when: 'human',
    say: 'Please wait.',
    call: { name: 'transfer_call', arguments: { to: DESK, summary: 'Ann wants to return her bike.' } },
  },
  { when: 'and now', say: 'I am here.' },
]);

/** A caller who has asked for a human, whom this one would be. */
async function open(callee: Callee, ringMs = 30_000) {
  const known: { worker?: TestWorker } = {};
  const reach = (url: string) => known.worker?.reach(url) ?? url;
  const answered: MediaCaller[] = [];
  const rest = new SimulatedTwilioRest({
    ...{ accountSid: 'AC1', authToken: AUTH_TOKEN },
    placing: {
      ...{ calleeAt: () => callee, reach },
      onAnswered: (placed) => placed.type === 'media' && answered.push(placed.caller),
    },
  });
  await rest.listen();
  onTestFinished(() => rest.close());
  const account = { PARLEY_TWILIO_ACCOUNT_SID: 'AC1', PARLEY_TWILIO_REST_URL: rest.account.baseUrl };
  const worker = await start(
    { ...SIGNED, ...account, PARLEY_CALLS_PER_SECOND: '100' },
    { agent: { tools: [transferCall({ warm: { ringMs } })] } },
  );
  known.worker = worker;
  const callSid = newSid('CA');
  const common = { from: '+15550100', to: '+15550199', authToken: AUTH_TOKEN, callSid, rest, reach: worker.reach };
  const place = async (document?: string) => {
    const placed = await placeCall({
      ...{ ...common, voiceUrl: `${PUBLIC_URL}/twilio/voice` },
      ...(document === undefined ? { parameters: { account: '4711' } } : { document }),
    });
    if (placed.type !== 'media') throw new Error('Expected a line of audio');
    return placed.caller;
  };
  const caller = await place();
  const call = await until('the call', () => worker.calls[0]);
  const events: CallEvent[] = [];
  call.on('event', (event) => events.push(event));
  await caller.waitForSpeech();
  await caller.waitForSilence();
  await caller.say(voiceOf('A human please'));
  const person = () => until('somebody to answer', () => answered[0]);
  const transfers = () => events.filter(({ type }) => type === 'transfer' || type === 'transfer-progress');
  return { rest, worker, caller, call, callSid, events, transfers, person, place };
}

describe('in person', { timeout: 60_000 }, () => {
  test('transfer: who answers hears what it is about, takes the call by a key, and both are together', async () => {
    const { rest, caller, call, callSid, transfers, person } = await open({ type: 'person', ringMs: 100 });
    const line = await person();
    await until(() => expectHeard(line, 'Ann wants to return her bike.'));
    await until(() => expectHeard(line, 'Press 1'));
    line.press('1');
    expect(await call.ended).toMatchObject({ reason: 'transferred' });
    await caller.ended;
    const id = transfers().flatMap((event) => (event.type === 'transfer-progress' ? [event.personCallId] : []))[0];
    await until('both to be together', () => rest.meetings.in(`parley ${id}`).length === 2);
    expect(rest.meetings.in(`parley ${id}`)).toContain(callSid);
    expect(transfers()).toMatchObject([
      { type: 'transfer-progress', to: DESK, state: 'ringing' },
      { type: 'transfer-progress', state: 'asking' },
      { type: 'transfer-progress', state: 'accepted' },
      { type: 'transfer', to: DESK, ok: true },
    ]);
    rest.meetings.leave(callSid);
    expect(rest.meetings.in(`parley ${id}`)).toEqual([]); // who is left is not kept waiting
  });

  test('transfer: or in a word', async () => {
    const { call, person } = await open({ type: 'person', ringMs: 100 });
    const line = await person();
    await line.waitForSpeech();
    await line.waitForSilence({ forMs: 900 });
    await line.say(voiceOf('Yes, put them through.'));
    expect(await call.ended).toMatchObject({ reason: 'transferred' });
  });

  test.each<[string, Callee, string]>([
    ['is busy', { type: 'busy', ringMs: 100 }, 'the line is busy'],
    ['is a machine', { type: 'machine', ringMs: 100 }, 'a machine answered'],
    ['cannot be called', { type: 'failed', ringMs: 100 }, 'the call did not go through'],
  ])('transfer: a number that %s: the caller is with the agent, who says so', async (_what, callee, why) => {
    const { caller, call, transfers } = await open(callee);
    const failed = await until('it to fail', () => transfers().find(({ type }) => type === 'transfer'));
    expect(failed).toMatchObject({ ok: false, error: expect.stringContaining(why) as string });
    await until(() => expectHeard(caller, 'could not put you through'));
    expect(JSON.stringify(call.messages)).toContain('The transfer failed and the caller is still here');
    await caller.hangUp();
  });

  test('transfer: who does not take it says so, and is said goodbye to', async () => {
    const { caller, transfers, person } = await open({ type: 'person', ringMs: 100 });
    const line = await person();
    await line.waitForSpeech();
    line.press('2');
    await line.ended;
    expectHeard(line, 'Bye bye.');
    expect(transfers().at(-1)).toMatchObject({ ok: false, error: 'they cannot take the call now' });
    await until(() => expectHeard(caller, 'could not put you through'));
    await caller.hangUp();
  });

  test('R20: a caller who hangs up while they wait: nobody is kept on the second line', async () => {
    const { caller, call, person } = await open({ type: 'person', ringMs: 100 });
    const line = await person();
    await line.waitForSpeech();
    await caller.hangUp();
    await call.ended;
    expect(await line.ended).toMatchObject({ by: expect.stringMatching(/worker|rest/) as string });
  });

  test('transfer: a person who leaves before the caller has come: the caller is brought back to the agent', async () => {
    const { rest, caller, callSid, worker, person, place } = await open({ type: 'person', ringMs: 100 });
    const line = await person();
    const enter = rest.meetings.enter.bind(rest.meetings);
    rest.meetings.enter = (guest) => {
      if (guest.callSid !== callSid) return enter(guest);
      for (const { path } of rest.requests) leaveIfPerson(path); // they hang up in that very moment
    };
    const leaveIfPerson = (path: string) => {
      const sid = /Calls\/(CA\w+)\.json/.exec(path)?.[1];
      if (sid !== undefined && sid !== callSid) rest.meetings.leave(sid);
    };
    await line.waitForSpeech();
    line.press('1');
    await caller.ended;
    const back = await until('the caller to be asked back', () =>
      rest.requests.find(({ path, fields }) => path.includes(callSid) && fields['Twiml']?.includes('<Redirect')),
    );
    const again = await place(back.fields['Twiml']);
    const second = await until('the other line to be a call', () => worker.calls.find((one) => one.caller.earlier));
    expect(second.caller).toMatchObject({ carrierCallId: callSid, parameters: { account: '4711' } });
    await second.say('and now?');
    expect(JSON.stringify(second.messages)).toContain('nobody took them');
    await again.hangUp();
  });
});
