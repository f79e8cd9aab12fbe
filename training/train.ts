/**
 * Weights by logistic regression: of every place in a turn where somebody may pause, whether the turn ends there. Steps that
 * adapt themselves (AdaGrad), the same for the same seed.
 */
import { featuresOf, readingOf, TABLE_SIZE } from '../src/listen/finished-features.ts';
import { questionIn } from '../src/listen/question.ts';
import { speechOf } from '../src/listen/speech-of.ts';
import { pick, type Dice, type Share, type Tongue } from './grammar.ts';
import { estranged, makeTurn, prefixOf, type MadeTurn } from './turns.ts';

interface Example {
  places: number[];
  isEnd: boolean;
  weight: number;
}

/** How often somebody pauses there, beside the one silence at the end of the turn. */
const PAUSES = { '|': 0.42, '/': 0.42, '': 0.06 };
/** Of the turns, so many have words that do not exist. */
const STRANGE_SHARE = 0.7;
const DROPPED_SHARE = 0.3;
const RATE = 0.15;
const SHRINK = 2e-5;

function* examplesOf(turn: MadeTurn, dice: Dice): Generator<Example> {
  const speech = speechOf(pick(dice, turn.tongue.codes));
  const question = questionIn(turn.asked, speech);
  const { words, places } = turn;
  for (let count = 1; count <= words.length; count++) {
    const isEnd = count === words.length;
    // interims are often without the mark that the final will have
    const text = prefixOf(turn, count, dice.next() < 0.6);
    const seen = featuresOf(readingOf(text, question, speech), question, speech);
    yield { places: seen, isEnd, weight: isEnd ? 1 : PAUSES[places[count - 1] ?? ''] };
  }
}

export function train(tongues: readonly { tongue: Tongue; share: number }[], dice: Dice, turns: number): Float64Array {
  const weights = new Float64Array(TABLE_SIZE);
  const squares = new Float64Array(TABLE_SIZE).fill(1e-3);
  const bag = tongues.flatMap(({ tongue, share }) => Array<Tongue>(share).fill(tongue));
  for (let i = 0; i < turns; i++) {
    const made = makeTurn(pick(dice, bag), dice, 'trained');
    const turn = dice.next() < STRANGE_SHARE ? estranged(made, dice) : made;
    for (const example of examplesOf(turn, dice)) learn(partOf(example, dice), weights, squares);
  }
  return weights;
}

/** Without some of what is looked at, so that nothing is relied on alone. */
const partOf = (example: Example, dice: Dice): Example => ({
  ...example,
  places: example.places.filter(() => dice.next() >= DROPPED_SHARE),
});

function learn({ places, isEnd, weight }: Example, weights: Float64Array, squares: Float64Array): void {
  const error = weight * (probability(places, weights) - (isEnd ? 1 : 0));
  for (const place of places) {
    const gradient = error + SHRINK * weights[place]!;
    squares[place]! += gradient * gradient;
    weights[place]! -= (RATE * gradient) / Math.sqrt(squares[place]!);
  }
}

const oddsOf = (places: readonly number[], weights: Float64Array): number =>
  places.reduce((sum, place) => sum + weights[place]!, 0);

const probability = (places: readonly number[], weights: Float64Array): number =>
  1 / (1 + Math.exp(-oddsOf(places, weights)));

/** How well it tells ends from pauses: mean loss in bits, and how often a pause is told to be one at 10 % of ends lost. */
export function judge(weights: Float64Array, tongue: Tongue, dice: Dice, share: Share, turns = 600) {
  const ends: number[] = [];
  const pauses: { odds: number; weight: number }[] = [];
  let [loss, total] = [0, 0];
  for (let i = 0; i < turns; i++) {
    for (const { places, isEnd, weight } of examplesOf(makeTurn(tongue, dice, share), dice)) {
      const odds = oddsOf(places, weights);
      loss += weight * Math.log2(1 + Math.exp(isEnd ? -odds : odds));
      total += weight;
      if (isEnd) ends.push(odds);
      else pauses.push({ odds, weight });
    }
  }
  ends.sort((one, other) => one - other);
  const limit = ends[Math.floor(ends.length / 10)]!;
  const all = pauses.reduce((sum, { weight }) => sum + weight, 0);
  const found = pauses.reduce((sum, { odds, weight }) => sum + (odds < limit ? weight : 0), 0);
  return { bits: loss / total, found: found / all };
}
