/** A tongue from some lists: what is asked and answered everywhere, in the words of a language. Written for training. */
import type { Exchange, Tongue } from '../grammar.ts';

/** Lists with commas between; `|` and `/` as in any template. */
export interface SmallWords {
  name: string;
  codes: readonly string[];
  hesitations: string;
  stalls: string;
  corrections: string;
  /** Whole sentences, or their beginnings, that may follow. */
  tails: string;
  digits: string;
  stop?: string;
  isUnspaced?: boolean;
  day: string;
  time: string;
  number: string;
  name1: string;
  city: string;
  /** "My name is". */
  iAm: string;
  /** What callers begin with, and go on: "I would like to |", with all of them as `{wish}`. */
  wish: string;
  /** What is wrong, whole: "my card is not working". */
  trouble: string;
  /** Beginnings of the same that nobody stops at. */
  begun: string;
  address: string;
  yes: string;
  no: string;
  fine: string;
  lead: string;
  asks: Record<
    | 'phone'
    | 'code'
    | 'name'
    | 'day'
    | 'time'
    | 'both'
    | 'count'
    | 'address'
    | 'where'
    | 'help'
    | 'yesNo'
    | 'else'
    | 'told',
    string
  >;
}

const listed = (text: string): string[] => text.split(/\s*,\s*/u).filter((entry) => entry !== '');

export function smallTongue(words: SmallWords): Tongue {
  const { asks } = words;
  const exchange = (kind: Exchange['kind'], asked: string, ...answers: string[]): Exchange => ({
    kind,
    asks: asked.split(/\s*;\s*/u),
    answers,
  });
  return {
    name: words.name,
    codes: words.codes,
    hesitations: listed(words.hesitations),
    stalls: listed(words.stalls),
    corrections: listed(words.corrections),
    tails: listed(words.tails),
    digits: listed(words.digits),
    ...(words.stop !== undefined && { stop: words.stop }),
    ...(words.isUnspaced && { isUnspaced: true }),
    lists: {
      day: listed(words.day),
      time: listed(words.time),
      number: listed(words.number),
      name: listed(words.name1),
      city: listed(words.city),
      iAm: listed(words.iAm),
      wish: listed(words.wish),
      trouble: listed(words.trouble),
      begun: listed(words.begun),
      address: listed(words.address),
      yes: listed(words.yes),
      no: listed(words.no),
      fine: listed(words.fine),
      lead: listed(words.lead),
    },
    exchanges: [
      exchange('digits', asks.phone, '[{lead} |] {#10}', '{#10}', '[{lead} |] {#9}'),
      exchange(
        'digits',
        asks.code,
        '[{lead} |] {#5-6}',
        '{#4}',
        '{#3} | {#3}',
        '[{lead} |] {@2} | {#4-6}',
        '[{lead} |] {#8}',
      ),
      exchange('words', asks.name, '{name}', '{name} | {name}', '{iAm} | {name}', '{iAm} | {name} {name}'),
      exchange('words', asks.day, '{day}', '{day} / {time}', '{day} | {day}', '2* {day}'),
      exchange('words', asks.time, '2* {time}', '{time} / {time}', '{day} {time}'),
      exchange('words', asks.both, '{day} / {time}', '{day} {time}', '{number} / {time}'),
      exchange('words', asks.count, '2* {number}', '{number} | {number}'),
      exchange('words', asks.address, '{address}', '{address} / {city}'),
      exchange('words', asks.where, '{city}', '{city} | {city}', '{city} / {day}'),
      exchange(
        'words',
        asks.help,
        '2* {wish}',
        '2* {trouble}',
        '{trouble} / {wish}',
        '{begun} | {trouble}',
        '{begun} | {wish}',
        '{wish} / {day}',
      ),
      exchange(
        'words',
        asks.yesNo,
        '5* {yes}',
        '5* {no}',
        '{yes} / {tail}',
        '{no} / {tail}',
        '{yes} | {day}',
        '{begun} | {trouble}',
      ),
      exchange('words', asks.else, '5* {no}', '{no} / {fine}', '{yes} / {wish}', '{begun} | {wish}'),
      exchange('words', asks.told, '6* {fine}', '{fine} / {tail}', '{fine} / {trouble}'),
    ],
  };
}
