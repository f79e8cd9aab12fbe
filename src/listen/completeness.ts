/**
 * How words look to someone who waits for their end: finished, open, or still thinking; and what kind of answer a question
 * asks for. English, Hindi in Devanagari and Hindi in Latin letters. Pure. Knows no grammar: it knows the words that people
 * do not stop at.
 */

/** What the agent has just asked for. `digits`: how many, if that was said. */
export type Question = { kind: 'open' } | { kind: 'yes-no' } | { kind: 'number'; digits: number | undefined };

export const NO_QUESTION: Question = { kind: 'open' };

const list = (words: string) => new Set(words.trim().split(/\s+/));

/** A sentence that ends with one of these goes on. */
const OPEN_ENDINGS = list(`
  a an the and or but nor so then because cause if when while since unless until although though as than which who whom whose
  where what how why of to from for with without at by in into on onto about over under between before after during per via
  my your his her its our their is was are were am be been being do does did has have had will would
  can could shall should may might must need want wants wanna gonna like just very
  i'm i'll i'd i've it's that's there's let's he's she's we're they're you're we'll they'll we've i we they he she don't
  mrs mr dr plus minus dot dash slash underscore versus
  और या लेकिन पर मगर कि तो क्योंकि अगर जब जैसे के का की को से में तक लिए मेरा मेरी मेरे आपका आपकी हमारा हमारी उसका उसकी इसका इसकी
  वो यह ये मुझे हमें मैं हम
  aur ya lekin par magar ki toh kyunki agar jab jaise ke ka ko se mein tak liye mera meri mere aapka aapki hamara hamari uska
  uski woh yeh mujhe humein main hum
`);
/** What is said while thinking. A turn of nothing else is not over. */
const HESITATIONS = list(
  'um umm uh uhh uhm er err erm hm hmm mm well so like actually basically matlab मतलब उम अम हम्म तो toh',
);
const THINKING_PHRASES =
  /\b(let me (see|think|check)|i mean|you know|give me a (second|moment)|one (second|moment)|hold on)\b/gu;
/** Pauses that stand for nothing else, whatever is before them. */
const PAUSE_SOUNDS = list('um umm uh uhh uhm er err erm hm hmm matlab मतलब उम अम हम्म');
/** These close a sentence although their last word is in the list above. */
const OPEN_EXCEPTIONS = new RegExp(
  [
    'i (think|hope|guess) so|if so|i (do|did)|it (is|was|does|did)|(yes|no|yeah|sure) (i|it|they|we|you|he|she) \\S+',
    "that's it|like (this|that)|come in|log(ged)? in|sign(ed)? (in|up)|check in|how (is|are) (it|you|they)",
    'who (is|are) (it|this|that)',
  ]
    .map((phrases) => `(?:^|\\s)(?:${phrases})$`)
    .concat('^(what|where|when|why|how|who|which|so what|and you)$')
    .join('|'),
  'u',
);

const NUMBER_WORDS = new Map(
  Object.entries({
    zero: 1,
    oh: 1,
    o: 1,
    one: 1,
    two: 1,
    three: 1,
    four: 1,
    five: 1,
    six: 1,
    seven: 1,
    eight: 1,
    nine: 1,
    ten: 2,
    eleven: 2,
    twelve: 2,
    thirteen: 2,
    fourteen: 2,
    fifteen: 2,
    sixteen: 2,
    seventeen: 2,
    eighteen: 2,
    nineteen: 2,
    शून्य: 1,
    एक: 1,
    दो: 1,
    तीन: 1,
    चार: 1,
    पांच: 1,
    पाँच: 1,
    छह: 1,
    छः: 1,
    सात: 1,
    आठ: 1,
    नौ: 1,
    shunya: 1,
    do: 1,
    teen: 1,
    char: 1,
    chaar: 1,
    paanch: 1,
    panch: 1,
    chhe: 1,
    cheh: 1,
    saat: 1,
    aath: 1,
    nau: 1,
  }),
);
/** `twenty one` is two digits, not three. */
const TENS = list('twenty thirty forty fifty sixty seventy eighty ninety');
const REPEATS = new Map([
  ['double', 2],
  ['triple', 3],
]);

