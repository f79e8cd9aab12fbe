/**
 * Callers who are handed over in person, by each carrier that can: whole calls with a stand-in for its account, in real time, and
 * every end of either call at every instant. The caller is one whom the worker has called and, where what becomes of them is the
 * carrier's, one who has called, too. Twilio's are in `../in-person.real.test.ts`.
 */
import { describe, expect, test, type TestContext } from 'vitest';
import type { CallEvent } from '../../../src/call/events.ts';
import type { Callee } from '../../../src/simulate/phone/callee.ts';
import { voiceOf } from '../../../src/testing/phone.ts';
import { transferCall } from '../../../src/tool/builtin/index.ts';
import { expectHeard } from '../../helpers/heard.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL, withStandIns } from '../../helpers/worker.ts';
import { askCalls, PLACING_CARRIERS, withAccountOf } from './placing-carriers.ts';

const [CALLER, OWN, DESK] = ['+15550100', '+15550199', '+15551230000'];
const start = withStandIns([
  {
    when: 'human',
    say: 'Please wait.',
    call: { name: 'transfer_call', arguments: { to: DESK, summary: 'Ann wants to return her bike.' } },
  },
  { when: '.*', say: 'Sorry.' },
]);

const UNREACHED: readonly [string, Callee, string][] = [
  ['is busy', { type: 'busy', ringMs: 100 }, 'the line is busy'],
  ['is a machine', { type: 'machine', ringMs: 100 }, 'a machine answered'],
  ['cannot be called', { type: 'failed', ringMs: 100 }, 'the call did not go through'],
];

const PERSON: Callee = { type: 'person', ringMs: 100 };
type Begin = 'placed' | 'incoming';
/** Of both kinds of calls. */
const BEGINS: readonly [Begin, string][] = [
  ['placed', ''],
  ['incoming', ', of a caller who has called'],
];

const carriers = PLACING_CARRIERS.filter(({ inPerson }) => inPerson);

