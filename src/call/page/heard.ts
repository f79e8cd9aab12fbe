/** Which words were heard, and when. Events tell what was heard of a turn; here it is laid over what was said in it. */
import type { Phrase, Picture, Scene, Stretch } from './picture.ts';

/** Gives every phrase its time on the line, and how much of it was heard. */
export function placePhrases(picture: Picture): void {
  for (const scene of picture.scenes) markHeard(scene);
  if (picture.hasAudio) placeInPlayback(picture);
  else for (const phrase of phrasesOf(picture)) phrase.heardFromMs = phrase.heard > 0 ? phrase.fromMs : undefined;
}

const phrasesOf = ({ scenes }: Picture): Phrase[] => scenes.flatMap(({ phrases }) => phrases);

/** Of a turn its end says it; of what is said between turns, an interruption; else all was heard. */
function markHeard(scene: Scene): void {
  const interruption = scene.moments.find((moment) => moment.type === 'interruption');
  if (scene.end) return markByWords(scene.phrases, scene.end.heard);
  const said = scene.phrases.map(({ text }) => text).join(' ');
  const letters = compact(said);
  const unheard = interruption ? compact(interruption.unheard).length : 0;
  markByWords(scene.phrases, letters.slice(0, Math.max(0, letters.length - unheard)));
}

/**
 * White space is not compared: between utterances it is the machine's own. A phrase of which nothing matches was lost
 * in the middle (its synthesis failed), and what was heard goes on with the next one.
 */
function markByWords(phrases: readonly Phrase[], heard: string): void {
  let rest = compact(heard);
  for (const phrase of phrases) {
    const matched = commonLength(compact(phrase.text), rest);
    phrase.heard = positionAfter(phrase.text, matched);
    rest = rest.slice(matched);
  }
}

const compact = (text: string): string => text.replace(/\s+/g, '');

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
