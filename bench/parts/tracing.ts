/** Part `tracing`: what an event of a call costs when nobody follows it, and when traces or metrics do. */
import { startChild } from '../frame/child.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure } from '../frame/statistics.ts';
import { WAYS, type TracingAnswer, type TracingQuestion } from '../tracing/ways.ts';

const QUESTION: TracingQuestion = { turns: 1_000, rounds: 9 };
/** What is measured twice differs by more than that on a machine that does other things besides. */
const NOTHING_NS = 50;

const part: Part = {
  name: 'tracing',
  title: 'Following a call',
  order: 6,
  predictions: { 'an event, traces off': 'as without', 'an event, traces on': 'under 500 ns more' },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  progress('calls in text, followed in five ways');
  const child = startChild({ file: built('bench/tracing/child.ts') });
  try {
    return summarise(await child.ask<TracingAnswer>(QUESTION));
  } finally {
    await child.stop();
  }
}

function summarise(answer: TracingAnswer): PartResult {
  const more = (way: keyof TracingAnswer) => answer[way] - answer['not followed'];
  const [offNs, onNs] = [more('traced, off'), more('traced, recorded')];
  return {
    method:
      `Text calls of 20 turns with 60 deltas each and no network; ${QUESTION.turns} turns for each way of following them, the ways in ` +
      `turns, ${QUESTION.rounds} times after one to warm up; the best of these. CPU time of the process, since other work would be in any other. "Recorded": every span is made and ended, and dropped where it would be exported.`,
    checks: [
      {
        what: 'an event, traces off',
        target: `at most ${NOTHING_NS} ns more`,
        measured: `${figure(offNs)} ns more`,
        isMet: offNs <= NOTHING_NS,
      },
      { what: 'an event, traces on', target: '', measured: `${figure(onNs)} ns more`, isMet: undefined },
    ],
    tables: [
      {
        title: 'CPU of one event',
        columns: ['followed by', 'ns', 'more'],
        rows: WAYS.map((way) => [way, figure(answer[way]), figure(more(way))]),
      },
    ],
    notes: [],
    headline: `${figure(offNs)} ns an event more with traces off, ${figure(onNs)} ns with them on`,
  };
}
