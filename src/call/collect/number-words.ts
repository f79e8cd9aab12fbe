/** Numbers as words, with their values: 0 to 99, and what multiplies. English, Hindi in both scripts, Spanish. Pure. */
import { folded, type CollectLanguage } from './words.ts';

/** What one word means as a number. */
export type NumberWord =
  | { type: 'unit'; value: number }
  /** 20, 30, ... of a language in which a unit may follow: `twenty one`. */
  | { type: 'tens'; value: number }
  /** 10 to 99 in one word. */
  | { type: 'pair'; value: number }
  /** 100 to 900 in one word. */
  | { type: 'hundreds'; value: number }
  | { type: 'scale'; value: number }
  /** The next digit, so many times. */
  | { type: 'repeat'; times: number };

type Words = Map<string, NumberWord>;

/** Hindi in Latin letters is written by ear: `baarah` and `barah`, `teen` and `tin` are one word. */
class RomanWords extends Map<string, NumberWord> {
  override get(word: string): NumberWord | undefined {
    return super.get(word) ?? super.get(byEar(word));
  }
  override has(word: string): boolean {
    return this.get(word) !== undefined;
  }
}

const byEar = (word: string): string =>
  word
    .replace(/aa/g, 'a')
    .replace(/ee/g, 'i')
    .replace(/oo/g, 'u')
    .replace(/w/g, 'v')
    .replace(/([a-z])\1+/g, '$1');

/** Words separated by spaces, in the order of their values; several ways to say one are joined by `/`. */
function addRow(words: Words, row: string, of: (place: number) => NumberWord): void {
  for (const [place, ways] of row.trim().split(/\s+/).entries()) {
    for (const way of ways.split('/')) words.set(folded(way), of(place));
  }
}

const unit = (value: number): NumberWord => ({ type: 'unit', value });
const pair = (value: number): NumberWord => ({ type: 'pair', value });
const tens = (place: number): NumberWord => ({ type: 'tens', value: (place + 2) * 10 });

function english(): Words {
  const words: Words = new Map();
  addRow(words, 'zero/nought/naught one two three four five six seven eight nine/niner', unit);
  addRow(
    words,
    'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
    (place) => pair(place + 10), // prettier-ignore
  );
  addRow(words, 'twenty thirty forty/fourty fifty sixty seventy eighty ninety', tens);
  addRow(words, 'hundred thousand', (place) => ({ type: 'scale', value: place === 0 ? 100 : 1_000 }));
  addRow(words, 'double triple/treble quadruple', (place) => ({ type: 'repeat', times: place + 2 }));
  return words;
}

const HINDI_TO_99 = `
  शून्य/ज़ीरो/shunya/shoonya/sunya एक/वन/ek दो/टू/do तीन/थ्री/teen/tin चार/फोर/char/chaar पांच/फाइव/paanch/panch छह/छः/छे/सिक्स/chhe/che/chhah/chah
  सात/सेवन/saat/sat आठ/एट/aath/ath नौ/नाइन/nau
  दस/das/dus ग्यारह/gyarah/gyara बारह/barah/bara तेरह/terah/tera चौदह/chaudah/chauda पंद्रह/पन्द्रह/pandrah/pandra सोलह/solah/sola सत्रह/satrah/satra
  अठारह/atharah/athara उन्नीस/unnis/unnees
  बीस/bees/bis इक्कीस/ikkis/ikkees बाईस/बाइस/bais/baees तेईस/तेइस/teis/teyis चौबीस/chaubis/chaubees पच्चीस/pachis/pachees/pacchis छब्बीस/chhabbis/chabbis
  सत्ताईस/सत्ताइस/sattais अट्ठाईस/अठाईस/अट्ठाइस/atthais/athais उनतीस/untis/unatis
  तीस/tees इकतीस/ikattis/iktees बत्तीस/battis तैंतीस/taintis/tentis चौंतीस/chauntis पैंतीस/paintis छत्तीस/chhattis/chattis सैंतीस/saintis अड़तीस/adtis/artis उनतालीस/untalis
  चालीस/chalis/chaalis इकतालीस/iktalis बयालीस/bayalis तैंतालीस/taintalis चवालीस/चौवालीस/chavalis/chauvalis पैंतालीस/paintalis छियालीस/chhiyalis सैंतालीस/saintalis अड़तालीस/adtalis उनचास/unchas
  पचास/pachas/pachaas इक्यावन/ikyavan बावन/bavan तिरपन/tirpan/tirepan चौवन/chauvan/chavvan पचपन/pachpan छप्पन/chhappan सत्तावन/sattavan अट्ठावन/अठावन/atthavan उनसठ/unsath
  साठ/saath इकसठ/iksath बासठ/basath तिरसठ/tirsath चौंसठ/chaunsath पैंसठ/painsath छियासठ/chhiyasath सड़सठ/sadsath अड़सठ/adsath उनहत्तर/unhattar
  सत्तर/sattar इकहत्तर/ikhattar बहत्तर/bahattar तिहत्तर/tihattar चौहत्तर/chauhattar पचहत्तर/pachhattar छिहत्तर/chhihattar सतहत्तर/satahattar अठहत्तर/athhattar उनासी/उन्यासी/unasi
  अस्सी/assi इक्यासी/ikyasi बयासी/bayasi तिरासी/tirasi चौरासी/chaurasi पचासी/pachasi छियासी/chhiyasi सत्तासी/sattasi अट्ठासी/अठासी/atthasi नवासी/navasi
  नब्बे/nabbe इक्यानवे/इक्यानबे/ikyanave बानवे/बानबे/banave तिरानवे/तिरानबे/tiranave चौरानवे/चौरानबे/chauranave पचानवे/पंचानवे/पंचानबे/pachanave छियानवे/छियानबे/chhiyanave
  सत्तानवे/सत्तानबे/sattanave अट्ठानवे/अट्ठानबे/अठानवे/atthanave निन्यानवे/निन्यानबे/ninyanave`;

