/** A call of the clinic, healthy or with one thing broken, and which checks of the whole set find a fault in it. */
import { z } from 'zod';
import type { AgentInput } from '../../../src/call/agent.ts';
import { checks } from '../../../src/testing/checks/index.ts';
import type { CallResult, Finding } from '../../../src/testing/result.ts';
import type { StubRun } from '../../../src/testing/stubs.ts';
import { startTestCall, type TestCall, type TestCallOptions } from '../../../src/testing/test-call.ts';
import { defineTool } from '../../../src/tool/define.ts';

type Replies = NonNullable<Extract<TestCallOptions['model'], { replies?: unknown }>['replies']>;
type Tools = NonNullable<TestCallOptions['tools']>;

export const DATE = '2026-11-24';
export const BOOKING = { date: DATE, time: '10:00', name: 'Jane Doe' };
export const SLOTS = { [`${DATE} 10:00`]: 'Jane Doe' };

/** What the clinic's book holds: a slot is taken or not, however often it was asked for. */
export type Slots = Record<string, string>;

export interface Played {
  agent?: Partial<AgentInput>;
  /** Before the healthy ones. */
  replies?: Replies;
  tools?: (slots: Slots) => Tools;
  options?: TestCallOptions;
  /** Default: asks what is free, books, and hangs up. */
  caller?: (call: TestCall) => Promise<unknown>;
  /** Default: the booking stands. */
  world?: Slots;
  /** What else must hold; `undefined` takes a check away. */
  expect?: Record<string, ((call: CallResult) => Finding[]) | undefined>;
}

export const find = defineTool({
  name: 'find_appointments',
  description: 'Finds free times.',
  input: z.object({ date: z.string() }),
  effect: 'read',
  timeoutMs: 60_000,
  run: () => ({}),
});

export const bookWith = (more: { repeatable?: boolean; timeoutMs?: number; effect?: 'read'; retries?: number } = {}) =>
  defineTool({
    name: 'book_appointment',
    description: 'Books a time.',
    input: z.object({ date: z.string(), time: z.string(), name: z.string() }),
    effect: 'write',
    ...more,
    run: () => ({}),
  });

export const HEALTHY: Replies = [
  { when: 'free', say: 'Let me check that for you.', call: { name: 'find_appointments', arguments: { date: DATE } } },
  { after: 'find_', say: 'On Tuesday I have ten, or half past two.' },
  { when: 'book', say: 'I am booking it.', call: { name: 'book_appointment', arguments: BOOKING } },
  { after: 'book_', say: 'Jane Doe is booked for Tuesday at ten. That is forty dollars.' },
  {
    when: 'about',
    say: 'We are a small clinic by the sea, and we are open from nine to six on every day of the week.',
  },
  { when: 'bye', say: 'Goodbye, and see you on Tuesday then.', call: { name: 'end_call' } },
  { say: 'Of course.' },
];

export const take = (slots: Slots, { date, time, name }: typeof BOOKING): { booked: true } => {
  slots[`${date} ${time}`] = name;
  return { booked: true };
};

/** A booking that takes so long, whatever happens meanwhile. */
export const bookingIn =
  (slots: Slots, takesMs: number) =>
  async (input: typeof BOOKING, { wait }: StubRun): Promise<{ booked: true }> => {
    await wait(takesMs);
    return take(slots, input);
  };

/** The caller asks, and cuts in at a word of what they are told. */
export async function cutsIn(call: TestCall, word: string, asked = 'Can you tell me about the clinic?'): Promise<void> {
  const turn = call.say(asked);
  await call.hears(word);
  await call.say('Wait, and who are you?');
  await turn;
}

export async function books(call: TestCall): Promise<void> {
  await call.say('What is free tomorrow?');
  await call.say('Please book ten for Jane Doe');
}

/** Plays a call, and names the checks that find a fault, each once; a check that has nothing to look at finds none. */
export async function faultsOf(played: Played): Promise<string[]> {
  const slots: Slots = {};
  const call = await startTestCall(
    {
      ...{ name: 'clinic', instructions: 'You answer the phone.', greeting: 'Hello, this is the clinic.' },
      tools: [find, bookWith(), 'end_call'],
      ...played.agent,
    },
    {
      now: '2026-11-23T09:00:00Z',
      model: { replies: [...(played.replies ?? []), ...HEALTHY], pace: 'documented' },
      tools: {
        find_appointments: { returns: { free_times: ['10:00', '14:30'] }, takes: 800 },
        book_appointment: bookingIn(slots, 600),
        ...played.tools?.(slots),
      },
      world: () => ({ slots }),
      ...played.options,
    },
  );
  await (played.caller ?? books)(call);
  const result = await call.hangUp();
  if (result.troubles.length > 0) throw new Error(`the test itself: ${JSON.stringify(result.troubles)}`);
  const all: NonNullable<Played['expect']> = { ...battery(played.world ?? SLOTS), ...played.expect };
  const found = Object.entries(all).filter(([, check]) => check?.(result).some(({ kind }) => kind === 'fault'));
  return found.map(([name]) => name);
}

/** What must hold of every call, as far as it has something to look at. */
const battery = (world: Slots): NonNullable<Played['expect']> => ({
  calledTool: (call) =>
    call.tools.some(({ name }) => name === 'find_appointments')
      ? checks.calledTool(call, 'find_appointments', { date: DATE })
      : [],
  noOtherTool: (call) => checks.noOtherTool(call, ['book_appointment', 'end_call']),
  effectsOnce: checks.effectsOnce,
  world: (call) => checks.world(call, { slots: world }),
  said: (call) =>
    checks.said(call, /TypeError|undefined|at run/).length === 0
      ? [{ check: 'said', kind: 'fault', what: 'a stack was said' }]
      : [],
  noRepeats: (call) => checks.noRepeats(call),
  speakable: checks.speakable,
  brief: (call) => checks.brief(call),
  answerWithin: (call) => checks.answerWithin(call, 2_500),
  noDeadAirOver: (call) => checks.noDeadAirOver(call, 2_500),
  noTalkOver: checks.noTalkOver,
  yieldedWithin: (call) => checks.yieldedWithin(call, 1_200),
  falseStops: (call) => checks.falseStops(call),
  keptTalking: checks.keptTalking,
  trueHistory: (call) => checks.trueHistory(call),
  goodbyeHeard: checks.goodbyeHeard,
  ended: (call) => checks.ended(call, 'caller-hung-up'),
  digits: (call) => checks.digits(call),
  keepsTheRules: (call) => checks.keepsTheRules(call),
});
