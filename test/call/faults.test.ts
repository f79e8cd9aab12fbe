/** What goes wrong at the model, over real sockets: each ends in words for the caller, and the next turn works. */
import { expect, test } from 'vitest';
import { createAgent } from '../../src/call/agent.ts';
import { createParley } from '../../src/worker/create-parley.ts';
import { createElectron } from '../../src/model/electron/client.ts';
import type { FaultInput } from '../../src/simulate/electron/faults.ts';
import { ofType, openWorld, RECOVERY, wordsOf } from '../helpers/world.ts';

/** For what ends by a time-out; the next turn has to be within them too, on a machine that may be slow. */
const SHORT = { connectMs: 2_000, firstTokenMs: 600, idleMs: 600, stepMs: 1_200 };

interface Case {
  name: string;
  fault: FaultInput;
  says?: string;
  /** Of the error event; undefined: the caller notices nothing. */
  code?: string;
  outcome: string;
  heard: string | RegExp;
  /** How often the request was sent. */
  requests: number;
  hasRequestId?: boolean;
  /** The server has asked for more patience than a turn has. */
  isStillRefused?: boolean;
}

const ANSWER = 'All is well, thank you.';
const always = { times: 'always' } as const;

const CASES: Case[] = [
  {
    name: '400',
    fault: { type: 'status', status: 400 },
    code: 'provider-failed',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
  },
  {
    name: '401',
    fault: { type: 'status', status: 401 },
    code: 'unauthorized',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
  },
  {
    name: '403',
    fault: { type: 'status', status: 403 },
    code: 'unauthorized',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
  },
  { name: '429 once', fault: { type: 'status', status: 429 }, outcome: 'replied', heard: ANSWER, requests: 2 },
  {
    name: '429 with a Retry-After in time',
    fault: { type: 'status', status: 429, retryAfter: 0.05 },
    outcome: 'replied',
    heard: ANSWER,
    requests: 2,
  },
  {
    name: '429 with a Retry-After that is too long',
    fault: { type: 'status', status: 429, retryAfter: 60 },
    code: 'rate-limited',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
    isStillRefused: true,
  },
  { name: '500 once', fault: { type: 'status', status: 500 }, outcome: 'replied', heard: ANSWER, requests: 2 },
  {
    name: '500 for good',
    fault: { type: 'status', status: 500, times: 2 },
    code: 'provider-failed',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 2,
  },
  {
    name: '502 in HTML for good',
    fault: { type: 'status', status: 502, body: 'html', times: 5 },
    code: 'provider-failed',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 5,
  },
  {
    name: '503 twice',
    fault: { type: 'status', status: 503, times: 2 },
    outcome: 'replied',
    heard: ANSWER,
    requests: 3,
  },
  {
    name: 'a connection that is reset once',
    fault: { type: 'refuse' },
    outcome: 'replied',
    heard: ANSWER,
    requests: 2,
  },
  {
    name: 'connections that are reset for good',
    fault: { type: 'refuse', times: 5 },
    code: 'stream-cut',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 5,
    hasRequestId: false,
  },
  {
    name: 'silence before the headers',
    fault: { type: 'hang' },
    code: 'first-token-timeout',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
    hasRequestId: false,
  },
  {
    name: 'silence before the first token',
    fault: { type: 'hang', at: 'first-token' },
    code: 'first-token-timeout',
    outcome: 'failed',
    heard: RECOVERY,
    requests: 1,
  },
  {
    name: 'silence in the middle',
    fault: { type: 'stall', afterChunks: 3 },
    code: 'idle-timeout',
    outcome: 'cut',
    heard: /^All is.*Sorry, that went wrong\.$/,
    requests: 1,
  },
  {
    name: 'an end in the middle',
    fault: { type: 'cut', afterChunks: 3 },
    code: 'stream-cut',
    outcome: 'cut',
    heard: /^All is.*Sorry, that went wrong\.$/,
    requests: 1,
  },
  {
    name: 'a reset in the middle',
    fault: { type: 'cut', how: 'reset', afterChunks: 3 },
    code: 'stream-cut',
    outcome: 'cut',
    heard: /^All is.*Sorry, that went wrong\.$/,
    requests: 1,
  },
  {
    name: 'an end within the arguments',
    says: 'look',
    fault: { type: 'cut', inArguments: true },
    code: 'stream-cut',
    outcome: 'cut',
    heard: `Let me look. ${RECOVERY}`,
    requests: 1,
  },
  {
    name: 'a reset within the arguments',
    says: 'look',
    fault: { type: 'cut', how: 'reset', inArguments: true },
    code: 'stream-cut',
    outcome: 'cut',
    heard: `Let me look. ${RECOVERY}`,
    requests: 1,
  },
  {
    name: 'a line of garbage',
    fault: { type: 'garbage', afterChunks: 2 },
    outcome: 'replied',
    heard: ANSWER,
    requests: 1,
  },
  {
    name: 'an error in the stream',
    fault: { type: 'stream-error', afterChunks: 3 },
    code: 'stream-cut',
    outcome: 'cut',
    heard: /^All is.*Sorry, that went wrong\.$/,
    requests: 1,
  },
  {
    name: 'an error as an event',
    fault: { type: 'stream-error', form: 'event', afterChunks: 3 },
    code: 'stream-cut',
    outcome: 'cut',
    heard: /^All is.*Sorry, that went wrong\.$/,
    requests: 1,
  },
  {
    name: 'slow arguments',
    says: 'look',
    fault: { type: 'slow-arguments', argumentsMs: 300 },
    outcome: 'replied',
    heard: 'Let me look. Here is what I found.',
    requests: 2,
  },
  {
    name: 'a whole answer instead of a stream',
    fault: { type: 'json-body' },
    outcome: 'replied',
    heard: ANSWER,
    requests: 1,
  },
  { name: 'no last line', fault: { type: 'no-done' }, outcome: 'replied', heard: ANSWER, requests: 1 },
  {
    name: 'an answer that never ends',
    fault: { type: 'endless', everyMs: 20 },
    code: 'step-timeout',
    outcome: 'cut',
    heard: /and so on.*Sorry, that went wrong\.$/,
    requests: 1,
  },
];

