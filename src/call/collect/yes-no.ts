/** Yes or no, in the words of all three languages and by keys. What leaves it open is neither, and is asked of the model. Pure. */
import { NONE, type Reading } from './reading.ts';
import { folded, holds, isQuestion, keysIn, listOf, wordsIn } from './words.ts';

/** Words of all three languages: in an answer to yes or no none of them means anything else. */
const YES = listOf(
  "yes,yeah,yep,yup,ya,sure,correct,right,alright,exactly,absolutely,definitely,certainly,totally,indeed,of course,ok,okay,that's it,that is it,perfect,go ahead,go for it,do it,let's do it,sounds good,please do,i think so,you got it,you bet,affirmative,mm hm,mm hmm,mhm,mhmm,uh huh,हां,हा,जी,जी हां,सही,ठीक,अच्छा,बिल्कुल,बिलकुल,हां जी,haan,ha,han,ji,sahi,theek,thik,accha,achha,bilkul,sí,si,claro,correcto,exacto,eso es,vale,así es,perfecto,por supuesto,desde luego,efectivamente,afirmativo,está bien,muy bien,dale,de acuerdo",
);
/** These are a yes where nothing else is said: "good" is one, "good question" is none. */
const YES_ALONE = new RegExp(
  `^(?:${[
    "(?:(?:it|that|i|yes|oh)(?:'s| is)? )*(?:it is|that is|it does|i do|i am|i would|i will)",
    "(?:(?:that|it|this|that's|it's|is|looks|sounds|all|very|just|oh|works) )*(?:fine|great|good|cool|lovely|excellent|wonderful)(?: (?:thanks|thank|you|for|me|with|by|then))*",
    '(?:bueno|bien|venga|genial|estupendo)',
  ].join('|')})$`,
  'u',
);
const NO = listOf(
  "no,nope,nah,not,nothing,incorrect,wrong,isn't,don't,doesn't,won't,negative,never,नहीं,नही,ना,गलत,मत,nahi,nahin,nai,na,galat,mat,incorrecto,equivocado,está mal,tampoco,para nada,nada de eso,nunca,qué va,en absoluto,ni hablar,negativo",
);
/** They mean a yes, whatever they hold: "no problem", "why not". */
const NOT_NO = listOf(
  "no problem,not a problem,no worries,why not,not wrong,not bad,no mistake,nothing wrong,don't mind,कोई बात नहीं,koi baat nahi,no hay problema,ningún problema,sin problema,cómo no",
);
/** Somebody does not know, or has not understood: neither. */
const UNSURE = listOf(
  "not sure,not certain,unsure,not quite sure,not really sure,don't know,do not know,dunno,no idea,no clue,don't understand,didn't understand,didn't hear,didn't catch,didn't get,can't hear,not clear,no sé,no lo sé,no estoy seguro,no estoy segura,ni idea,no entiendo,no entendí,no he entendido,no le he entendido,no le entiendo,no te entiendo,no oigo,no le oigo,पता नहीं,मालूम नहीं,समझ नहीं,समझा नहीं,सुनाई नहीं,pata nahi,pata nahin,maloom nahi,malum nahi,samajh nahi,samjha nahi,sunai nahi",
);
/** In Spanish the comma tells "no, es correcto" from "no es correcto". */
const NO_BUT_RIGHT =
  /^(?:(?:no|nahi|nahin|नहीं)[, ]+(.*(?:that's right|it's right|that's correct|it's correct|sahi hai|theek hai|सही है|ठीक है))|no,(.*es correcto))[.! ]*$/u;
/** "No, that's fine" takes what was said, or declines what was offered; "no, yes" is both. */
const EITHER =
  /^(?:no|nope|nah),? (?:(?:it's|that's|it is|that is) (?:fine|good|ok|okay|alright|all right)|yes|yeah|yep|sí|si|haan)$/u;

/** What an answer to yes or no says; `1` is yes and `2` is no on the keys. "No, that's right" is a yes. */
export function readYesNo(text: string): Reading<boolean> {
  const keys = keysIn(text)?.replace(/[#*]/g, '');
  if (keys !== undefined) return keys === '1' || keys === '2' ? { type: 'value', value: keys === '1' } : NONE;
  const said = NOT_NO.reduce((rest, phrase) => ` ${rest} `.replace(` ${phrase} `, ' yes ').trim(), wordsIn(text));
  if (holds(said, UNSURE) || EITHER.test(said)) return NONE;
  const isNo = holds(said, NO);
  if (!isNo && said !== 'yes' && isQuestion(text)) return NONE;
  const isYes = holds(said, YES) || YES_ALONE.test(said);
  if (isYes && isNo) return { type: 'value', value: isNoButRight(text) };
  return isYes || isNo ? { type: 'value', value: isYes } : NONE;
}

function isNoButRight(text: string): boolean {
  const found = NO_BUT_RIGHT.exec(folded(text));
  return found !== null && !holds(wordsIn(found[1] ?? found[2] ?? ''), NO);
}

/** Whether an answer has nothing in it but a yes or a no: "absolutely correct". */
export function isBareYesNo(text: string): boolean {
  const said = wordsIn(text);
  const phrases = [...NOT_NO, ...YES, ...NO].sort((a, b) => b.length - a.length);
  const left = phrases.reduce(
    (rest, phrase) => rest.replaceAll(` ${phrase} `, '  '),
    ` ${said.replaceAll(' ', '  ')} `,
  );
  return YES_ALONE.test(said) || left.trim() === '';
}
