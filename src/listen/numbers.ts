/**
 * Numbers as they are said and written: how many digits lie in some words. `double four 71` has 4. Pure; by language, since
 * what is a number in one is any word in another.
 */
import type { Speech } from './speech-of.ts';

/** How a language says digits, as words with spaces between. */
interface NumberWords {
  /** One digit each. */
  ones: string;
  /** Two digits each, whatever follows. */
  twos: string;
  /** Two digits, or one when another digit follows: `twenty one`. */
  tens: string;
  /** Parts of amounts, which are no digits: `hundred`. */
  amounts: string;
  /** The next digit, so many times: `double` is 2. */
  repeats?: Readonly<Record<string, number>>;
  /** Numbers that are written as one word. */
  pattern?: RegExp;
}

const ENGLISH: NumberWords = {
  ones: 'zero oh o nought one two three four five six seven eight nine',
  twos: 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  tens: 'twenty thirty forty fifty sixty seventy eighty ninety',
  amounts: 'hundred thousand million lakh crore dozen half quarter point',
  repeats: { double: 2, triple: 3, treble: 3 },
};

const HINDI: NumberWords = {
  ones: `शून्य ज़ीरो जीरो एक दो तीन चार पांच पाँच छह छः छे सात आठ नौ वन टू थ्री फोर फाइव सिक्स सेवन एट नाइन
    shunya ek do teen tin char chaar paanch panch chhe che chhah saat sat aath nau`,
  twos: `दस ग्यारह बारह तेरह चौदह पंद्रह पन्द्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस
    तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चवालीस पैंतालीस छियालीस
    सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ
    छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी अस्सी इक्यासी बयासी
    तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
    das gyarah barah terah chaudah pandrah solah satrah atharah unnis bees ikkees baees teis chaubees pachees pachis chhabbees
    tees chalis chaalis pachas pachaas saath sattar assi nabbe pachpan`,
  tens: '',
  amounts: 'सौ हज़ार हजार लाख करोड़ डेढ़ ढाई साढ़े सवा पौने sau hazaar hazar lakh crore dedh dhai sadhe sava paune',
  repeats: { डबल: 2, ट्रिपल: 3, double: 2, triple: 3 },
};

const OTHER_INDIAN: NumberWords = {
  ones: `એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ શૂન્ય दोन तीन पाच सहा नऊ শূন্য এক দুই তিন চার পাঁচ ছয় সাত আট নয় ଶୂନ ଏକ ଦୁଇ ତିନି ଚାରି ପାଞ୍ଚ ଛଅ ସାତ ଆଠ ନଅ
    பூஜ்ஜியம் ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது సున్నా ఒకటి రెండు మూడు నాలుగు ఐదు ఆరు ఏడు ఎనిమిది తొమ్మిది
    ಸೊನ್ನೆ ಒಂದು ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು പൂജ്യം ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച് ആറ് ഏഴ് എട്ട് ഒമ്പത്`,
  twos: 'દસ दहा দশ ଦଶ பத்து పది ಹತ್ತು പത്ത് অক বারো বিশ વીસ वीस',
  tens: '',
  amounts: 'સો હજાર शंभर শ হাজার ଶହ ହଜାର நூறு ஆயிரம் వంద వెయ్యి ನೂರು ಸಾವಿರ നൂറ് ആയിരം',
};

