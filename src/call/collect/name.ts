/** Names of people as they are said and spelled: `this is John Smith`, `मेरा नाम राहुल शर्मा है`, `s m i t h`. Pure. */
import { spelled } from './letters.ts';
import { NONE, type Reading } from './reading.ts';
import { folded, isCorrection, keysIn, tokensIn, type CollectLanguage } from './words.ts';
import { isBareYesNo } from './yes-no.ts';

/** What stands before a name, in any of the languages; the longest first. */
const LEAD_INS: readonly RegExp[] = [
  /^(?:(?:yes|yeah|sure|okay|ok|so|um|uh|er|well|hi|hello|si|claro|bueno|hola|buen[oa]s (?:d[ií]as|tardes|noches)|good (?:morning|afternoon|evening)|haan?|ha|ji|हां|जी|नमस्ते|no|nahi|nahin|नहीं|नही|galat|sorry|sure thing|of course|actually|just|perdón|disculpe)[ ,.]+)+/u,
  /^(?:my (?:full |first |last |own )?name(?:'s| is)(?: actually| really)?|the name(?:'s| is)|first name|last name|this is|it(?:'s| is)|i am|i'm|you can call me|call me|name is)[ :,]+/u,
  /^(?:mi (?:nombre(?: completo)?|apellido) es|me llamo|se llama|soy|es|yo soy|a nombre de)[ :,]+/u,
  /^(?:मेरा (?:पूरा )?नाम|नाम|मैं|mera+ (?:poora |pura |full )?(?:naam|nam|name)|naam hai|naam|main|mai)[ :,]+/u,
];
const ENDS =
  /[ ,.]+(?:speaking|here|is my name|calling|please|por favor|है|hai(?: ji)?|हूं|hoon|hu|बोल रह[ाी] हूं|bol rah[aie] (?:hoon|hu|hun))[.!]*$/u;
/** Words with which nobody names themselves: the answer is something else. */
const OTHERS = new Set(
  `what why who how when where which can could would do does don't dont is are was have has need want know tell help because about appointment the a to of not my your me you it that this i we they
  thanks thank repeat again question book order cancel transfer speak talk call someone somebody person human agent operator representative department customer service billing support
  hold on one moment second minute wait just hang hello hi hey goodbye bye morning afternoon evening speaking here go ahead without never mind okay alright same as before after comma great fine good cool right wrong and from with
  que por cual como donde cuando quien quiero quisiera necesito puede puedo no una un para porque cita espere espera momento entiendo digame diga buenos buenas dias tardes noches adios muy bien con hola
  क्या क्यों कौन कब कैसे कहां चाहिए करना मुझे आप बताओ बताइए बताना एक मिनट रुको रुकिए kya kyun kaun kab kaise kahan chahiye karna mujhe aap batao batana ek minute minat ruko rukiye`.split(
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
  const bare = inOrder(withoutFrame(text));
  const inLetters = spelledName(bare, language);
  if (inLetters !== undefined) return inLetters;
  if (isBareYesNo(bare)) return undefined;
  const { said, letters } = withSpelling(bare, language);
  const words = toldOnce(said.split(/\s+/).map((word) => word.replace(/^[^\p{L}]+|[^\p{L}\p{M}.]+$/gu, '')));
  if (letters !== undefined) return respelled(words.map(capitalized), letters);
  const isName =
    words.length <= MOST_WORDS &&
    words.every((word) => /^\p{L}[\p{L}\p{M}.'’-]*$/u.test(word) && !OTHERS.has(folded(word))) &&
    words.some((word) => word.length > 1);
  return isName ? words.map(capitalized).join(' ').replace(/\.$/, '') : undefined;
}

/** The full stop that a recogniser hears in a pause: "John. Smith", but "Dr. Smith" and "A. J. Smith". */
const STOPPED = /(?<=[\p{L}\p{M}]{3,})\.\s+/gu;
const LAST_FIRST =
  /^(?:last name|surname|family name|apellido)?[ ,:]*(\S+?),? (?:first name|given name|nombre)(?: is)? (\S+)$/iu;
const FIRST_LAST = /^(\S+?),? (?:last name|surname|apellido)(?: is| es)? (\S+)$/iu;

/** "Last name Smith, first name John" in the order of a name. */
const inOrder = (text: string): string =>
  text.replace(STOPPED, ' ').replace(LAST_FIRST, '$2 $1').replace(FIRST_LAST, '$1 $2');

/** "John Smith, that's S M I T H": the name, and the letters behind it. */
function withSpelling(text: string, language: CollectLanguage): { said: string; letters: string | undefined } {
  const cut =
    /[,;]?\s+(?:(?:it's |that's |that is )?(?:spelled|spelt)|that's|se escribe|स्पेलिंग)\b\s*/iu.exec(text) ??
    /[,;]\s*/.exec(text);
  if (!cut) return { said: text, letters: undefined };
  const letters = spelled(tokensIn(text.slice(cut.index + cut[0].length)), language);
  const isAside = letters !== undefined || !/^[,;]\s*$/.test(cut[0]);
  return { said: isAside ? text.slice(0, cut.index).trim() : text, letters };
}

/** "Bond, James Bond", "John, John Smith". */
function toldOnce(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words.map(folded);
  return rest.length > 1 && first !== undefined && rest.includes(first) ? words.slice(1) : words;
}

/** The word that begins as the letters do is what they spell; a name of one word is. */
function respelled(words: readonly string[], letters: string): string | undefined {
  if (words.length === 1) return capitalized(letters);
  const at = words.findLastIndex((word) => folded(word)[0] === letters[0]);
  return at === -1 ? undefined : words.map((word, i) => (i === at ? capitalized(letters) : word)).join(' ');
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

const ABOUT = new Set(
  "it it's its that that's is es hai है the first last name surname apellido spelled spelt my with se escribe".split(
    ' ',
  ),
);

/** A name that was read back, with a word of it spelled anew; undefined when nothing tells. */
export function amendedName(known: string, text: string, language: CollectLanguage): string | undefined {
  const tokens = tokensIn(text).filter((token) => !isCorrection(token, language) && !ABOUT.has(token));
  const letters = spelled(tokens, language);
  if (letters === undefined) {
    const again = readName(text, language);
    return again.type === 'value' && again.value.includes(' ') === known.includes(' ') ? again.value : undefined;
  }
  return respelled(known.split(' '), letters);
}
