/**
 * Values as they are spoken: 40 is heard as "40", "$40", "forty dollars" or "forty bucks", 14:30 as "2:30 pm" or "half past
 * two", 2026-11-24 as "Tuesday", "November 24th" or "tomorrow". English. A text is read into numbers, and then what is looked
 * for among them; whatever stands beside them does not matter.
 */

const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: Readonly<Record<string, number>> = { thousand: 1_000, million: 1_000_000, billion: 1_000_000_000 };
const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fifth: 5,
  eighth: 8,
  ninth: 9,
  twelfth: 12, // prettier-ignore
};
const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

/** A number of a text and where it stands, in words. */
interface Spoken {
  value: number;
  from: number;
  to: number;
  isOrdinal: boolean;
}

/** What the text is read in: lower case, signs and numbers apart. */
function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/([$€£₹%])/g, ' $1 ')
    .replace(/\b([ap])\.?\s?m\b\.?/g, '$1m')
    .replace(/(\d)([ap]m)\b/g, '$1 $2')
    .replace(/(\p{L})-(?=\p{L})/gu, '$1 ')
    .replace(/[^\p{L}\p{M}\p{N}:.$€£₹%' /-]/gu, ' ')
    .replace(/[.:](?!\d)/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}

function ordinalOf(word: string): number | undefined {
  const digits = /^(\d+)(?:st|nd|rd|th)$/.exec(word)?.[1];
  if (digits !== undefined) return Number(digits);
  if (ORDINALS[word] !== undefined) return ORDINALS[word];
  if (!word.endsWith('th')) return undefined;
  const stem = word.slice(0, -2);
  const unit = UNITS.indexOf(stem);
  if (unit > 0) return unit;
  const tens = TENS.indexOf(`${stem.slice(0, -2)}y`); // twentieth
  return stem.endsWith('ie') && tens >= 0 ? (tens + 2) * 10 : undefined;
}

/** All numbers of a text, digits and words alike. */
function numbersIn(words: readonly string[]): Spoken[] {
  const found: Spoken[] = [];
  for (let at = 0; at < words.length;) {
    const number = numberAt(words, at);
    if (number) found.push(number);
    at = number?.to ?? at + 1;
  }
  return found;
}

function numberAt(words: readonly string[], from: number): Spoken | undefined {
  const first = words[from] ?? '';
  const ordinal = ordinalOf(first);
  if (ordinal !== undefined) return { value: ordinal, from, to: from + 1, isOrdinal: true };
  if (/^\d+(\.\d+)?$/.test(first))
    return withScale(words, { value: Number(first), from, to: from + 1, isOrdinal: false });
  return wordNumberAt(words, from);
}

function withScale(words: readonly string[], number: Spoken): Spoken {
  const scale = SCALES[words[number.to] ?? ''];
  return scale === undefined ? number : { ...number, value: number.value * scale, to: number.to + 1 };
}

/** "two hundred and forty-one", "nineteen thousand", "three point five". */
function wordNumberAt(words: readonly string[], from: number): Spoken | undefined {
  let [total, group, at] = [0, undefined as number | undefined, from];
  let isOrdinal = false;
  let last: 'none' | 'unit' | 'tens' | 'hundred' = 'none';
  for (; at < words.length && !isOrdinal; at++) {
    const word = words[at] ?? '';
    const unit = UNITS.indexOf(word);
    const tens = TENS.indexOf(word);
    const ordinal = ordinalOf(word);
    if (unit >= 0 && (last === 'none' || last === 'hundred' || (last === 'tens' && unit > 0 && unit < 10))) {
      group = (group ?? 0) + unit;
      last = 'unit';
    } else if (tens >= 0 && (last === 'none' || last === 'hundred')) {
      group = (group ?? 0) + (tens + 2) * 10;
      last = 'tens';
    } else if (word === 'hundred' && group !== undefined) {
      group *= 100;
      last = 'hundred';
    } else if (SCALES[word] !== undefined && group !== undefined) {
      total += group * SCALES[word];
      group = 0;
      last = 'none';
    } else if (word === 'and' && group !== undefined && last === 'hundred' && isNumberWord(words[at + 1])) continue;
    else if (ordinal !== undefined && last === 'tens' && ordinal < 10) {
      group = (group ?? 0) + ordinal;
      isOrdinal = true;
    } else break;
  }
  if (group === undefined) return undefined;
  const point = words[at] === 'point' ? digitsFrom(words, at + 1) : '';
  const value = Number(`${total + group}${point === '' ? '' : `.${point}`}`);
  return { value, from, to: at + (point === '' ? 0 : 1 + point.length), isOrdinal };
}

const isNumberWord = (word = ''): boolean => UNITS.includes(word) || TENS.includes(word);

/** "five five two" after "point". */
function digitsFrom(words: readonly string[], from: number): string {
  let digits = '';
  for (let at = from; at < words.length; at++) {
    const unit = UNITS.indexOf(words[at] ?? '');
    if (unit < 0 || unit > 9) break;
    digits += unit;
  }
  return digits;
}

const CURRENCY = /^(\$|€|£|₹|dollars?|bucks?|euros?|pounds?|rupees?|usd|eur|gbp|inr)$/;
const CENTS = /^(cents?|pence|p|paise)$/;

/** Amounts of money, in units of the currency: "$14.50", "fourteen dollars and fifty cents", "fourteen fifty" behind a sign. */
function amountsIn(words: readonly string[]): number[] {
  const numbers = numbersIn(words);
  return numbers.flatMap((number, index) => {
    const isMarked = CURRENCY.test(words[number.from - 1] ?? '') || CURRENCY.test(words[number.to] ?? '');
    if (!isMarked) return [];
    const next = numbers[index + 1];
    const isCents = next && next.from - number.to <= 3 && CENTS.test(words[next.to] ?? '');
    return isCents ? [number.value + next.value / 100] : [number.value];
  });
}

/** Times of day in minutes since midnight; one that says neither morning nor evening is both. */
function timesIn(words: readonly string[]): number[] {
  const numbers = numbersIn(words);
  const clock = words.flatMap((word, at) => {
    const [, hour, minute] = /^(\d{1,2})[:.](\d{2})$/.exec(word) ?? [];
    return hour === undefined ? [] : halves(Number(hour), Number(minute), words.slice(at + 1, at + 5));
  });
  const spoken = numbers.flatMap((number, index) => {
    const before = words.slice(Math.max(0, number.from - 3), number.from);
    const behind = words.slice(number.to, number.to + 5);
    const past = minutesPast(before);
    if (past !== undefined) return halves(number.value, past, behind);
    const next = numbers[index + 1];
    // "two thirty", "nine oh five"
    const minute = next && next.from === number.to && next.value >= 10 && next.value < 60 ? next.value : 0;
    const after = minute === 0 ? behind : words.slice(next!.to, next!.to + 5);
    return number.value >= 0 && number.value <= 24 && Number.isInteger(number.value)
      ? [...halves(number.value, 0, behind), ...(minute === 0 ? [] : halves(number.value, minute, after))]
      : [];
  });
  const named = words.flatMap((word) => (word === 'noon' ? [720] : word === 'midnight' ? [0] : []));
  return [...clock, ...spoken, ...named];
}

/** "half past", "quarter to", "ten past". Minutes from the hour that follows, under 0 before it. */
function minutesPast(before: readonly string[]): number | undefined {
  const [amount, way] = before.slice(-2);
  if (way !== 'past' && way !== 'to') return undefined;
  const parts: Record<string, number> = { half: 30, quarter: 15 };
  const minutes = parts[amount ?? ''] ?? numberAt([amount ?? ''], 0)?.value;
  return minutes === undefined ? undefined : way === 'past' ? minutes : -minutes;
}

function halves(hour: number, minute: number, behind: readonly string[]): number[] {
  const at = hour * 60 + minute;
  const near = behind.slice(0, 4).join(' ');
  const isMorning = /^(o'clock )?(am\b|in the morning)/.test(near);
  const isEvening = /^(o'clock )?(pm\b|in the (afternoon|evening)|at night)/.test(near);
  if (hour > 12) return [at];
  const morning = hour === 12 ? at - 720 : at;
  if (isMorning) return [morning];
  if (isEvening) return [morning + 720];
  return [morning, morning + 720];
}

/** Whether a day is spoken of: by its date, by its weekday, or as today or tomorrow when `now` is known. */
function speaksOfDay(words: readonly string[], date: string, now: string | undefined): boolean {
  if (words.some((word) => word.startsWith(date))) return true;
  const day = new Date(`${date}T12:00:00Z`);
  const numbers = numbersIn(words).filter(({ value }) => value === day.getUTCDate());
  const month = MONTHS[day.getUTCMonth()] ?? '';
  const isMonth = (word = '') => word === month || (word.length >= 3 && month.startsWith(word));
  const isDated = numbers.some(
    ({ from, to, isOrdinal }) =>
      isMonth(words[from - 1]) || isMonth(words[to]) || (words[to] === 'of' && isMonth(words[to + 1])) || isOrdinal,
  );
  if (isDated || words.includes(DAYS[day.getUTCDay()] ?? '')) return true;
  const apart =
    now === undefined
      ? undefined
      : Math.round((day.getTime() - Date.parse(`${now.slice(0, 10)}T12:00:00Z`)) / 86_400_000);
  return (apart === 0 && words.includes('today')) || (apart === 1 && words.includes('tomorrow'));
}

/** How what is looked for is read: a number, `$40`, `14:30`, `2026-11-24`, or plain words. */
export type SpokenKind = 'number' | 'money' | 'time' | 'date' | 'words';

export function kindOf(value: string | number): SpokenKind {
  if (typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(value)) return 'number';
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return 'date';
  const words = wordsIn(value);
  if (
    /^\d{1,2}:\d{2}$/.test(value) ||
    /^(half|quarter) (past|to) \w+$/i.test(value) ||
    /^\d{1,2}(:\d{2})? ?[ap]\.?m\.?$/i.test(value)
  )
    return 'time';
  if (
    amountsIn(words).length === 1 &&
    words.every(
      (word) =>
        CURRENCY.test(word) ||
        CENTS.test(word) ||
        word === 'and' ||
        numberAt([word], 0) ||
        word === 'hundred' ||
        word in SCALES,
    )
  )
    return 'money';
  return 'words';
}

/**
 * Whether `text` says `value`, in whatever form.
 * @param now ISO 8601: what "today" and "tomorrow" mean. Default: they mean no day.
 */
export function speaks(text: string, value: string | number, now?: string): boolean {
  const words = wordsIn(text);
  const kind = kindOf(value);
  if (kind === 'number') return saysNumber(words, Number(value), String(value));
  if (kind === 'date') return speaksOfDay(words, String(value), now);
  if (kind === 'money') return saysAny(amountsIn(words), amountsIn(wordsIn(String(value))));
  if (kind === 'time') return saysAny(timesIn(words), timesOf(String(value)));
  return ` ${words.join(' ')} `.includes(` ${wordsIn(String(value)).join(' ')} `);
}

/** `14:30` in a file means one time of day; `half past two` either. */
const timesOf = (value: string): number[] => {
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(value) ?? [];
  return hour === undefined ? timesIn(wordsIn(value)) : [Number(hour) * 60 + Number(minute)];
};

const saysAny = (said: readonly number[], wanted: readonly number[]): boolean =>
  wanted.some((value) => said.includes(value));

/** As an amount, or digit by digit: "four seven one one". */
function saysNumber(words: readonly string[], value: number, written: string): boolean {
  const numbers = numbersIn(words);
  if (numbers.some((number) => number.value === value)) return true;
  const digits = numbers.map((number) => (number.value < 10 ? String(number.value) : ' ')).join('');
  return written.length > 1 && digits.includes(written);
}
