/**
 * Whether a call in virtual time is the truth: the same scripts over real sockets, in real time, have the same words, the
 * same tools and the same order, and what is heard when is heard then, as near as a busy machine can tell.
 *
 * Real time: that is what virtual time is compared with.
 */
import { expect, test } from 'vitest';
import type { CallResult, Turn } from '../../src/testing/result.ts';
import type { TestCall, TestCallOptions } from '../../src/testing/test-call.ts';
import { turnsOf } from '../../src/testing/turns.ts';
import { replies, startClinic } from './helpers/clinic.ts';

type Script = (call: TestCall) => Promise<unknown>;

const ask: Script = (call) => call.say('What is free tomorrow?');
const book: Script = (call) => call.say('Book ten for Jane Doe');

/** The caller cuts in at a word of the answer. */
const cutInAt =
  (word: string, first: string, second: string): Script =>
  async (call) => {
    const turn = call.say(first);
    await call.hears(word);
    await call.say(second);
    await turn;
  };

const under =
  (word: string, act: Script): Script =>
  async (call) => {
    const turn = call.say('What is free tomorrow?');
    await call.hears(word);
    await act(call);
    await turn;
  };

const CASES: [what: string, script: Script, options?: TestCallOptions][] = [
  ['a question and its tool', ask],
  ['a booking', book],
  ['two turns', async (call) => { await ask(call); await book(call); }], // prettier-ignore
  ['three turns, one without a tool', async (call) => { await ask(call); await call.say('Thank you'); await book(call); }], // prettier-ignore
  ['cut in early in the answer', cutInAt('On', 'What is free tomorrow?', 'Wait, which doctor is that?')],
  ['cut in at a day', cutInAt('Tuesday', 'What is free tomorrow?', 'Wait, which doctor is that?')],
  ['cut in late', cutInAt('suits', 'What is free tomorrow?', 'Book ten for Jane Doe')],
  ['cut in at the filler of a write', cutInAt('booking', 'Book ten for Jane Doe', 'Wait, is that with Doctor Lee?')],
  ['cut in when it is booked', cutInAt('booked', 'Book ten for Jane Doe', 'Thank you very much')],
  ['"mm-hm" under the answer', under('Tuesday', (call) => call.make('mm-hm'))],
  ['a cough under the answer', under('half', (call) => call.make('cough'))],
  ['"mm-hm" under the filler', under('check', (call) => call.make('mm-hm'))],
  ['a pause in the middle', (call) => call.say('Book ten for ... Jane Doe', { pauseMs: 350 })],
  ['something mumbled', (call) => call.say('What is free tomorrow?', { mumbled: 'Is anything free?' })],
  ['a greeting that is spoken over', async (call) => { await call.hears('this'); await ask(call); }, { greeting: 'running' }], // prettier-ignore
  ['a slow tool', ask, { tools: { find_appointments: { returns: { free_times: [] }, takes: 2_500 } } }],
  ['a quick tool', ask, { tools: { find_appointments: { returns: { free_times: [] } } } }],
  ['a tool that throws', book, { tools: { book_appointment: { throws: 'ECONNRESET 10.0.0.7', takes: 300 } } }],
  ['a model that is slow', ask, { faults: { model: [{ type: 'slow', firstTokenMs: 1_500 }] } }],
  ['a model that refuses once', ask, { faults: { model: [{ type: 'status', status: 429, retryAfter: 1 }] } }],
];

/** By phone, so that a machine of two cores keeps up. */
const AT_ONCE = 4;
const JITTER_FREE = { firstTokenMs: 250, tokenMs: 5, argumentsMs: 30, finishMs: 5 };

async function play(line: 'voice' | 'phone', script: Script, options: TestCallOptions = {}): Promise<CallResult> {
  await using call = await startClinic({ line, model: { replies, pace: JITTER_FREE }, ...options });
  await script(call);
  return call.hangUp();
}

/** A call of which this machine was too slow is void, and played again. */
async function playByPhone(script: Script, options: TestCallOptions | undefined): Promise<CallResult> {
  for (let tries = 1; ; tries++) {
    const result = await play('phone', script, options);
    if (result.troubles.length === 0 || tries === 3) return result;
  }
}

/**
 * What must be the same. Whether a turn had begun of which the caller's hanging up left nothing is a matter of an instant, and so
 * is whether a request that was refused was asked ahead: neither is looked at.
 */
function storyOf(result: CallResult) {
  const turns = turnsOf(result).filter(({ text, outcome }) => text !== '' || outcome !== 'interrupted');
  const numbers = new Set(turns.map(({ number }) => number));
  return {
    turns: turns.map(({ said, text, outcome }) => ({ said, text, outcome })),
    tools: result.tools.map(({ name, turn, ok, arguments: given }) => ({ name, turn, ok, given })),
    runs: result.runs?.map(({ name, isDone }) => ({ name, isDone })),
    requests: result.requests
      .filter(({ turn }) => numbers.has(turn))
      .map(({ turn, messages }) => [turn, messages.length]),
    end: result.end?.reason,
  };
}

test('twenty scripts by voice in virtual time and by phone: one story, and sounds at the same instants, as near as a busy machine can tell', async () => {
  const apart: { what: string; ms: number }[] = [];
  const ours = [];
  for (const [, script, options] of CASES) ours.push(await play('voice', script, options));
  for (let from = 0; from < CASES.length; from += AT_ONCE) {
    const part = CASES.slice(from, from + AT_ONCE);
    const theirs = await Promise.all(part.map(([, script, options]) => playByPhone(script, options)));
    for (const [index, [what]] of part.entries()) {
      const [voice, phone] = [ours[from + index]!, theirs[index]!];
      expect([what, storyOf(phone)]).toEqual([what, storyOf(voice)]);
      if (phone.troubles.length > 0) continue; // this machine was too slow, each time: its times say nothing
      const turns = turnsOf(phone);
      for (const [number, turn] of turnsOf(voice).entries())
        apart.push(...apartOf(turn, turns[number]).map((ms) => ({ what: `${what}, turn ${number}`, ms })));
    }
  }
  const sorted = apart.map(({ ms }) => ms).sort((one, other) => one - other);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Infinity;
  process.stdout.write(`twins: ${sorted.length} instants, p50 ${sorted[sorted.length >> 1]?.toFixed(1)} ms apart, p95 ${p95.toFixed(1)}, most ${sorted.at(-1)?.toFixed(1)}\n`); // prettier-ignore
  expect(sorted.length).toBeGreaterThan(25);
  // on a quiet machine it is 40 ms at p95; what else this one does is not told from what is wrong by less than this
  expect(sorted[sorted.length >> 1]).toBeLessThan(40);
  expect([p95 < 120, apart.filter(({ ms }) => ms > 60)]).toEqual([true, expect.anything()]);
}, 600_000);

/** First sound and yield. */
function apartOf(one: Turn, other: Turn | undefined): number[] {
  const pairs = [
    [one.latencyMs, other?.latencyMs],
    [one.answerMs, other?.answerMs],
    [one.interruption?.yieldMs, other?.interruption?.yieldMs],
  ];
  return pairs.flatMap(([mine, its]) => (mine === undefined || its === undefined ? [] : [Math.abs(mine - its)]));
}
