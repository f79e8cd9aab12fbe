/**
 * 100,000 random calls, each legal, each with everything happening at any instant, judged after every event by helpers
 * that know the rules and not the machine: no illegal history, no double effect, no lost result, nothing said twice,
 * nothing after the end. A finding comes with the shortest script that shows it; paste it into `play` to follow it.
 * `PARLEY_INTERLEAVINGS=1000000` plays more.
 */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { playRandomCall, type Finding } from '../helpers/random-call.ts';

const CALLS = Number(process.env.PARLEY_INTERLEAVINGS ?? 100_000);
const BATCH = 250;
/** Calls tried, once something was found, for a shorter script that shows the same. */
const SEARCH = 4_000;

/** The first finding of a batch of calls, or undefined. */
function playBatch(seed: number): Finding | undefined {
  for (let i = 0; i < BATCH; i++) {
    const finding = playRandomCall(seed * BATCH + i);
    if (finding) return finding;
  }
  return undefined;
}

/** What was broken, without the names and numbers of this one call. */
const ruleOf = (finding: Finding) => (finding.problems[0] ?? '').slice(0, 12);

function shortest(finding: Finding): Finding {
  let best = finding;
  for (let seed = 0; seed < SEARCH; seed++) {
    const other = playRandomCall(seed);
    if (other && other.events < best.events && ruleOf(other) === ruleOf(finding)) best = other;
  }
  return best;
}

function show({ seed, problems, settings, script }: Finding): string {
  return `seed ${seed}, settings '${settings}'\n  ${problems.join('\n  ')}\n${script}`;
}

describe('random interleavings', () => {
  test(
    `${CALLS.toLocaleString('en')} calls: 0 illegal histories, 0 double effects, 0 lost results`,
    { timeout: Math.max(120_000, CALLS * 3) },
    () => {
      fc.assert(
        fc.property(fc.nat({ max: 8_000_000 }), (seed) => {
          const finding = playBatch(seed);
          if (finding) throw new Error(show(shortest(finding)));
        }),
        { numRuns: Math.ceil(CALLS / BATCH), endOnFailure: true },
      );
    },
  );
});
