/** Names of people as they are said and spelled: `this is John Smith`, `मेरा नाम राहुल शर्मा है`, `s m i t h`. Pure. */
import { spelled } from './letters.ts';
import { NONE, type Reading } from './reading.ts';
import { folded, isCorrection, keysIn, tokensIn, type CollectLanguage } from './words.ts';

/** What stands before a name, in any of the languages; the longest first. */
const LEAD_INS: readonly RegExp[] = [
  /^(?:(?:yes|yeah|sure|okay|ok|so|um|uh|er|well|hi|hello|si|claro|bueno|hola|haan?|ha|ji|हां|जी|नमस्ते|no|sorry|sure thing|of course|actually|perdón|disculpe)[ ,.]+)+/u,
  /^(?:my (?:full |first |last |own )?name(?:'s| is)(?: actually| really)?|the name(?:'s| is)|first name|last name|this is|it(?:'s| is)|i am|i'm|you can call me|call me|name is)[ :,]+/u,
  /^(?:mi (?:nombre(?: completo)?|apellido) es|me llamo|soy|es|yo soy|a nombre de)[ :,]+/u,
  /^(?:मेरा (?:पूरा )?नाम|नाम|मैं|mera (?:poora |pura |full )?(?:naam|nam|name)|naam|main|mai)[ :,]+/u,
];
const ENDS =
  /[ ,.]+(?:speaking|here|is my name|calling|please|por favor|है|hai|हूं|hoon|hu|बोल रह[ाी] हूं|bol rah[aie] (?:hoon|hu|hun))[.!]*$/u;
/** Words with which nobody names themselves: the answer is something else. */
const OTHERS = new Set(
  `what why who how when where which can could would will do does don't dont is are was have has need want know tell help because about appointment the a an to of not my your me you it that this
  thanks thank repeat again question book order cancel que por cual como donde cuando quien quiero necesito puede no una un para porque cita
  क्या क्यों कौन कब कैसे कहां चाहिए करना मुझे आप बताओ बताइए kya kyun kaun kab kaise kahan chahiye karna mujhe aap batao yes si haan हां नहीं nahi`.split(
    /\s+/,
  ),
);
const MOST_WORDS = 5;

/** The name in an answer to the question for it. Undefined for what does not look like one. */
export function readName(text: string, language: CollectLanguage): Reading<string> {
  if (keysIn(text) !== undefined) return NONE;
  const parts = text.split(/[,.;]?\s+(?:no|sorry|perdón|digo|नहीं|nahi|matlab|i mean)[,.]?\s+/iu);
  for (const part of [...parts].reverse()) {
    const name = nameIn(part, language);
    if (name !== undefined) return { type: 'value', value: name };
  }
  return NONE;
}

function nameIn(text: string, language: CollectLanguage): string | undefined {
  const bare = withoutFrame(text);
  const inLetters = spelledName(bare, language);
  if (inLetters !== undefined) return inLetters;
  const said = bare.replace(/[,;]?\s*(?:spelled|that's spelt|spelt|se escribe|स्पेलिंग)\b.*$/iu, '').trim();
  const words = said.split(/\s+/).map((word) => word.replace(/^[^\p{L}]+|[^\p{L}\p{M}.]+$/gu, ''));
  const isName =
    words.length <= MOST_WORDS &&
    words.every((word) => /^\p{L}[\p{L}\p{M}.'’-]*$/u.test(word) && !OTHERS.has(folded(word))) &&
    words.some((word) => word.length > 1);
  return isName ? words.map(capitalized).join(' ').replace(/\.$/, '') : undefined;
}

/** The same words without "my name is". Folding keeps the number of characters of what is cut off the front near enough only for plain words, so the original is searched. */
function withoutFrame(text: string): string {
  let rest = text.normalize('NFC').trim().replace(/[’‘]/g, "'").replace(/हूँ/g, 'हूं').replace(/हाँ/g, 'हां');
  for (const pattern of [...LEAD_INS, ...LEAD_INS]) rest = rest.replace(new RegExp(pattern.source, 'iu'), '');
  return rest
    .replace(new RegExp(ENDS.source, 'iu'), '')
    .replace(/[.!?।,\s]+$/u, '')
    .trim();
}

/** `j o h n`, or `first name j o h n last name s m i t h`. */
function spelledName(text: string, language: CollectLanguage): string | undefined {
  const pieces = folded(text).split(/(?:first name|last name|surname|space|new word|apellido|espacio|and then)/u);
  const names = pieces.filter((piece) => piece.trim() !== '').map((piece) => spelled(tokensIn(piece), language));
  if (names.length === 0 || names.some((name) => name === undefined)) return undefined;
  return names.map((name) => capitalized(name ?? '')).join(' ');
}

/** As names are written: what is heard is written in small letters, or in capitals, by many. */
function capitalized(word: string): string {
  const isMixed = word !== word.toLowerCase() && word !== word.toUpperCase();
  return isMixed ? word : word.toLowerCase().replace(/(^|[-'’])\p{L}/gu, (letter) => letter.toUpperCase());
}

/** A name that was read back, with a word of it spelled anew; undefined when nothing tells. */
export function amendedName(known: string, text: string, language: CollectLanguage): string | undefined {
  const tokens = tokensIn(text).filter(
    (token) => !isCorrection(token, language) && !["it's", 'its', 'es', 'hai', 'है'].includes(token),
  );
  const letters = spelled(tokens, language);
  if (letters === undefined) {
    const again = readName(text, language);
    return again.type === 'value' && again.value.includes(' ') === known.includes(' ') ? again.value : undefined;
  }
  const words = known.split(' ');
  const sameStart = words.findIndex((word) => folded(word)[0] === letters[0]);
  if (words.length === 1) return capitalized(letters);
  if (sameStart === -1) return undefined;
  words[sameStart] = capitalized(letters);
  return words.join(' ');
}
