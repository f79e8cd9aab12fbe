/** Whether all that was asked for has been given, as far as words show it. Pure. */
import type { Row } from './numbers.ts';
import type { Question, Slot } from './question.ts';
import type { Speech } from './speech-of.ts';

const DAY_WORDS =
  /(?<![\p{L}\p{M}])(mon|tues?|wednes|thurs?|fri|satur|sun)day|(?<![\p{L}\p{M}])(today|tomorrow|tonight|weekend|next week|january|february|march|april|may|june|july|august|september|october|november|december|\p{Nd}+(st|nd|rd|th)|first|second|third|fourth|fifth|sixth|\p{L}+teenth|twentieth|thirtieth|(twenty|thirty) \p{L}+(st|nd|rd|th)|aaj|kal|parso|somvar|mangal|budh|guruvar|shukra|shani|ravi|itwar|tareekh|tarikh|आज|कल|परसों|सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि|इतवार|तारीख|जनवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर|hoy|mañana|lunes|martes|miércoles|jueves|viernes|sábado|domingo|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|día|heute|morgen|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|april|mai|juni|juli|august|oktober|dezember|aujourd|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|oggi|domani|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|gennaio|hoje|amanhã|segunda|terça|quarta|quinta|sexta|vandaag|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|сегодня|завтра|понедельник|вторник|сред|четверг|пятниц|суббот|воскресень|число)|今天|明天|后天|星期|周[一二三四五六日]|礼拜|月\d*|今日|明日|曜|오늘|내일|모레|요일/iu;
const MONTHS =
  /(?<![\p{L}\p{M}])(january|february|march|april|may|june|july|august|september|october|november|december|जनवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro|январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)/iu;
const TIME_WORDS =
  /(?<![\p{L}\p{M}])(a\.?m|p\.?m|o'?clock|noon|midday|midnight|morning|afternoon|evening|night|half past|quarter|thirty|fifteen|anytime|baje|subah|dopahar|shaam|raat|बजे|सुबह|दोपहर|शाम|रात|las \p{L}+|mediodía|tarde|mañana|noche|uhr|mittag|morgens|abends|nachmittag|heures?|midi|matin|soir|alle \p{L}+|mattina|pomeriggio|sera|horas|manhã|noite|uur|middag|avond|час|утр|вечер|дня|полдень|વાગ્યે|સવારે|સાંજે|वाजता|सकाळी|टায়|সকাল|বিকেল|மணி|காலை|மாலை|గంట|ఉదయం|సాయంత్రం|ಗಂಟೆ|ಬೆಳಿಗ್ಗೆ|ಸಂಜೆ|മണി|രാവിലെ|വൈകുന്നേരം)|[点點时時시]|\p{Nd}:\p{Nd}{2}/iu;
const MAIL_END =
  /(@\S+\.\p{L}{2,}|(\.|\bdot|डॉट|punto|punkt|point|ponto|punt|точка|点|ドット|닷)\s*(com|org|net|in|co|uk|es|mx|ar|de|fr|it|pt|br|nl|ru|edu|gov|info|कॉम|इन|ком|ру))\W*$/iu;
/** What is said before a name. */
const LEAD_INS = new Set(
  "yes yeah sure it is it's its my name full first last the this i am i'm under for and surname हाँ जी मेरा नाम है मैं haan ji mera naam hai main sí es mi nombre me llamo soy a de ja mein name ist ich bin heiße oui c'est mon nom je suis m'appelle sì il mio nome è sono mi chiamo sim meu nome é eu sou mijn naam is ik ben да меня зовут моё имя это".split(
    ' ',
  ),
);

/** What is known of an answer, as far as slots go. */
export interface Given {
  /** `none`: nothing of it; `some`; `all`; `unknown`: nothing tells. */
  state: 'none' | 'some' | 'all' | 'unknown';
  missing: Slot[];
  /** How much of a code of known length: 0 to 1, or more than 1. Undefined when its length is not known. */
  ofCode: number | undefined;
}

export function givenIn(question: Question, text: string, tokens: readonly string[], row: Row, speech: Speech): Given {
  const { slots, options } = question;
  if (options) {
    const chosen = tokens.some((token) => options.includes(token));
    return { state: chosen ? 'all' : 'unknown', missing: [], ofCode: undefined };
  }
  // a code of any length may always go on
  if (slots.length === 1 && slots[0] === 'code' && !question.lengths)
    return { state: 'unknown', missing: [], ofCode: undefined };
  const missing = slots.filter((slot) => !isGiven(slot, question, text, tokens, row, speech));
  const state =
    slots.length === 0 ? 'unknown' : missing.length === 0 ? 'all' : missing.length < slots.length ? 'some' : 'none';
  return { state, missing, ofCode: shareOfCode(question, row) };
}

/** Letters and digits that were said, against the length that is the next they may reach. */
function shareOfCode({ slots, lengths }: Question, row: Row): number | undefined {
  if (!slots.includes('code') || !lengths) return undefined;
  const count = codeCount(row);
  if (lengths.includes(count)) return 1;
  // "one moment, it is ..." has a digit too many in front
  if (count > Math.min(...lengths) && lengths.includes(row.lastDigits + row.lastLetters)) return 1;
  const longest = Math.max(...lengths);
  if (count > longest) return 1.5;
  return Math.min(0.99, count / (lengths.find((length) => length > count) ?? longest));
}

const codeCount = ({ digits, letters }: Row): number => digits + letters;

function isGiven(
  slot: Slot,
  question: Question,
  text: string,
  tokens: readonly string[],
  row: Row,
  speech: Speech,
): boolean {
  const hasNumber = row.digits > 0 || row.kinds.includes('amount');
  switch (slot) {
    case 'code':
      return (shareOfCode(question, row) ?? (codeCount(row) >= 4 ? 1 : 0)) >= 1;
    case 'name':
      return tokens.filter((token, i) => !LEAD_INS.has(token) && row.kinds[i] === 'word').length >= 1;
    case 'birth':
      return row.digits >= 6 || (MONTHS.test(text) && row.digits >= 4);
    case 'day':
      return DAY_WORDS.test(text) || (row.digits > 0 && !question.slots.includes('time'));
    case 'time':
      return (
        TIME_WORDS.test(text) ||
        (row.digits > 0 && !question.slots.includes('day') && !question.slots.includes('people'))
      );
    case 'people':
    case 'money':
    case 'age':
      return hasNumber || /^[一二三四五六七八九十]/u.test(text);
    case 'address':
      return row.digits > 0 && tokens.length >= (speech === 'asia' ? 4 : 3);
    case 'email':
      return MAIL_END.test(text.trim());
  }
}
