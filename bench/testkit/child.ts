/** Plays calls of the test kit: a minute by voice again and again, and many turns in text. */
import { z } from 'zod';
import { defineTool } from '../../src/index.ts';
import { startTestCall, type TestCall, type TestCallOptions } from '../../src/testing/index.ts';
import { answer } from '../frame/child.ts';

export interface TestkitQuestion {
  /** Calls by voice, and turns of each call in text. */
  calls: number;
  turns: number;
}

export interface TestkitAnswer {
  /** CPU of each call by voice, for 60 s of it. */
  cpuMsAMinute: number[];
  callMs: number;
  /** In text, of each of several calls. */
  text: { whole: number; first: number; last: number }[];
}

const find = defineTool({
  name: 'find_times',
  description: 'Finds free times on a day.',
  input: z.object({ date: z.string() }),
  effect: 'read',
  run: () => ({ free: ['10:00'] }),
});
const agent = {
  name: 'clinic',
  instructions: 'You answer the phone of a clinic.',
  greeting: 'Hello, this is the clinic.',
  tools: [find],
};
const replies = [
  { when: 'free', say: 'Let me check.', call: { name: 'find_times', arguments: { date: '2026-11-24' } } },
  { after: 'find_', say: 'On Tuesday I have ten, or half past two. Which one suits you?' },
  { say: 'Of course, I have written that down for you.' },
];
const tools = { find_times: { returns: { free: ['10:00'] }, takes: 400 } };
const start = (options: TestCallOptions) => startTestCall(agent, { tools, model: { replies }, ...options });
const CALLS_IN_TEXT = 3;
/** So many turns are timed as one, at either end of a call. */
const PART = 200;

answer(async ({ calls, turns }: TestkitQuestion): Promise<TestkitAnswer> => {
  await aMinute(await start({})); // so that what is measured is compiled
  const cpuMsAMinute: number[] = [];
  let callMs = 0;
  for (let at = 0; at < calls; at++) {
    const from = process.cpuUsage();
    callMs = await aMinute(await start({}));
    const { user, system } = process.cpuUsage(from);
    cpuMsAMinute.push(((user + system) / 1_000) * (60_000 / callMs));
  }
  await inText(PART);
  const text: TestkitAnswer['text'] = [];
  for (let at = 0; at < CALLS_IN_TEXT; at++) text.push(await inText(turns));
  return { cpuMsAMinute, callMs, text };
});

/** Half of it is speech, of one or the other. */
async function aMinute(call: TestCall): Promise<number> {
  while (call.atMs < 60_000) {
    await call.say('What is free tomorrow?');
    const second = call.say('And is there anything free on the day after?');
    await call.hears('Tuesday');
    await call.say('Ten is fine, thank you.');
    await second;
    await call.wait(1_500);
  }
  await call.hangUp();
  await call[Symbol.asyncDispose]();
  return call.atMs;
}

/** @throws when a turn was not answered: a refusal is soon there. */
async function inText(turns: number): Promise<TestkitAnswer['text'][number]> {
  const call = await start({ line: 'text', model: { replies, pace: 'instant' } });
  const atMs = [performance.now()];
  for (let at = 0; at < turns; at++) {
    const { outcome, text } = await call.say('Thank you');
    if (outcome !== 'replied') throw new Error(`Expected a reply to turn ${at + 1}, got ${outcome}: ${text}`);
    atMs.push(performance.now());
  }
  await call[Symbol.asyncDispose]();
  const speed = (from: number, to: number) => (1_000 * (to - from)) / ((atMs[to] ?? NaN) - (atMs[from] ?? NaN));
  return { whole: speed(0, turns), first: speed(0, PART), last: speed(turns - PART, turns) };
}
