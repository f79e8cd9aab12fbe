/** Part `testkit`: what a call of a test costs, by voice in virtual time and in text. */
import { startChild } from '../frame/child.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure, median } from '../frame/statistics.ts';
import type { TestkitAnswer } from '../testkit/child.ts';

const CALLS = 15;
/** Of each call in text. */
const TURNS = 2_000;
const CPU_TARGET_MS = 300;
const TURNS_TARGET = 1_000;

const part: Part = {
  name: 'testkit',
  title: 'A call of a test',
  order: 9,
  predictions: { 'CPU of 60 s by voice': '250 ms', 'turns in text': '800 a second' },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  progress(`playing ${CALLS} calls by voice and calls of ${TURNS} turns in text`);
  const child = startChild({ file: built('bench/testkit/child.ts') });
  try {
    return summarise(await child.ask<TestkitAnswer>({ calls: CALLS, turns: TURNS }));
  } finally {
    await child.stop();
  }
}

function summarise({ cpuMsAMinute, callMs, text }: TestkitAnswer): PartResult {
  const cpuMs = median(cpuMsAMinute);
  const whole = text.map((call) => call.whole);
  const turns = median(whole);
  const [first, last] = [median(text.map((call) => call.first)), median(text.map((call) => call.last))];
  return {
    method:
      `One process, after one call to warm it. By voice: ${CALLS} calls of ${figure(callMs / 1_000)} s with a greeting, a tool, cut-ins and ` +
      `pauses, from the agent as it is written to the call's result, user and system time together. In text: ${text.length} calls of ` +
      `${TURNS} turns, of fixed replies without a pace, by the clock of this machine.`,
    checks: [
      {
        what: 'CPU of 60 s by voice',
        target: `under ${CPU_TARGET_MS} ms`,
        measured: `${figure(cpuMs)} ms`,
        isMet: cpuMs < CPU_TARGET_MS,
      },
      {
        what: 'turns in text',
        target: `${TURNS_TARGET} a second`,
        measured: `${figure(turns)} a second`,
        isMet: turns >= TURNS_TARGET,
      },
      {
        what: 'the end of a long call in text, beside its begin',
        target: 'no slower by a quarter',
        measured: `${figure(last)} turns a second, beside ${figure(first)}`,
        isMet: last >= first * 0.75,
      },
    ],
    tables: [],
    notes: [
      `By voice from ${figure(Math.min(...cpuMsAMinute))} to ${figure(Math.max(...cpuMsAMinute))} ms; in text from ` +
        `${figure(Math.min(...whole))} to ${figure(Math.max(...whole))} turns a second.`,
    ],
    headline: `60 s by voice in ${figure(cpuMs)} ms of CPU, ${figure(turns)} turns a second in text`,
  };
}