/** Words in lower case without the marks around them; marks inside, as in `i'm` and `10:30`, stay. */
export function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .split(/\s+/)
    .flatMap((word) => /[\p{L}\p{M}\p{N}](?:.*[\p{L}\p{M}\p{N}])?/su.exec(word) ?? []);
}

/** How a text ends shows in its last words: so many characters of it hold them. */
const END_CHARACTERS = 300;
/** The same of what the agent has said, for its last two sentences. */
const QUESTION_CHARACTERS = 1_000;

const endOf = (text: string, most = END_CHARACTERS) => (text.length > most ? text.slice(-most) : text);

/** Whether anything was said: a letter or a digit. Services send a lone full stop for a breath. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.slice(0, QUESTION_CHARACTERS));
}

/** Nothing but "um", "well", "let me see": the caller is about to speak. */
export function isHesitation(text: string): boolean {
  if (text.length > END_CHARACTERS) return false;
  const words = wordsIn(text);
  const rest = words.join(' ').replace(THINKING_PHRASES, ' ').trim();
  return words.length > 0 && (rest === '' || rest.split(/\s+/).every((word) => HESITATIONS.has(word)));
}

/** Whether more is to be expected after these words. */
export function looksOpen(text: string): boolean {
  const trimmed = endOf(text.trimEnd()).trim();
  if (/(,|:|;|-|–|—|\.\.\.|…)$/u.test(trimmed)) return true;
  const words = wordsIn(trimmed);
  const last = words.at(-1);
  if (last === undefined) return false;
  if (PAUSE_SOUNDS.has(last) || isHesitation(trimmed)) return true;
  if (trimmed.endsWith('?')) return false; // services put it where the voice has risen
  return OPEN_ENDINGS.has(last) && !OPEN_EXCEPTIONS.test(words.join(' '));
}

/** How many digits lie at the end of the words, spoken or written: `my number is double four 71` has 4. */
export function trailingDigits(text: string): number {
  const words = wordsIn(endOf(text));
  let digits = 0;
  for (let i = words.length - 1; i >= 0; i--) {
    const count = digitsOf(words, i);
    if (count === undefined) break;
    digits += count;
  }
  return digits;
}

function digitsOf(words: readonly string[], at: number): number | undefined {
  const word = words[at]!;
  const repeat = REPEATS.get(words[at - 1] ?? '') ?? 1;
  if (/^[\p{Nd}][\p{Nd}\-.,/]*$/u.test(word)) return word.replace(/[^\p{Nd}]/gu, '').length;
  if (TENS.has(word)) return digitsOf(words, at + 1) === 1 && !REPEATS.has(words[at + 1] ?? '') ? 1 : 2;
  const own = NUMBER_WORDS.get(word);
  if (own !== undefined) return own === 1 ? repeat : own;
  return REPEATS.has(word) || /^(and|plus|hyphen|dash)$/.test(word) ? 0 : undefined;
}

/** How many digits the last words hold. */
export function digitsIn(text: string): number {
  const words = wordsIn(endOf(text));
  return words.reduce((sum, _, i) => sum + (digitsOf(words, i) ?? 0), 0);
}

const AFFIRMATIONS = list(`
  yes yeah yep yup ya no nope nah sure ok okay correct right exactly absolutely definitely certainly please thanks thank you
  of course that's fine good perfect great it is not now really i do don't sir madam ma'am
  हाँ हां जी हा नहीं ना नही ठीक है बिल्कुल सही हाजी धन्यवाद शुक्रिया
  haan han ha haanji ji nahi nahin na theek thik hai bilkul sahi shukriya dhanyavaad
`);
const ANSWERS = list(
  'yes yeah yep yup ya no nope nah sure ok okay correct right exactly absolutely definitely certainly हाँ हां जी हा नहीं नही ठीक बिल्कुल सही haan han haanji ji nahi nahin theek thik bilkul sahi',
);

