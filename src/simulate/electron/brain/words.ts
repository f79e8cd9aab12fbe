/**
 * Words and what they mean, as far as matching needs it: tokens with their place, endings taken off, everyday synonyms
 * of service desks put together. English.
 */

export interface Token {
  text: string;
  lower: string;
  start: number;
  end: number;
}

const TOKEN = /[\p{L}\p{M}]+(?:['’][\p{L}]+)*|\d+(?:[.,:]\d+)*/gu;

export function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => ({
    text: match[0],
    lower: match[0].toLowerCase().replaceAll('’', "'"),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The words of an identifier: `checkInDate` and `check_in_date` are `check`, `in`, `date`. */
export function nameWords(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** An identifier as one would say it. */
export function sayName(name: string): string {
  return nameWords(name)
    .join(' ')
    .replace(/^lookup /, 'look up ');
}

/** What a tool is, and not what it is about: `menu_lookup` is about the menu, `find_free_slots` about free slots. */
const DOING = new Set(
  `lookup look up find search check list show get fetch query read view browse retrieve tell give track answer ask
   finder checker searcher reader service tool api info information details request handler by`.split(/\s+/),
);

/** The words of the thing that a tool is about, its verbs left out; all of them when nothing else is left. */
export function thingWords(name: string): string[] {
  const words = nameWords(name);
  let [from, to] = [0, words.length];
  while (to > 1 && DOING.has(words[to - 1] ?? '')) to--;
  while (from < to - 1 && DOING.has(words[from] ?? '')) from++;
  const thing = words.slice(from, to);
  return thing.every((word) => DOING.has(word)) ? words : thing;
}

/** Whether its name has its verb behind, or none that says what it does: one looks the thing up. */
export function isLookup(name: string): boolean {
  const words = nameWords(name);
  return words.length > 1 && DOING.has(words.at(-1) ?? '') && !DOING.has(words[0] ?? '');
}

const STOP_WORDS = new Set(
  `a an the i me my mine you your yours he she it its we us our they them their this that these those here there
   is are was were be been being am do does did done have has had having will would can could shall should may might must
   of in on at to for from by with as into about than so and or but if then because please thanks thank just also too
   what which who whom whose how why not no yes yeah ok okay hi hello hey um uh well like want need wanna gonna let lets
   get got give go going i'd i'm i'll i've it's that's there's what's where's who's you're don't can't couldn't isn't
   tell say know help some any all one ones more much many very really now actually again still only out up off over
   call called caller user customer client person's use used uses using tool returns return given when such e.g example
   optional required value string number name time date day today tomorrow morning afternoon evening o'clock am pm
   something anything thing things right sure maybe quick quickly`
    .split(/\s+/)
    .filter(Boolean),
);

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word.toLowerCase().replaceAll('’', "'"));
}

/** Takes endings off, so that `bookings`, `booked` and `booking` are the same word. Not a linguist. */
export function stem(word: string): string {
  let stemmed = word.toLowerCase().replaceAll('’', "'").replace(/'s$/, '');
  for (const [ending, rest] of ENDINGS) {
    if (!stemmed.endsWith(ending) || stemmed.length - ending.length < 3) continue;
    stemmed = stemmed.slice(0, stemmed.length - ending.length) + rest;
    break;
  }
  return stemmed.replace(/([bdglmnprt])\1$/, '$1').replace(/(?<=..)e$/, '');
}

const ENDINGS: readonly [ending: string, rest: string][] = [
  ['ations', 'at'],
  ['ation', 'at'],
  ['ments', 'ment'],
  ['ings', ''],
  ['ing', ''],
  ['ies', 'y'],
  ['ied', 'y'],
  ['sses', 'ss'],
  ['ss', 'ss'],
  ['us', 'us'],
  ['ed', ''],
  ['s', ''],
];

/** One line, one meaning; its first word names it. A word stands in one line only. */
const MEANINGS = `
find search look lookup check see show list fetch available availability free browse retrieve hear read view
book reserve schedule arrange reservation booking
cancel delete remove drop scrap
change move reschedule update modify edit shift postpone amend
appointment slot visit consultation
order purchase
parcel package shipment delivery deliver delivered ship shipped tracking track arrive courier
hours hour open opens close closes closed
price cost costs fee charge charges expensive cheap
pay payment settle
transfer wire remit send
human agent representative operator receptionist colleague staff someone somebody person
weather forecast rain raining rainy temperature sunny snow hot cold
refund reimburse reimbursement
balance funds
status late delay delayed progress state
flight plane fly flying
hotel room stay accommodation lodging
restaurant table dinner lunch
block freeze lock disable stolen lost
doctor physician dr gp dentist
invoice bill receipt
message note memo
transactions transaction statement
contact reach phone telephone
address location directions located`;

const MEANING_OF = new Map<string, string>();
for (const line of MEANINGS.trim().split('\n')) {
  const words = line.split(' ');
  for (const word of words) MEANING_OF.set(stem(word), stem(words[0] ?? word));
}

/** Words that were met, with their meaning: people use the same few hundred again and again. */
const KNOWN = new Map<string, string>();
const KNOWN_LIMIT = 10_000;

/** What a word stands for: the name of its group of synonyms, or its stem. */
export function meaningOf(word: string): string {
  const known = KNOWN.get(word);
  if (known !== undefined) return known;
  const stemmed = stem(word);
  const meaning = MEANING_OF.get(stemmed) ?? stemmed;
  if (KNOWN.size >= KNOWN_LIMIT) KNOWN.clear();
  KNOWN.set(word, meaning);
  return meaning;
}

/** Whether two words say the same. Words of looking stand for so much that they must be the very same. */
export function isSameMeaning(a: string | undefined, b: string): boolean {
  if (a === undefined) return false;
  const meaning = meaningOf(a);
  return a === b || (meaning !== 'find' && meaning === meaningOf(b));
}

/** The meanings in a text, without words that mean little. */
export function meaningsIn(text: string): Set<string> {
  return new Set(
    tokensOf(text)
      .filter((token) => !isStopWord(token.lower))
      .map((token) => meaningOf(token.lower)),
  );
}

/** The same of an identifier; nothing is left out but the smallest words. */
export function meaningsInName(name: string): Set<string> {
  return new Set(
    nameWords(name)
      .filter((word) => !SMALL_WORDS.has(word))
      .map(meaningOf),
  );
}

const SMALL_WORDS = new Set(['a', 'an', 'the', 'of', 'to', 'for', 'in', 'on', 'at', 'by', 'and', 'or', 'get', 'do']);

const AFFIRMATIVE =
  /^(?:(?:oh|um|uh|well|and)[\s,]+)*(?:yes|yeah|yep|yup|sure|ok|okay|alright|all right|right|correct|exactly|absolutely|definitely|of course|please do|go ahead|go for it|do it|do that|sounds good|that'?s (?:right|fine|correct|good|great)|perfect|great|fine|that works)\b/i;
const NEGATIVE =
  /^(?:(?:oh|um|uh|well)[\s,]+)*(?:no|nope|nah|not now|don'?t|never mind|nevermind|that'?s wrong|stop)\b/i;

export function isAffirmative(text: string): boolean {
  return AFFIRMATIVE.test(text.trim());
}

export function isNegative(text: string): boolean {
  return NEGATIVE.test(text.trim());
}

/** Whether the agent's words end in a question. */
export function isQuestion(text: string): boolean {
  return text.trimEnd().endsWith('?');
}
