/**
 * Random calls, each legal, each with everything happening at any instant, judged after every event by helpers
 * that know the rules and not the machine: no illegal history, no double effect, no lost result, nothing said twice,
 * nothing after the end. A finding comes with the shortest script that shows it; paste it into `play` to follow it.
 * `PARLEY_INTERLEAVINGS` says how many; CI plays 100,000.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playRandomCall, type Finding, type Tally } from './helpers/random-call.ts';

const CALLS = Number(process.env.PARLEY_INTERLEAVINGS ?? 10_000);
/** Undefined: other calls each time. */
const SEED = process.env.PARLEY_INTERLEAVINGS_SEED;
const BATCH = 250;
/** Calls tried, once something was found, for a shorter script that shows the same. */
const SEARCH = 4_000;

test(
  `${CALLS.toLocaleString('en')} random calls: 0 illegal histories, 0 double effects, 0 lost results`,
  { timeout: Math.max(300_000, CALLS * 5) },
  () => {
    const tally: Tally = new Map();
    fc.assert(
      fc.property(fc.nat({ max: 8_000_000 }), (batch) => {
        const finding = playBatch(batch, tally);
        if (finding) throw new Error(show(shortest(finding)));
      }),
      { numRuns: Math.ceil(CALLS / BATCH), endOnFailure: true, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
    expect(missing(tally)).toEqual([]);
  },
);

/** What the calls must have met to be worth anything; each happens in many of any ten thousand. */
const CORNERS = `
  say answer, say greeting, say tool-filler, say progress, say nudge, say recovery, say verbatim,
  request auto, request none, run read, run write, run terminal,
  effect abort-step, effect cancel-tool, effect clear, effect pause, effect resume, effect hang-up, effect transfer,
  turn-end replied, turn-end interrupted, turn-end step-limit, turn-end cut, turn-end failed,
  tool-end late, turn of a late result, report interruption, report compaction, report error, report call-end,
  journal run, journal join, journal answer,
  settled ok, settled cancelled, settled timeout, settled tool-error, settled invalid-arguments, settled unknown-tool,
  facts in time, facts late, facts given up, answer-extra,
  turn of an early answer, a listener's word outlasts the answer, hello and the turn goes on, say too long,
  the line stops, the line stops and the turn goes on, the caller cut in and is asked, a turn waits for the line,
  report turn-taken-back, taken back twice, taken back and gone on, taken back and asked again,
  a write goes on in a turn that was taken back,
  asked ahead kept, asked ahead dropped, asked ahead failed, run ahead, effect prepare, effect unprepare,
  effect agent-change, agent-change all, agent-change none, agent-change summary, handed on, handed over while a write runs,
  task begun, task in a task, task begun while a write runs, task finished, task given-up, task something-else, task too-long,
  task call-ended, handover refused, handover taken back, hang-up in a handover,
  report hold-start, recording on hold, hold-end person, hold-end menu, hold-end too-long, hold-end call-ended,
  transfer in person, back from nobody, caller-turn while somebody is asked,
  hang-up while somebody is asked, a row of keys that nobody knows,
  digit, timer, hang-up, playback-idle, heard, transfer-failed, tool-progress, tool-call-failed, step-failed
`;

function missing(tally: Tally): string[] {
  const few = CALLS < 10_000 ? 1 : CALLS / 1_000;
  return CORNERS.split(',').flatMap((corner) => {
    const count = tally.get(corner.trim()) ?? 0;
    return count < few ? [`${corner.trim()}: ${count} times in ${CALLS} calls`] : [];
  });
}

/** The first finding of a batch of calls, or undefined. */
function playBatch(batch: number, tally: Tally): Finding | undefined {
  for (let i = 0; i < BATCH; i++) {
    const finding = playRandomCall(batch * BATCH + i, tally);
    if (finding) return finding;
  }
  return undefined;
}

/** What was broken, without the names and numbers of this one call. */
function kindOf({ problems }: Finding): string {
  return (problems[0] ?? '').slice(0, 40).replace(/\d+/g, '');
}

function shortest(finding: Finding): Finding {
  let best = finding;
  for (let seed = 0; seed < SEARCH; seed++) {
    const other = playRandomCall(seed);
    if (other && other.events < best.events && kindOf(other) === kindOf(finding)) best = other;
  }
  return best;
}

function show({ seed, problems, settings, script }: Finding): string {
  return [
    `seed ${seed}: playRandomCall(${seed})`,
    ...problems.map((problem) => `  ${problem}`),
    `play(\`\n${script}\n\`, { ...SETTINGS['${settings}'], timers: 'scripted' })`,
  ].join('\n');
}
