/**
 * `npm run train`: makes `src/listen/finished-weights.ts` from the grammars beside this, the same from the same seed.
 * `npm run train -- --own` makes the turns of `bench/turns/own.json` as well, of words that nothing was trained on.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TABLE_SIZE } from '../src/listen/finished-features.ts';
import { diceOf } from './dice.ts';
import { TONGUES } from './languages.ts';
import { ownCalls } from './own-set.ts';
import { judge, train } from './train.ts';
import { makeTurn } from './turns.ts';

const ROOT = join(import.meta.dirname, '..');
const SEED = 13;
const { values } = parseArgs({ options: { turns: { type: 'string', default: '160000' }, own: { type: 'boolean' } } });

/** A change of what is looked at makes old weights worthless. */
const VERSION = 2;
/** Weights are whole numbers of so many a unit, as many as a byte holds. */
const SCALE = 24;

const weights = train(TONGUES, diceOf(SEED), Number(values.turns));
const rounded = Int8Array.from(weights, (weight) => Math.max(-127, Math.min(127, Math.round(weight * SCALE))));
const asUsed = Float64Array.from(rounded, (weight) => weight / SCALE);
for (const { tongue } of TONGUES) {
  for (const share of ['trained', 'kept'] as const) {
    const { bits, found } = judge(asUsed, tongue, diceOf(SEED + 1), share);
    process.stdout.write(
      `${tongue.name.padEnd(8)} ${share.padEnd(8)} ${bits.toFixed(3)} bits, ${(100 * found).toFixed(0)} % of pauses told at 10 % of ends\n`,
    );
  }
}
writeWeights();
if (values.own)
  writeFileSync(join(ROOT, 'bench/turns/own.json'), `${JSON.stringify(ownCalls(diceOf(SEED + 2)), undefined, 1)}\n`);

function writeWeights(): void {
  const sample = diceOf(SEED);
  const made = Array.from({ length: 500 }, () => TONGUES.map(({ tongue }) => makeTurn(tongue, sample, 'trained')));
  const set = createHash('sha256')
    .update(JSON.stringify([made, values.turns]))
    .digest('hex')
    .slice(0, 16);
  const used = rounded.filter((weight) => weight !== 0).length;
  writeFileSync(
    join(ROOT, 'src/listen/finished-weights.ts'),
    `/** Made by \`npm run train\`: ${used} of ${TABLE_SIZE} weights, ${values.turns} turns, seed ${SEED}. Not to be edited. */
/** Counts what is looked at: weights of one version are worthless to another. */
export const WEIGHTS_VERSION = ${VERSION};
/** Of the turns that they were trained on. */
export const SET_HASH = '${set}';
/** So many make a unit of the logarithm of the odds. */
export const SCALE = ${SCALE};
/** A byte each, signed, in base 64. */
export const WEIGHTS =
  '${Buffer.from(rounded.buffer).toString('base64')}';
`,
  );
}
