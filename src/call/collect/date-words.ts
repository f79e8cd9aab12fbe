/** Months, weekdays and days from today as they are named, in the languages in which dates are collected. */
import { anyWordOf, folded, type CollectLanguage } from './words.ts';

export interface DateWords {
  /** 1 to 12, by name. */
  months: ReadonlyMap<string, number>;
  /** 0 (Sunday) to 6. */
  weekdays: ReadonlyMap<string, number>;
  /** The first to the thirty-first, by words of their own. */
  ordinals: ReadonlyMap<string, number>;
  /** Days from today; the longest first, since `the day after tomorrow` holds `tomorrow`. `sign`: it may lie on either side. */
  fromToday: readonly { pattern: RegExp; days: number; isEither?: true }[];
  /** Which weekday is meant. */
  next: RegExp;
  last: RegExp;
  /** "In three days", "in two weeks": how many days each is that a number stands before. */
  units: ReadonlyMap<string, number>;
  /** "Three days ago". */
  ago: RegExp;
  month: RegExp;
  /** "Two weeks from Friday", "a week on Friday": stands between the count and the day from which it is counted. */
  from: ReadonlySet<string>;
}

function named(rows: string, first: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [place, ways] of rows.trim().split(/\s+/).entries()) {
    for (const way of ways.split('/')) found.set(folded(way), place + first);
  }
  return found;
}

const units = (days: string, weeks: string, fortnights = ''): ReadonlyMap<string, number> =>
  new Map(
    [days, weeks, fortnights].flatMap((ways, at) =>
      ways.split('/').map((way) => [folded(way), [1, 7, 14][at] ?? 0] as const),
    ),
  );

const ENGLISH: DateWords = {
  months: named(
    'january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec',
    1,
  ),
  weekdays: named('sunday monday tuesday/tues wednesday thursday/thurs friday saturday', 0),
  ordinals: new Map([
    ...named(
      'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth',
      1,
    ),
    ['thirtieth', 30] as const,
  ]),
  fromToday: [
    { pattern: anyWordOf('day after tomorrow,overmorrow'), days: 2 },
    { pattern: anyWordOf('day before yesterday'), days: -2 },
    { pattern: anyWordOf('tomorrow'), days: 1 },
    { pattern: anyWordOf('yesterday'), days: -1 },
    { pattern: anyWordOf('today,tonight'), days: 0 },
  ],
  next: anyWordOf('next'),
  last: anyWordOf('last'),
  units: units('day/days', 'week/weeks', 'fortnight/fortnights'),
  ago: anyWordOf('ago,back,before today,earlier'),
  month: anyWordOf('month'),
  from: new Set(['from', 'on', 'after']),
};

const HINDI: DateWords = {
  months: new Map([
    ...ENGLISH.months,
    ...named(
      'जनवरी/janvari/janwari फरवरी/फ़रवरी/farvari/farwari मार्च अप्रैल/aprail मई/mai जून/joon जुलाई/julai अगस्त/agast सितंबर/सितम्बर/sitambar अक्टूबर/अक्तूबर/aktubar नवंबर/नवम्बर/navambar दिसंबर/दिसम्बर/disambar',
      1,
    ),
  ]),
  weekdays: new Map([
    ...ENGLISH.weekdays,
    ...named(
      'रविवार/इतवार/संडे/ravivar/raviwar/itwar/itvar सोमवार/मंडे/somvar/somwar मंगलवार/मंगल/ट्यूसडे/mangalvar/mangalwar/mangal बुधवार/बुध/वेडनेसडे/budhvar/budhwar/budh गुरुवार/बृहस्पतिवार/थर्सडे/guruvar/guruwar/brihaspativar शुक्रवार/फ्राइडे/shukravar/shukrawar शनिवार/सैटरडे/shanivar/shaniwar',
      0,
    ),
  ]),
  ordinals: ENGLISH.ordinals,
  fromToday: [
    ...ENGLISH.fromToday,
    { pattern: anyWordOf('परसों,परसो,parso,parson,parsoon'), days: 2, isEither: true },
    { pattern: anyWordOf('कल,kal'), days: 1, isEither: true },
    { pattern: anyWordOf('आज,aaj,aj'), days: 0 },
  ],
  next: anyWordOf('next,अगले,अगला,agle,agla'),
  last: anyWordOf('last,पिछले,पिछला,pichhle,pichle'),
  units: units('day/days/दिन/दिनों/din/dino/dinon', 'week/weeks/हफ्ते/हफ्तों/हफ्ता/सप्ताह/hafte/hafta/hafton/saptah'),
  ago: anyWordOf('ago,पहले,पूर्व,pehle,pahle,pehele'),
  month: anyWordOf('month,महीने,mahine,maheene'),
  from: new Set(['from', 'on', 'after']),
};

const SPANISH: DateWords = {
  months: named(
    'enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre',
    1,
  ),
  weekdays: named('domingo lunes martes miércoles jueves viernes sábado', 0),
  ordinals: named('primero/primer', 1),
  fromToday: [
    { pattern: anyWordOf('pasado mañana'), days: 2 },
    { pattern: anyWordOf('antes de ayer,anteayer,antier'), days: -2 },
    { pattern: /(?<!\b(?:de la|por la|a la) )(?<![\p{L}\p{M}])mañana(?![\p{L}\p{M}])/u, days: 1 },
    { pattern: anyWordOf('ayer'), days: -1 },
    { pattern: anyWordOf('hoy'), days: 0 },
  ],
  next: anyWordOf('próximo,próxima,que viene,siguiente'),
  last: anyWordOf('pasado,pasada,último'),
  units: units('día/días', 'semana/semanas', 'quincena'),
  ago: anyWordOf('hace,atrás'),
  month: anyWordOf('mes'),
  from: new Set(['desde', 'despues']),
};

export const DATE_WORDS: Readonly<Record<CollectLanguage, DateWords>> = { en: ENGLISH, hi: HINDI, es: SPANISH };