test.for(CASES)('$name: $outcome, and the next turn works', async (fault) => {
  const { electron, open } = await openWorld(fault.code?.endsWith('timeout') ? { deadlines: SHORT } : {});
  const { call, events } = open();
  electron.fault(fault.fault);
  const result = await call.say(fault.says ?? 'how are you?');
  expect(result).toMatchObject({ turn: 1, outcome: fault.outcome });
  expect(result?.heard).toMatch(
    typeof fault.heard === 'string' ? new RegExp(`^${escaped(fault.heard)}$`) : fault.heard,
  );
  expect(electron.stats().requests).toBe(fault.requests);
  const errors = ofType(events, 'error');
  expect(errors.map(({ code }) => code)).toEqual(fault.code === undefined ? [] : [fault.code]);
  if (fault.code !== undefined) {
    expect(errors[0]).toMatchObject({ turn: 1, step: 1, message: expect.stringMatching(/^electron: \S/) as string });
    const id = errors[0]?.requestId;
    if (fault.hasRequestId ?? true) expect(electron.requests().map(({ requestId }) => requestId)).toContain(id);
    else expect(id).toBeUndefined();
  }
  electron.clearFaults();
  const expected = fault.isStillRefused ? { outcome: 'failed' } : { outcome: 'replied', heard: ANSWER };
  expect(await call.say('and now?')).toMatchObject({ turn: 2, ...expected });
  call.hangUp();
  await call.ended;
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('a fault after the tool has run: the tool is not run again, and the caller is told', async () => {
  const { electron, open, runs } = await openWorld();
  const { call } = open();
  electron.fault({ type: 'status', status: 401, when: { isFollowUp: true } });
  expect(await call.say('write it down')).toMatchObject({ outcome: 'failed', heard: `Writing. ${RECOVERY}` });
  expect(runs).toEqual(['write_down']);
  await call.say('how are you?');
  const told = JSON.stringify(electron.requests().at(-1)?.body?.messages);
  expect(told).toContain('found');
  expect(runs).toEqual(['write_down']);
});

test('a call that is complete before the stream is cut still runs, and the turn goes on', async () => {
  const { electron, open, runs } = await openWorld();
  const { call } = open();
  electron.fault({ type: 'cut', afterChunks: 40, when: { calls: 'look_up' } }); // nothing is missing but the finish
  electron.fault({ type: 'no-done', when: { isFollowUp: true } });
  expect(await call.say('look')).toMatchObject({ outcome: 'replied', heard: 'Let me look. Here is what I found.' });
  expect(runs).toEqual(['look_up']);
});

test('no server: an error that says so, and words', async () => {
  const model = createElectron({ baseUrl: 'http://127.0.0.1:1/v1', random: () => 0.01 });
  const parley = createParley({ model });
  const agent = await createAgent({ name: 'alone', instructions: 'You are alone.', phrases: { recovery: RECOVERY } });
  const errors: { code: string; message: string }[] = [];
  const call = parley.startCall(agent, { listen: (started) => started.on('error', (event) => errors.push(event)) });
  expect(await call.say('hello?')).toMatchObject({ outcome: 'failed', heard: RECOVERY });
  expect(errors).toMatchObject([
    { code: 'connect-failed', message: expect.stringContaining('ECONNREFUSED') as string },
  ]);
  await parley.close();
});

test('a model that stays overloaded keeps no caller in silence: a phrase while it waits, then words', async () => {
  const { electron, open } = await openWorld({
    agent: { turn: { silenceMs: 200, giveUpMs: 1_000 }, phrases: { recovery: RECOVERY, hold: 'One moment, please.' } },
  });
  const { call, events } = open();
  electron.fault({ type: 'status', status: 429, retryAfter: 0.4, ...always });
  expect(await call.say('how are you?')).toMatchObject({ outcome: 'failed' });
  expect(wordsOf(events, 1)).toMatch(/^One moment, please\..*Sorry, that went wrong\.$/);
  electron.clearFaults();
  expect(await call.say('and now?')).toMatchObject({ outcome: 'replied' });
});
