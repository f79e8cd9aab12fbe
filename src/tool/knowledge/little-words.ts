/**
 * Words of a question that do not say what it is about, in the languages that people ask in most. Where a language has none
 * here, its little words are told by how often they stand in what is searched.
 */
import { wordsOf } from './words.ts';

const ENGLISH =
  'a an the this that these those i me my we us our you your he she it its they them their who whom whose what which when where why how ' +
  'am is are was were be been being do does did done have has had can could may might must shall should will would ' +
  'and or but if so as at by for from in into of off on onto out over to up with without about after before during than then there here ' +
  'not no yes any some all each every other another same such only just also too very much many more most please tell know want need get got give go goes come long old';
const SPANISH =
  'el la los las un una unos unas lo al del de a en y o u e ni que qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas cómo dónde por para con sin sobre ' +
  'yo tú usted ustedes me te se nos le les mi mis tu tus su sus este esta estos estas ese esa eso es son soy está están ser estar hay haber ha he han fue ' +
  'puedo puede pueden poder quiero quiere querría necesito necesita tengo tiene tienen tener dar hacer algo no sí si ya muy más menos también como cuando donde porque hasta desde';
const HINDI =
  'मैं मुझे मेरा मेरी मेरे हम हमें आप आपका आपकी आपके तुम वह वे यह ये इस उस कौन क्या कब कहाँ कैसे कैसा क्यों कितना कितनी कितने किस सा सी से में पर को का की के ने तक लिए साथ ' +
  'है हैं था थी थे हो होता होती होते हूँ होना करना करनी करें कर करते लेना लें देना दें जाना सकता सकती सकते चाहिए चाहता चाहती और या भी ही तो नहीं न मत कोई कुछ बहुत';
const OTHERS =
  'le les des du et est je nous vous il elle que qui quoi quand combien comment où pour avec dans sur pas ' +
  'der die das den dem ein eine und ist sind ich wir sie wer was wann wie wo für mit auf nicht kann ' +
  'o os as um uma do da dos das no na em eu você ele ela quando quanto como onde para com não pode';

let little: ReadonlySet<string> | undefined;

/** `word` as `wordsOf` gives it. */
export function isLittle(word: string): boolean {
  little ??= new Set([ENGLISH, SPANISH, HINDI, OTHERS].flatMap((words) => words.split(' ').flatMap(wordsOf)));
  return little.has(word);
}
