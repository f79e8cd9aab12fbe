/** Part `replay`: how long it takes to run the machine over the recording of a long call, and whether it does the same. */
import { startChild } from '../frame/child.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure, median } from '../frame/statistics.ts';
import type { ReplayAnswer } from '../replay/child.ts';

const MINUTES = 30;
const TIMES = 7;

const part: Part = {
  name: 'replay',
  title: 'Replay of a recorded call',
  order: 3,
  predictions: { 'first replay of 30 minutes': '0.25 s', 'same effects': 'yes' },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  progress(`recording and replaying ${MINUTES} minutes`);
  const child = startChild({ file: built('bench/replay/child.ts') });
  try {
    return summarise(await child.ask<ReplayAnswer>({ lengthMs: MINUTES * 60_000, times: TIMES }));
  } finally {
    await child.stop();
  }
}

function summarise({ tookMs, events, effects, bytes, durationMs, difference }: ReplayAnswer): PartResult {
  const firstMs = tookMs[0] ?? NaN;
  const isLong = durationMs >= MINUTES * 60_000 - 1_000;
  return {
    method:
      `A call of ${MINUTES} minutes in virtual time: voice, interim transcripts, tools, interruptions. Recorded by the call itself, then ` +
      `replayed ${TIMES} times in one process; the first counts, since a user replays once.`,
    checks: [
      {
        what: 'first replay of 30 minutes',
        target: 'under 1 s',
        measured: `${figure(firstMs / 1_000)} s`,
        isMet: firstMs < 1_000 && isLong,
      },
      {
        what: 'same effects',
        target: 'byte for byte',
        measured: difference === undefined ? 'yes' : 'no',
        isMet: difference === undefined,
      },
    ],
    tables: [],
    notes: [
      `${(durationMs / 60_000).toFixed(1)} minutes, ${events} events with ${effects} effects, ${figure(bytes / 1_000)} kB; ` +
        `${figure(median(tookMs))} ms at the median of ${TIMES}, ${figure((1_000 * median(tookMs)) / events)} µs an event.`,
      ...(difference === undefined ? [] : [`First difference: ${difference}`]),
    ],
    headline: `${MINUTES} minutes in ${figure(firstMs)} ms, ${difference === undefined ? 'the same' : 'DIFFERENT'}`,
  };
}