/** In India numbers are said in English as often, and written in either script. */
function hindi(): Words {
  const words: Words = new RomanWords(english());
  addRow(words, HINDI_TO_99, (value) => (value < 10 ? unit(value) : pair(value)));
  addRow(words, 'सौ/sau/हंड्रेड हज़ार/hazaar/hazar/thousand', (place) => ({
    type: 'scale',
    value: place === 0 ? 100 : 1_000,
  }));
  addRow(words, 'डबल ट्रिपल', (place) => ({ type: 'repeat', times: place + 2 }));
  addRow(words, 'ट्वेंटी थर्टी फोर्टी फिफ्टी सिक्सटी/सिक्स्टी सेवेंटी एटी नाइंटी', tens);
  addRow(words, 'टेन इलेवन ट्वेल्व', (place) => pair(place + 10));
  for (const [word, meaning] of [...words])
    if (/^[a-z]+$/.test(word) && !words.has(byEar(word))) words.set(byEar(word), meaning);
  return words;
}

function spanish(): Words {
  const words: Words = new Map();
  addRow(words, 'cero uno/un/una dos tres cuatro cinco seis siete ocho nueve', unit);
  addRow(
    words,
    'diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno/veintiún veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve',
    (place) => pair(place + 10),
  );
  addRow(words, 'treinta cuarenta cincuenta sesenta setenta ochenta noventa', (place) => tens(place + 1));
  addRow(
    words,
    'cien/ciento doscientos/doscientas trescientos/trescientas cuatrocientos quinientos/quinientas seiscientos setecientos ochocientos novecientos',
    (place) => ({ type: 'hundreds', value: (place + 1) * 100 }),
  );
  addRow(words, 'mil', () => ({ type: 'scale', value: 1_000 }));
  addRow(words, 'doble triple', (place) => ({ type: 'repeat', times: place + 2 }));
  return words;
}

const BUILDERS: Readonly<Record<CollectLanguage, () => Words>> = { en: english, hi: hindi, es: spanish };
const built = new Map<CollectLanguage, Words>();

/** Built when the first value in a language is read. */
export function numberWords(language: CollectLanguage): ReadonlyMap<string, NumberWord> {
  let words = built.get(language);
  if (!words) built.set(language, (words = BUILDERS[language]()));
  return words;
}

/** Stands between tens and units: `treinta y cuatro`. */
export const isNumberJoint = (token: string | undefined, language: CollectLanguage): boolean =>
  language === 'es' ? token === 'y' : token === '-' || token === 'and';

/** A number that begins at a token, as an amount: `two thousand and five`, `mil novecientos noventa`, `उन्नीस सौ नब्बे`. */
export function amountAt(
  tokens: readonly string[],
  at: number,
  language: CollectLanguage,
): { value: number; until: number } | undefined {
  const words = numberWords(language);
  let [total, group, next] = [0, undefined as number | undefined, at];
  let last: 'none' | 'unit' | 'tens' | 'hundreds' | 'scale' = 'none';
  for (; next < tokens.length; next++) {
    const token = tokens[next] ?? '';
    if (/^\d+$/.test(token)) {
      if (last !== 'none') break;
      return { value: Number(token), until: next + 1 };
    }
    const word = words.get(token);
    if (!word && last !== 'none' && isNumberJoint(token, language) && words.has(tokens[next + 1] ?? '')) continue;
    if (!word || word.type === 'repeat') break;
    if (word.type === 'scale') {
      if (word.value === 1_000 && total > 0) break; // "cuatro mil once, mil once" are two
      if (word.value === 100) group = (group ?? 1) * 100;
      else [total, group] = [(total + (group ?? 1)) * 1_000, undefined];
      last = word.value === 100 ? 'hundreds' : 'scale';
      continue;
    }
    const fits =
      last === 'none' ||
      last === 'scale' ||
      last === 'hundreds' ||
      (last === 'tens' && word.type === 'unit' && word.value > 0);
    if (!fits || (word.type === 'hundreds' && last === 'hundreds')) break;
    group = (group ?? 0) + word.value;
    last = word.type === 'tens' ? 'tens' : word.type === 'hundreds' ? 'hundreds' : 'unit';
  }
  if (last === 'none') return undefined;
  return { value: total + (group ?? 0), until: next };
}