/** "Yes", "no thank you", "haan ji": a whole answer to a question of yes or no. */
export function isPlainAnswer(text: string): boolean {
  if (text.length > END_CHARACTERS) return false;
  const words = wordsIn(text);
  return words.length <= 5 && words.some((word) => ANSWERS.has(word)) && words.every((word) => AFFIRMATIONS.has(word));
}

const NUMBER_ASKED =
  /\b(numbers?|digits?|pin|otp|code|zip|postcode|pincode|aadhaar|pan|cvv|account|extension|date of birth|birth ?date|phone|mobile)\b|नंबर|अंक|कोड|पिन|जन्म|फ़ोन|फोन|मोबाइल/iu;
const ASKS =
  /\?|\b(please|tell|give|share|enter|read|say|spell|provide|confirm|may i have|can i have|what('s| is))\b|बताइए|बताएं|दीजिए|बताये|कृपया/iu;
const COUNTS = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const COUNT_BEFORE = new RegExp(
  `(?<![\\p{L}\\p{Nd}])(\\p{Nd}{1,2}|${COUNTS.slice(1).join('|')})[\\s-]+(?:digits?|numbers?|characters?|अंक\\p{M}*|ank)(?=\\P{L}|$)`,
  'iu',
);
const YES_NO_START =
  /^(is|are|am|was|were|do|does|did|can|could|would|will|shall|should|has|have|had|may|might|isn't|aren't|don't|doesn't|didn't|won't|wouldn't|couldn't|shouldn't|haven't|क्या|kya)\b/iu;
const YES_NO_END =
  /(?:^|[\s,])(right|correct|okay|ok|yes|is that so|ठीक है|सही है|ना|न|na|theek hai|sahi hai|है क्या|hai kya)\s*\?$/iu;
/** "Can you tell me where ..." asks for more than yes. */
const ASKS_MORE =
  /\b(what|which|when|where|who|whom|whose|why|how|tell me|give me|name|spell|or)\b|कौन|कब|कहाँ|कहां|क्यों|कैसे|कितन|या|kaun|kab|kahan|kyun|kaise|kitn/iu;

/** What the agent's words ask for, judged by their last sentence. */
export function questionIn(text: string): Question {
  const sentences =
    endOf(text.trimEnd(), QUESTION_CHARACTERS)
      .trim()
      .match(/[^.?!।]+[.?!।]*/gu) ?? [];
  const last = sentences.at(-1)?.trim() ?? '';
  const asked = last.includes('?') ? last : `${sentences.at(-2)?.trim() ?? ''} ${last}`.trim();
  if (NUMBER_ASKED.test(asked) && ASKS.test(asked) && !isConfirmation(last)) {
    const count = COUNT_BEFORE.exec(asked)?.[1]?.toLowerCase();
    const digits = count === undefined ? undefined : COUNTS.indexOf(count) > 0 ? COUNTS.indexOf(count) : Number(count);
    return { kind: 'number', digits };
  }
  return isYesNo(last) ? { kind: 'yes-no' } : NO_QUESTION;
}

function isYesNo(sentence: string): boolean {
  if (!sentence.endsWith('?')) return false;
  if (YES_NO_END.test(sentence)) return true;
  const start = sentence.replace(/^((so|and|okay|ok|alright|great|then|now|well|तो|अच्छा|achha|toh)[,\s]+)+/iu, '');
  const startsSo =
    YES_NO_START.test(start) ||
    /^क्या\s/u.test(start) ||
    /[,]\s*(is|are|do|does|did|can|could|would|shall|should|will)\b[^,]*\?$/iu.test(sentence);
  return startsSo && !ASKS_MORE.test(start.replace(/^(क्या|kya)/iu, ''));
}

/** "Is your number 4711, right?": a number is named, not asked for. */
function isConfirmation(sentence: string): boolean {
  return digitsIn(sentence) >= 3 && isYesNo(sentence);
}