const NUMBERS: Readonly<Record<Speech, readonly NumberWords[]>> = {
  en: [ENGLISH],
  in: [ENGLISH, HINDI, OTHER_INDIAN],
  es: [
    {
      ones: 'cero un uno una dos tres cuatro cinco seis siete ocho nueve',
      twos: `diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintiún veintidós veintitrés
        veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve`,
      tens: 'treinta cuarenta cincuenta sesenta setenta ochenta noventa',
      amounts:
        'cien ciento doscientos doscientas trescientos cuatrocientos quinientos seiscientos mil millón media cuarto',
      repeats: { doble: 2, triple: 3 },
    },
  ],
  de: [
    {
      ones: 'null ein eins eine zwei zwo drei vier fünf sechs sieben acht neun',
      twos: 'zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
      tens: '',
      amounts: 'hundert tausend million halb viertel dreiviertel',
      repeats: { doppel: 2 },
      pattern:
        /^(ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)$/,
    },
  ],
  fr: [
    {
      ones: 'zéro un une deux trois quatre cinq six sept huit neuf',
      twos: 'dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf septante huitante nonante',
      tens: 'vingt trente quarante cinquante soixante quatre-vingt quatre-vingts',
      amounts: 'cent cents mille million demi demie quart',
      repeats: { double: 2, triple: 3 },
      pattern: /^(vingt|trente|quarante|cinquante|soixante|quatre-vingt)(-et)?-[a-zé-]+$/,
    },
  ],
  it: [
    {
      ones: 'zero un uno una due tre quattro cinque sei sette otto nove',
      twos: 'dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta',
      tens: '',
      amounts: 'cento duecento trecento cinquecento mille mila mezza mezzo quarto',
      repeats: { doppio: 2, doppia: 2 },
      pattern:
        /^(vent|trent|quarant|cinquant|sessant|settant|ottant|novant)[ai]?(uno|due|tré|tre|quattro|cinque|sei|sette|otto|nove)$/,
    },
  ],
  pt: [
    {
      ones: 'zero um uma dois duas três quatro cinco seis meia sete oito nove',
      twos: 'dez onze doze treze catorze quatorze quinze dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove',
      tens: 'vinte trinta quarenta cinquenta sessenta setenta oitenta noventa',
      amounts: 'cem cento duzentos trezentos quinhentos mil milhão quarto',
      repeats: { duplo: 2 },
    },
  ],
  nl: [
    {
      ones: 'nul een één twee drie vier vijf zes zeven acht negen',
      twos: 'tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig',
      tens: '',
      amounts: 'honderd duizend miljoen half kwart',
      repeats: { dubbel: 2 },
      pattern:
        /^(een|twee|drie|vier|vijf|zes|zeven|acht|negen)(en|ën)(twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig)$/,
    },
  ],
  ru: [
    {
      ones: 'ноль нуль один одна два две три четыре пять шесть семь восемь девять',
      twos: 'десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать',
      tens: 'двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто',
      amounts:
        'сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот тысяча тысячи тысяч пол половина',
    },
  ],
  asia: [
    ENGLISH,
    {
      ones: '零 〇 一 二 两 兩 三 四 五 六 七 八 九 幺 공 영 일 이 삼 사 오 육 칠 팔 구 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 ゼロ いち に さん よん ご ろく なな はち きゅう',
      twos: '十',
      tens: '',
      amounts: '百 千 万 萬 半 백 천 만 열',
    },
  ],
};

/** Digits of a word, where it has some whatever stands beside it. */
type Known = { digits: number; isTens?: true } | { repeats: number } | { digits: 0 };

interface Table {
  words: Map<string, Known>;
  joint: string | undefined;
  patterns: RegExp[];
  letters: ReadonlySet<string>;
  doubtfulLetters: ReadonlySet<string>;
}

const tables = new Map<Speech, Table>();

function tableOf(speech: Speech): Table {
  const known = tables.get(speech);
  if (known) return known;
  const words = new Map<string, Known>();
  const add = (list: string, fact: Known) => {
    for (const word of list.split(/\s+/)) if (word !== '') words.set(word, fact);
  };
  for (const { ones, twos, tens, amounts, repeats = {} } of NUMBERS[speech]) {
    add(amounts, { digits: 0 });
    add(ones, { digits: 1 });
    add(twos, { digits: 2 });
    add(tens, { digits: 2, isTens: true });
    for (const [word, count] of Object.entries(repeats)) words.set(word, { repeats: count });
  }
  const patterns = NUMBERS[speech].flatMap(({ pattern }) => pattern ?? []);
  const { sure = '', doubtful = '' } = LETTER_NAMES[speech] ?? {};
  const [letters, doubtfulLetters] = [new Set(sure.split(' ')), new Set(doubtful.split(' '))];
  const table = { words, patterns, joint: LETTER_JOINTS[speech], letters, doubtfulLetters };
  tables.set(speech, table);
  return table;
}

/** Words of everyday that are digits only beside another one. */
const DOUBTFUL = new Set(
  'o oh do so das sat che a un una uno um uma ein eine een een one um six saath से meia tin'.split(' '),
);
/** Stands between digits and is none. */
const JOINTS = new Set('and und et en plus hyphen dash minus guion guión tiret तथा और aur'.split(' '));
/** The same where it is a letter elsewhere: `treinta y cuatro`, `vinte e um`. */
const LETTER_JOINTS: Readonly<Partial<Record<Speech, string>>> = { es: 'y', it: 'e', pt: 'e' };
/** A letter by itself, or its name. */
const LETTER = /^(\p{Script=Latin}|ए|बी|सी|डी|ई|एफ|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी|डब्ल्यू|एक्स|वाई|ज़ेड|जेड)$/u;
/** Names of letters that a service writes out, and those among them that are words of everyday, which count only beside another. */
const LETTER_NAMES: Readonly<Partial<Record<Speech, { sure: string; doubtful: string }>>> = {
  en: { sure: 'zed zee', doubtful: '' },
  es: {
    sure: 'be ce efe ge hache jota ka ele elle eme ene eñe pe cu erre uve equis zeta',
    doubtful: 'de ere ese te ve ye i griega',
  },
};
/** A row of letters and digits as it is written, such as `pw904`. */
const CODE = /^(?=.*\p{Nd})[\p{L}\p{Nd}][\p{L}\p{Nd}\-./]*$/u;
const DIGITS = /^\p{Nd}[\p{Nd}\-.,/:]*$/u;