describe.concurrent.each(carriers)('$line $how', { timeout: 90_000 }, (carrier) => {
  /** A caller who has asked for a human, whom this one would be. */
  async function open({ onTestFinished }: TestContext, desk = PERSON, begin: Begin = 'placed') {
    const { account, worker, answered } = await withAccountOf(carrier, {
      ...{ start, onTestFinished, env: carrier.inPerson ?? {}, agent: { tools: [transferCall({ warm: true })] } },
      callee: (to) => (to.includes(DESK.slice(1)) ? desk : { type: 'person', ringMs: 0 }),
    });
    const { meetings } = account;
    if (!meetings) throw new Error('Expected an account that puts calls together');
    if (begin === 'placed') await askCalls(worker, 'POST', '', { to: CALLER, line: carrier.line });
    else await account.callIn({ from: CALLER, to: OWN, publicUrl: PUBLIC_URL });
    const caller = await until('the caller', () => answered[0]);
    const call = await until('the call', () => worker.calls[0]);
    const events: CallEvent[] = [];
    call.on('event', (event) => events.push(event));
    await caller.waitForSpeech();
    await caller.waitForSilence();
    await caller.say(voiceOf('A human please'));
    const transfers = () => events.filter(({ type }) => type === 'transfer' || type === 'transfer-progress');
    const personId = () =>
      until('somebody to be rung', () =>
        transfers()
          .flatMap((event) => (event.type === 'transfer-progress' ? [event.personCallId] : []))
          .at(0),
      );
    const personState = async () => (await askCalls(worker, 'GET', `/${await personId()}`)).json;
    /** They have picked up, and hear what it is about. */
    const person = async () => {
      const line = await until('somebody to answer', () => answered[1]);
      await line.waitForSpeech();
      return line;
    };
    const outcome = () => until('it to be over', () => transfers().find(({ type }) => type === 'transfer'));
    /** The caller is with the agent, in the same call, and told why. */
    const expectBack = async (why: string) => {
      expect(await outcome()).toMatchObject({ ok: false, error: expect.stringContaining(why) as string });
      await until(() => expectHeard(caller, 'could not put you through'));
      expect(JSON.stringify(call.messages)).toContain('The transfer failed and the caller is still here');
      expect(caller.isOver).toBe(false);
      await caller.hangUp();
    };
    /** The same, where they may have left their line already: then it is another one. */
    const expectBackSomehow = async (why = '') => {
      const told = await outcome();
      if (told.type === 'transfer' && !told.ok) return expectBack(why);
      const back = await until('the caller to have another line', () => answered[2]);
      await until(() => expectHeard(back, 'I am back'));
      const { carrierCallId, from = '', to = '' } = worker.calls.at(-1)?.caller ?? {};
      expect(carrierCallId).toBe(caller.callSid);
      expect([from, to].map((number) => number.replace('+', '')).sort()).toEqual(['15550100', '15550199']);
      await back.hangUp();
    };
    const expectPersonGone = () => until('nobody to be kept', async () => (await personState())['state'] === 'ended');
    /** Before the carrier is asked to take the caller to the person. */
    const whenCallerMoves = (then: () => boolean) =>
      account.failNext(
        { status: 400, json: { message: 'not now' } },
        ({ path }) => decodeURIComponent(path).includes(caller.callSid) && then(),
      );
    return {
      ...{ account, meetings, caller, call, person, personId, transfers },
      ...{ expectBack, expectBackSomehow, expectPersonGone, whenCallerMoves },
    };
  }

  for (const [begin, of] of BEGINS) {
    test(`transfer: who answers hears what it is about, takes the call, and both are together until one leaves${of}`, async (context) => {
      const { meetings, caller, call, person, transfers, expectPersonGone } = await open(context, PERSON, begin);
      const line = await person();
      await until(() => expectHeard(line, 'Ann wants to return her bike.'));
      line.press('1');
      expect(await call.ended).toMatchObject({ reason: 'transferred' });
      await Promise.all([caller.ended, line.ended]);
      const both = [caller.callSid, line.callSid];
      await until('both to be in one room', () => new Set(both.map((callSid) => meetings.roomOf(callSid))).size === 1);
      const room = await until('it to be there', () => meetings.roomOf(caller.callSid));
      expect(meetings.in(room).sort()).toEqual(both.sort());
      expect(transfers()).toMatchObject([
        { type: 'transfer-progress', to: DESK, state: 'ringing' },
        { type: 'transfer-progress', state: 'asking' },
        { type: 'transfer-progress', state: 'accepted' },
        { type: 'transfer', to: DESK, ok: true },
      ]);
      meetings.leave(caller.callSid);
      expect(meetings.in(room)).toEqual([]); // who is left is not kept waiting
      await expectPersonGone();
    });
  }

  for (const [what, desk, why] of UNREACHED) {
    test(`transfer: a number that ${what}`, async (context) => {
      const { expectBack } = await open(context, desk);
      await expectBack(why);
    });
  }

  test('transfer: who does not take it', async (context) => {
    const { person, expectBack } = await open(context);
    const line = await person();
    line.press('2');
    await line.ended;
    await expectBack('they cannot take the call now');
  });

  test('transfer: who hangs up while they are asked', async (context) => {
    const { person, expectBack } = await open(context);
    await (await person()).hangUp();
    await expectBack('they hung up');
  });

  test('R20: a caller who hangs up while it rings', async (context) => {
    const { caller, call, personId, expectPersonGone } = await open(context, { type: 'no-answer' });
    await personId();
    await caller.hangUp();
    await call.ended;
    await expectPersonGone();
  });

  test('R20: a caller who hangs up while somebody is asked', async (context) => {
    const { caller, call, person, expectPersonGone } = await open(context);
    const line = await person();
    await caller.hangUp();
    await Promise.all([call.ended, line.ended]);
    await expectPersonGone();
  });

  test('transfer: a carrier that does not take the person there', async (context) => {
    const { account, person, expectBack, expectPersonGone } = await open(context);
    const line = await person();
    account.failNext({ status: 400, json: { message: 'not now' } });
    line.press('1');
    await expectBack('the carrier did not connect them');
    await expectPersonGone();
  });

  test('transfer: a carrier that does not take the caller there', async (context) => {
    const { person, whenCallerMoves, expectBackSomehow, expectPersonGone } = await open(context);
    const line = await person();
    whenCallerMoves(() => true);
    line.press('1');
    await expectBackSomehow('they took the call, and');
    await expectPersonGone();
  });

  for (const [begin, of] of BEGINS) {
    test(`transfer: a person who leaves in the moment in which the caller is on the way to them${of}`, async (context) => {
      const { meetings, person, whenCallerMoves, expectBackSomehow, expectPersonGone } = await open(
        context,
        PERSON,
        begin,
      );
      const line = await person();
      whenCallerMoves(() => {
        meetings.leave(line.callSid);
        return false;
      });
      line.press('1');
      await expectBackSomehow(); // told so, or refused by the carrier, whichever comes first
      await expectPersonGone();
    });
  }
});
