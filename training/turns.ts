/** Turns of callers from the grammars: what was asked, the words, where a caller may pause, how a service writes them. */
import { Grammar, pick, shareOf, type Dice, type Exchange, type Place, type Share, type Tongue } from './grammar.ts';

export type Style = 'punctuated' | 'plain' | 'changing';

export interface MadeTurn {
  tongue: Tongue;
  asked: string;
  kind: 'words' | 'digits';
  style: Style;
  words: string[];
  /** Behind each word but the last. */
  places: Place[];
  /** What is written behind each word, the last one as well. */
  marks: string[];
  /** The last sentence is a question. */
  asks: boolean;
}

const TAIL_SHARE = 0.22;
/** A caller may speak without having been asked. */
const NOT_HEARD_SHARE = 0.12;
/** What people say to a question is now and then no answer to it. */
const BESIDE_SHARE = 0.06;
const STALL_SHARE = 0.14;
const HESITATION_SHARE = 0.3;
const CORRECTION_SHARE = 0.05;

export function makeTurn(tongue: Tongue, dice: Dice, share: Share): MadeTurn {
  const grammar = new Grammar(tongue, dice, share);
  const exchange = pick(dice, tongue.exchanges);
  const asked = share === 'trained' && dice.next() < NOT_HEARD_SHARE ? '' : askedFor(tongue, exchange, dice, share);
  const turn: MadeTurn = {
    tongue,
    asked,
    kind: exchange.kind,
    style: styleOf(dice),
    words: [],
    places: [],
    marks: [],
    asks: false,
  };
  if (dice.next() < STALL_SHARE) say(turn, grammar, pick(dice, shareOf(tongue.stalls, share)), '|');
  say(
    turn,
    grammar,
    pick(dice, shareOf(exchange.answers, share)).replaceAll('{tail}', pick(dice, shareOf(tongue.tails, share))),
    '|',
  );
  if (exchange.kind === 'words' && dice.next() < TAIL_SHARE)
    say(turn, grammar, pick(dice, shareOf(tongue.tails, share)), '/');
  if (dice.next() < HESITATION_SHARE) hesitate(turn, dice);
  if (dice.next() < CORRECTION_SHARE) correct(turn, grammar, dice, exchange.answers, share);
  write(turn, dice);
  return turn;
}

function askedFor(tongue: Tongue, exchange: Exchange, dice: Dice, share: Share): string {
  const isBeside = share === 'trained' && exchange.kind === 'words' && dice.next() < BESIDE_SHARE;
  const others = tongue.exchanges.filter(({ kind }) => kind === 'words');
  return pick(dice, shareOf((isBeside ? pick(dice, others) : exchange).asks, share));
}

const styleOf = (dice: Dice): Style => pick(dice, ['punctuated', 'punctuated', 'plain', 'plain', 'changing']);

function say(turn: MadeTurn, grammar: Grammar, template: string, before: Place): void {
  const { words, places } = grammar.sentence(template.replaceAll(/[¿?]/g, ''));
  if (words.length === 0) return;
  turn.asks = template.endsWith('?');
  if (turn.words.length > 0) turn.places.push(before);
  turn.words.push(...words);
  turn.places.push(...places);
}

/** At a place where people pause, or before the first word. */
function hesitate(turn: MadeTurn, dice: Dice): void {
  const open = turn.places.flatMap((place, i) => (place === '|' ? [i + 1] : []));
  const at = open.length > 0 && dice.next() < 0.7 ? pick(dice, open) : 0;
  const sounds = pick(dice, turn.tongue.hesitations).split(' ');
  turn.words.splice(at, 0, ...sounds);
  turn.places.splice(at, 0, ...sounds.map((_, i): Place => (i === sounds.length - 1 ? '|' : '')));
}

/** Said once more, otherwise. */
function correct(turn: MadeTurn, grammar: Grammar, dice: Dice, answers: readonly string[], share: Share): void {
  say(turn, grammar, pick(dice, shareOf(turn.tongue.corrections, share)), '/');
  say(turn, grammar, pick(dice, shareOf(answers, share)).replaceAll('{tail}', ''), '|');
}

/** Marks as a service puts them: mostly right. */
function write(turn: MadeTurn, dice: Dice): void {
  const { words, places, style, tongue } = turn;
  const stop = tongue.stop ?? '.';
  turn.marks = words.map((_, i) => {
    if (style === 'plain') return '';
    const chance = dice.next();
    if (i === words.length - 1) return chance < 0.86 ? (turn.asks ? '?' : stop) : '';
    const place = places[i];
    if (place === '/') return chance < 0.6 ? stop : chance < 0.85 ? ',' : '';
    if (place === '|') return chance < 0.1 ? stop : chance < 0.36 ? ',' : '';
    return chance < 0.02 ? ',' : '';
  });
  turn.words = words.map((word, i) => {
    if (style === 'plain') return word.toLowerCase();
    const before = turn.marks[i - 1];
    const begins = i === 0 || before === stop;
    return begins ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  });
}

/**
 * With some of its words made strange, though they end as they did: so that what is learned of the others, of what was asked
 * and of how words end holds for words that nobody thought of.
 */
export function estranged(turn: MadeTurn, dice: Dice): MadeTurn {
  const known = new Set([...turn.tongue.digits, turn.tongue.double]);
  const words = turn.words.map((word) =>
    word.length < STRANGE_LENGTH || known.has(word.toLowerCase()) || dice.next() < 0.5 ? word : strangeWord(word, dice),
  );
  return { ...turn, words };
}

const STRANGE_LENGTH = 4;

function strangeWord(word: string, dice: Dice): string {
  const letters = [...word];
  const kept = letters.splice(-2).join('');
  const isUpper = word.charAt(0) !== word.charAt(0).toLowerCase();
  const strange = letters.map(() => pick(dice, letters)).join('') + pick(dice, letters).toLowerCase();
  return (isUpper ? strange.charAt(0).toUpperCase() : strange.charAt(0).toLowerCase()) + strange.slice(1) + kept;
}

/** The first words of a turn, as they are written. */
export function prefixOf({ words, marks, tongue }: MadeTurn, count: number, withMark = true): string {
  const parts = words.slice(0, count).map((word, i) => word + (i < count - 1 || withMark ? (marks[i] ?? '') : ''));
  return parts.join(tongue.isUnspaced ? '' : ' ');
}