/** What a token is to a row of digits and letters. `amount`: a number that is not said digit by digit. */
export type TokenKind = 'digit' | 'tens' | 'repeat' | 'letter' | 'code' | 'amount' | 'joint' | 'word';

export interface Row {
  /** What each token is. */
  kinds: TokenKind[];
  /** How many digits are in them, and how many letters that stand by themselves. */
  digits: number;
  letters: number;
  /** The same of the row that they end with. */
  lastDigits: number;
  lastLetters: number;
  /** It ends with a word that needs another digit: `double`. */
  isOpen: boolean;
}

/** @param tokens Words, in lower case. */
export function rowOf(tokens: readonly string[], speech: Speech): Row {
  const table = tableOf(speech);
  const facts = tokens.map((token) => factOf(token, table));
  const row: Row = { kinds: [], digits: 0, letters: 0, lastDigits: 0, lastLetters: 0, isOpen: false };
  for (let i = 0; i < tokens.length; i++) {
    const kind = kindAt(tokens, facts, i, table);
    row.kinds.push(kind);
    const [digits, letters] = countAt(tokens, facts, i, kind);
    const breaks = kind === 'word' || kind === 'amount';
    row.digits += digits;
    row.letters += letters;
    row.lastDigits = breaks ? 0 : row.lastDigits + digits;
    row.lastLetters = breaks ? 0 : row.lastLetters + letters;
  }
  row.isOpen = row.kinds.at(-1) === 'repeat';
  return row;
}

function factOf(token: string, { words, patterns }: Table): Known | undefined {
  return words.get(token) ?? (patterns.some((pattern) => pattern.test(token)) ? { digits: 2 } : undefined);
}

function kindAt(tokens: readonly string[], facts: readonly (Known | undefined)[], at: number, table: Table): TokenKind {
  const token = tokens[at]!;
  const fact = facts[at];
  const hasNumberBeside = isNumber(tokens, facts, at - 1) || isNumber(tokens, facts, at + 1);
  if (DIGITS.test(token)) return 'digit';
  if (CODE.test(token)) return 'code';
  if (fact && (!DOUBTFUL.has(token) || hasNumberBeside)) {
    if ('repeats' in fact) return 'repeat';
    if (fact.digits === 0) return 'amount';
    return 'isTens' in fact ? 'tens' : 'digit';
  }
  if (hasNumberBeside && (JOINTS.has(token) || token === table.joint)) return 'joint';
  const isSure = table.letters.has(token) || (LETTER.test(token) && !/^[aeiouyअ]$/.test(token));
  if (isSure) return 'letter';
  if (LETTER.test(token) && (hasNumberBeside || isLetterBeside(tokens, at, table))) return 'letter';
  if (table.doubtfulLetters.has(token) && isLetterBeside(tokens, at, table)) return 'letter';
  return 'word';
}

function isLetterBeside(tokens: readonly string[], at: number, { letters }: Table): boolean {
  const isLetter = (token = '') => LETTER.test(token) || letters.has(token);
  return isLetter(tokens[at - 1]) || isLetter(tokens[at + 1]);
}

function isNumber(tokens: readonly string[], facts: readonly (Known | undefined)[], at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return false;
  return /\p{Nd}/u.test(token) || (facts[at] !== undefined && !DOUBTFUL.has(token));
}

function countAt(
  tokens: readonly string[],
  facts: readonly (Known | undefined)[],
  at: number,
  kind: TokenKind,
): [digits: number, letters: number] {
  const token = tokens[at]!;
  if (kind === 'letter') return [0, 1];
  if (kind === 'code') return [token.replace(/\P{Nd}/gu, '').length, token.replace(/\P{L}/gu, '').length];
  if (kind === 'tens') return [isOne(facts[isJoint(tokens[at + 1]) ? at + 2 : at + 1]) ? 1 : 2, 0];
  if (kind !== 'digit') return [0, 0];
  const before = facts[at - 1];
  const times = before && 'repeats' in before ? before.repeats : 1;
  const fact = facts[at];
  const own = fact && 'digits' in fact ? fact.digits : token.replace(/\P{Nd}/gu, '').length;
  return [own === 1 ? times : own, 0];
}

const isJoint = (token = ''): boolean => JOINTS.has(token) || /^[ye]$/.test(token);

const isOne = (fact: Known | undefined): boolean => fact !== undefined && 'digits' in fact && fact.digits === 1;
