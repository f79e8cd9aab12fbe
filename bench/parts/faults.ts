/** Part `faults`: every fault of every service in the middle of a call, beside a call that must not notice. */
import { CELLS, FAULTS, LEFT_OUT, SERVICES } from '../faults/cells.ts';
import type { FaultsQuestion } from '../faults/child.ts';
import type { CellResult } from '../faults/run.ts';
import { matrixTable } from '../faults/table.ts';
import { startChild } from '../frame/child.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure } from '../frame/statistics.ts';

/** The agent's own times, as they are when nobody sets them. */
const TIMINGS = { silenceMs: 1_500, progressMs: 4_000, giveUpMs: 20_000 };
/** One process plays all parts of so many cells, and can still tell the time. */
const AT_ONCE = 6;

const part: Part = {
  name: 'faults',
  title: 'Faults in the middle of a call',
  order: 5,
  predictions: {
    'cells in which all is well': 'all but 3: a transcriber that hangs or stalls, a voice cut off in mid-sentence',
    'longest wait for the first sound': '2,300 ms: endpointing, `silenceMs`, a phrase from the cache',
    'longest silence': '4,300 ms: `progressMs`',
    'other calls that noticed': '0',
    'cells of a vendor that end no call, and lose no word, with a fallback': 'all',
  },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  const batches = batchesOf(CELLS.map((_, at) => at));
  const results: CellResult[] = [];
  for (const [index, cells] of batches.entries()) {
    progress(`batch ${index + 1} of ${batches.length}`);
    const child = startChild({ file: built('bench/faults/child.ts') });
    try {
      const question: FaultsQuestion = { cells, timings: TIMINGS };
      results.push(...(await child.ask<CellResult[]>(question)));
    } finally {
      await child.stop();
    }
  }
  return summarise(inOrder(results));
}

/** Those that take long run together, last. */
function batchesOf(all: readonly number[]): number[][] {
  const quick = all.filter((at) => CELLS[at]?.takesMs === undefined);
  const slow = all.filter((at) => CELLS[at]?.takesMs !== undefined);
  const batches: number[][] = [];
  for (let at = 0; at < quick.length; at += AT_ONCE) batches.push(quick.slice(at, at + AT_ONCE));
  return slow.length === 0 ? batches : [...batches, slow];
}

function inOrder(results: readonly CellResult[]): CellResult[] {
  const place = ({ service, fault }: CellResult) =>
    SERVICES.findIndex((one) => one === service) * FAULTS.length + FAULTS.findIndex((one) => one === fault);
  return [...results].sort((one, other) => place(one) - place(other));
}

function summarise(results: readonly CellResult[]): PartResult {
  const well = results.filter(({ problems }) => problems.length === 0).length;
  const noticed = results.filter(({ problems }) => problems.some((one) => one.startsWith('the other call'))).length;
  const withFallback = results.flatMap((one) => one.withFallback ?? []);
  const saved = withFallback.filter(({ end, problems }) => end === 'goes on' && problems.length === 0).length;
  const onTheLine = results.filter(({ end }) => end === 'goes on' || end.endsWith('-failed'));
  const firstMs = Math.max(...onTheLine.map((one) => one.firstMs));
  const silenceMs = Math.max(...onTheLine.map((one) => one.longestSilenceMs));
  return {
    method:
      `The worker of \`parley serve\` with its stand-ins and two callers over loopback sockets, ${AT_ONCE} such cells at once in one process. Both ` +
      'callers have asked one question and heard the answer; then the fault is put in place, and one asks again, beside the other, who ' +
      "must not notice. Everything is measured at the caller's end of the line, from the tones that it heard. Well: something was heard " +
      'within endpointing (700 ms) and `silenceMs` (1,500), no later silence was longer than `progressMs` (4,000), each with 300 ms ' +
      'of slack and what this process was late; then the call went on, or ended with words; and the other call heard its answer, whole. ' +
      'With a fallback: the same with an agent that lists a second vendor of each kind at addresses of their own; the voice tells the times of its words. The call goes on, and the ' +
      'answer is heard without a word lost or said twice, unless the model itself broke off in the middle of it (R10).',
    checks: [
      {
        what: 'cells in which all is well',
        target: `all ${results.length}`,
        measured: String(well),
        isMet: well === results.length,
      },
      {
        what: 'longest wait for the first sound',
        target: 'at most 2,500 ms',
        measured: `${figure(firstMs)} ms`,
        isMet: firstMs <= 2_500,
      },
      {
        what: 'longest silence',
        target: 'at most 4,300 ms',
        measured: `${figure(silenceMs)} ms`,
        isMet: silenceMs <= 4_300,
      },
      {
        what: 'cells of a vendor that end no call, and lose no word, with a fallback',
        target: `all ${withFallback.length}`,
        measured: String(saved),
        isMet: saved === withFallback.length,
      },
      { what: 'other calls that noticed', target: '0', measured: String(noticed), isMet: noticed === 0 },
    ],
    tables: [matrixTable('Fault by fault', results)],
    notes: [
      `This process was late by at most ${figure(Math.max(...results.map(({ lateMs }) => lateMs)))} ms in a turn.`,
      ...LEFT_OUT.map(({ service, reason }) => `${service}: not run. ${reason}`),
    ],
    headline: `${well} of ${results.length} cells well; first sound after ${figure(firstMs)} ms at most, silence of ${figure(silenceMs)} ms at most`,
  };
}
