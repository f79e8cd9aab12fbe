/**
 * Turns with pauses for the bench, of words that were kept from training: another measure than the shared one, to see whether
 * what was learned holds elsewhere. Pauses are as long as `shared/turns` says that those of real callers are.
 */
import type { CallerTurn } from '../bench/turns/set.ts';
import { pick, type Dice, type Tongue } from './grammar.ts';
import { MAIN } from './languages.ts';
import { makeTurn, prefixOf, type MadeTurn } from './turns.ts';

const CALLS = 60;
const TURNS = 7;
const PAUSED = { '|': 0.42, '/': 0.42, '': 0.05 };
/** Shares of pauses that are longer than so many milliseconds; between them, evenly on a logarithm. */
const LONGER: readonly [share: number, ms: number][] = [
  [1, 140],
  [0.6, 300],
  [0.22, 600],
  [0.1, 1_000],
  [0.05, 1_600],
  [0.01, 3_000],
  [0, 4_000],
];

export function ownCalls(dice: Dice): CallerTurn[] {
  const turns: CallerTurn[] = [];
  const bag = MAIN.flatMap(({ tongue, share }) => Array<Tongue>(share).fill(tongue));
  for (let call = 0; call < CALLS; call++) {
    const tongue = pick(dice, bag);
    for (let i = 0; i < TURNS; i++) {
      const turn = turnOf(makeTurn(tongue, dice, 'kept'), dice);
      turns.push({ id: turns.length, caller: `own-${call}`, ...turn });
    }
  }
  return turns;
}

function turnOf(made: MadeTurn, dice: Dice): Omit<CallerTurn, 'id' | 'caller'> {
  const { tongue, asked, kind, style, words, places, marks } = made;
  const pauses = words.map((_, i) => {
    const place = places[i];
    return place !== undefined && dice.next() < PAUSED[place] ? pauseOf(dice) : undefined;
  });
  const parts: CallerTurn['parts'] = [];
  let from = 0;
  for (const [i, pauseMs] of pauses.entries()) {
    if (pauseMs === undefined && i < words.length - 1) continue;
    const slice = { ...made, words: words.slice(from, i + 1), marks: marks.slice(from, i + 1) };
    const text = prefixOf(slice, i + 1 - from, false);
    const voiceMs = Math.max(260, Math.round((text.length * 62) / 20) * 20);
    parts.push({ words: text, voiceMs, mark: marks[i] ?? '', ...(pauseMs !== undefined && { pauseMs }) });
    from = i + 1;
  }
  const complete = pauses.flatMap((pauseMs, i) => (pauseMs === undefined ? [] : [places[i] === '/']));
  const language = tongue.name === 'hi-Latn' ? 'hinglish' : tongue.name;
  return { language, variety: tongue.name, kind: kindOf(kind, words, complete), style, asked, parts, complete };
}

function kindOf(kind: MadeTurn['kind'], words: readonly string[], complete: readonly boolean[]): string {
  if (kind === 'digits') return 'digits';
  if (complete.length === 0) return words.length === 1 ? 'one word' : 'flowing';
  return complete.every((one) => one) ? 'complete pause' : 'open pause';
}

function pauseOf(dice: Dice): number {
  const share = dice.next();
  const at = LONGER.findIndex(([longer]) => longer <= share);
  const [[more, least] = [1, 140], [less, most] = [0, 4_000]] = [LONGER[at - 1] ?? LONGER[0], LONGER[at]];
  const part = (more - share) / (more - less || 1);
  return Math.round((least * (most / least) ** part) / 20) * 20;
}
