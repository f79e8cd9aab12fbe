/** Which words were heard, and when. Events tell what was heard of a turn; here it is laid over what was said in it. */
import type { Phrase, Picture, Scene, Stretch } from './picture.ts';

/**
 * Gives every phrase its time on the line, and how much of it was heard. `heardSoFar`: of the last scene, of a call that still
 * goes on.
 */
export function placePhrases(picture: Picture, heardSoFar?: string): void {
  const running = heardSoFar === undefined ? undefined : picture.scenes.at(-1);
  for (const scene of picture.scenes) markHeard(scene, scene === running ? heardSoFar : undefined);
  if (picture.hasAudio) placeInPlayback(picture);
  else for (const phrase of phrasesOf(picture)) phrase.heardFromMs = phrase.heard > 0 ? phrase.fromMs : undefined;
}

const phrasesOf = ({ scenes }: Picture): Phrase[] => scenes.flatMap(({ phrases }) => phrases);

/** Of a turn its end says it; of what is said between turns, an interruption; else all was heard. */
function markHeard(scene: Scene, heardSoFar: string | undefined): void {
  const interruption = scene.moments.find((moment) => moment.type === 'interruption');
  const heard = scene.end?.heard ?? heardSoFar;
  if (heard !== undefined) return markByWords(scene.phrases, heard);
  const said = scene.phrases.map(({ text }) => text).join(' ');
  const letters = compact(said);
  const unheard = interruption ? compact(interruption.unheard).length : 0;
  markByWords(scene.phrases, letters.slice(0, Math.max(0, letters.length - unheard)));
}

/**
 * What was heard is the beginning of every phrase, one after the other; of most of them it is the whole. White space is
 * not compared: between utterances it is the machine's own.
 */
function markByWords(phrases: readonly Phrase[], heard: string): void {
  let rest = compact(heard);
  const texts = phrases.map(({ text }) => compact(text));
  for (const [index, phrase] of phrases.entries()) {
    const matched = matchedLength(phrase.text, rest, texts.slice(index + 1));
    phrase.heard = positionAfter(phrase.text, matched);
    rest = rest.slice(matched);
  }
}

const compact = (text: string): string => text.replace(/\s+/g, '');

/** So much must fit for the rest of what was heard to be the beginning of a later phrase. */
const FIRST_LETTERS = 3;

/** How much of the phrase was heard: as much as fits, to a word's end, if what follows fits a later phrase. */
function matchedLength(text: string, heard: string, later: readonly string[]): number {
  const longest = commonLength(compact(text), heard);
  if (longest === heard.length || longest === compact(text).length) return longest;
  const fits = wordEnds(text).filter((end) => end <= longest && isBeginning(heard.slice(end), later));
  return fits.at(-1) ?? longest;
}

const isBeginning = (rest: string, texts: readonly string[]): boolean =>
  texts.some((text) => commonLength(text, rest) >= Math.min(FIRST_LETTERS, text.length, rest.length));

/** Counted in characters that are not white space, from nothing on. */
function wordEnds(text: string): number[] {
  const ends = [0];
  for (const word of text.split(/\s+/)) if (word !== '') ends.push((ends.at(-1) ?? 0) + word.length);
  return ends;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length++;
  return length;
}

/** Where `text` stands after so many of its characters that are not white space. */
function positionAfter(text: string, characters: number): number {
  let left = characters;
  let at = 0;
  for (; at < text.length && left > 0; at++) if (!/\s/.test(text[at] ?? '')) left--;
  return text.slice(at).trim() === '' ? text.length : at;
}

/** Utterances are played in the order in which they were said: a stretch of playback holds those said before its end. */
function placeInPlayback(picture: Picture): void {
  const waiting = phrasesOf(picture).filter(({ heard }) => heard > 0);
  for (const voice of picture.agentVoice) {
    const inside: Phrase[] = [];
    while (waiting[0] && waiting[0].fromMs < voice.toMs) inside.push(waiting.shift() as Phrase);
    shareOut(inside, voice);
  }
}

/** In one stretch, phrases get time by their length, but none begins before its first word was there. */
function shareOut(phrases: readonly Phrase[], { fromMs, toMs }: Stretch): void {
  const total = phrases.reduce((sum, { heard }) => sum + heard, 0);
  let before = 0;
  for (const phrase of phrases) {
    const estimateMs = fromMs + ((toMs - fromMs) * before) / Math.max(1, total);
    phrase.heardFromMs = Math.round(Math.max(estimateMs, before === 0 ? fromMs : phrase.fromMs));
    before += phrase.heard;
  }
}
