/**
 * What the agent has asked for, as slots: a name and a date, a code of known length, one of two, yes or no. Judged by its last
 * sentences, in every language that is spoken to. Pure. Knows no grammar, only the words by which people ask.
 */
import { WORD_CHARACTER } from '../lib/word-characters.ts';
import { rowOf } from './numbers.ts';
import { tokensOf, type Speech } from './speech-of.ts';

/** One thing that may be asked for. */
export type Slot = 'name' | 'birth' | 'day' | 'time' | 'people' | 'address' | 'email' | 'code' | 'money' | 'age';

/** `else`: whether there is anything else; `which`: a word or two will do, as to "which city?"; `statement`: nothing was asked. */
export type Asked = Slot | 'several' | 'either' | 'yes-no' | 'else' | 'which' | 'open' | 'statement';

export interface Question {
  kind: Asked;
  /** All that was asked for, where it is known. */
  slots: readonly Slot[];
  /** How many digits and letters a code has, where that is known: any of these. */
  lengths?: readonly number[];
  /** Words that only one of the two has. */
  options?: readonly string[];
}

export const NO_QUESTION: Question = { kind: 'statement', slots: [] };

/** Of what the agent has said, the last two sentences are in these. */
const LOOKED_AT = 1_000;

/**
 * Any of these words, in lower case, or how they begin: `tel` is in `telephone`. With `$` behind it, the whole word.
 */
const anyOf = (...lists: string[]): RegExp => new RegExp(sourceOf(lists), 'u');

/** The same, and words of languages without spaces, which begin anywhere. */
const anywhere = (lists: string[], words: string): RegExp =>
  new RegExp(`${sourceOf(lists)}|${words.split(/[,\s]+/).join('|')}`, 'u');

function sourceOf(lists: string[]): string {
  const parts = lists
    .join(',')
    .split(',')
    .map((part) => part.trim().replace(/\s+/g, '\\s+'))
    .filter((part) => part !== '');
  const begun = parts.filter((part) => !part.endsWith('$'));
  const whole = parts.filter((part) => part.endsWith('$')).map((part) => part.slice(0, -1));
  if (whole.length > 0) begun.push(`(?:${whole.join('|')})(?!${WORD_CHARACTER})`);
  return `(?<!${WORD_CHARACTER})(?:${begun.join('|')})`;
}

// What follows is by subject; in each, English, Hindi in both scripts, Spanish, German, French, Italian, Portuguese, Dutch,
// Russian, the other languages of India, and those of East Asia.

const NUMBER = anywhere(
  [
    'number,numbers,digits,नंबर,नम्बर,अंक,संख्या,ank$,número,numero,nummer,numéro,номер,цифр',
    'નંબર,क्रमांक,নম্বর,নাম্বার,ନମ୍ବର,எண்,நம்பர்,నంబర్,నెంబర్,సంఖ్య,ನಂಬರ್,ಸಂಖ್ಯೆ,നമ്പർ',
  ],
  '号码 號碼 番号 번호',
);
const CODE = anywhere(
  [
    'code$,codes$,otp,o t p$,pin$,pincode,passcode,postcode,zip,reference,ref$,pnr,ifsc,sort code,cvv,cvc,सीवीवी,id$,iban,imei$,iccid$,swift,vin$,aadhaar,aadhar,pan$,serial,service tag,tracking',
    'registration,number plate,कोड,पिन,ओटीपी,आईडी,आधार,पैन,पीएनआर,código,localizador,matrícula,placa,dni$,nif$,nie$,cédula,curp$,rfc$',
    'kennzeichen,postleitzahl,plz$,kundennummer,code postal,immatriculation,codice,targa,cap$,cpf$,cep$,nif$,matrícula,postcode,kenteken,код,индекс,паспорт',
    'કોડ,ઓટીપી,কোড,ওটিপি,କୋଡ୍,குறியீடு,ஓடிபி,కోడ్,ఓటీపీ,ಕೋಡ್,ಒಟಿಪಿ,കോഡ്,ഒടിപി',
  ],
  '验证码 驗證碼 密码 邮编 コード 코드 인증',
);
const SPELL = anyOf('spell,स्पेलिंग,spelling,deletre,buchstab,épel,epel,soletr,spelt$,по буквам,ஸ்பெல்,స్పెల్లింగ్');
const PHONE = anywhere(
  [
    'phone,telephone,mobile,cell,contact number,callback,फ़ोन,फोन,मोबाइल,teléfono,móvil,celular,telefon,handynummer,mobilnummer,téléphone,portable,cellulare,telefone,telemóvel,mobiele,телефон',
    'ફોન,મોબાઇલ,ফোন,মোবাইল,ଫୋନ,ମୋବାଇଲ,தொலைபேசி,போன்,மொபைல்,ఫోన్,మొబైల్,ಫೋನ್,ಮೊಬೈಲ್,ഫോൺ,മൊബൈൽ',
  ],
  '电话 電話 手机 手機 携帯 전화 휴대폰',
);
const CARD = anyOf('card,कार्ड,tarjeta,karte,kreditkarte,carte,carta$,cartão,kaart,карт,કાર્ડ,কার্ড,கார்டு,కార్డు,ಕಾರ್ಡ್,കാർഡ്');
const BIRTH = anywhere(
  [
    'date of birth,birth ?date,birthday,d o b$,dob$,born,जन्म,janm,nacimiento,nació,geburtsdatum,geboren,naissance,nascita,nato$,nata$,nascimento,nasceu,geboorte,рожд',
    'જન્મ,জন্ম,ଜନ୍ମ,பிறந்த,పుట్టిన,ಹುಟ್ಟಿದ,ಜನ್ಮ,ജനന',
  ],
  '生日 出生 生年月日 생년월일 생일',
);
const EMAIL = anyOf('e-?mail,ई-?मेल,ईमेल,correo,mail$,почт,મેઈલ,ইমেল,மின்னஞ்சல்,ఈమెయిల్,ಇಮೇಲ್,ഇമെയിൽ');
const NAME = anywhere(
  [
    'names?$,surname,who am i (?:speaking|talking),who.?s calling,who is calling,who should i,कौन बोल,किससे बात,kaun bol,kisse baat,con quién hablo,quién llama,cómo se llama,cómo te llamas,wer spricht,mit wem spreche,wie heißen,vous appelez,si chiama,se chama,heet u$,qui est à l.appareil,à qui ai-je,con chi parlo,com quem falo,met wie spreek,с кем я говорю,नाम,naam$,nombre,apellido,nom$,prénom,nome,cognome,sobrenome,apelido,naam,имя,зовут,фамили',
    'નામ,नाव,নাম,ନାମ,பெயர்,పేరు,ಹೆಸರು,പേര്',
  ],
  '名字 姓名 贵姓 名前 お名前 이름 성함',
);
const DAY = anywhere(
  [
    'what day,which day,what date,which date,day works,dates?$,days?$,when$,तारीख,दिन,कब,किस दिन,tareekh,tarikh,din$,kab$,fecha,qué día,cuándo,datum,tag$,welchen tag,wann,jour,quand,giorno,quando,data$,dia$,wanneer,dag$,welke dag,когда,дат,день,числ',
    'ક્યારે,દિવસ,તારીખ,केव्हा,कधी,कोणत्या दिवशी,কবে,কখন,তারিখ,କେବେ,ତାରିଖ,எப்போது,தேதி,ఎప్పుడు,తేదీ,ಯಾವಾಗ,ದಿನಾಂಕ,എപ്പോൾ,തീയതി',
  ],
  '哪天 几号 什么时候 日期 いつ 何日 日にち 언제 날짜 며칠',
);
const TIME = anywhere(
  [
    'time$,times$,what hour,o.clock,समय,बजे,टाइम,samay,baje,hora,uhr,uhrzeit,heure,ora$,orario,horas,hoe laat,tijd,врем,котор,час',
    'સમય,વાગ્યે,वेळ,वाजता,সময়,টায়,ସମୟ,நேரம்,மணி,సమయం,గంట,ಸಮಯ,ಗಂಟೆ,സമയം,മണി',
  ],
  '几点 時間 时间 何時 몇 시 시간',
);
const PEOPLE = anywhere(
  [
    'how many people,how many guests,how many of you,party size,how many passengers,how many travell?ers,कितने लोग,कितने यात्री,kitne log,kitne passenger,kitne jan,cuántas personas,cuántos son,wie viele personen,combien de personnes,quante persone,quantas pessoas,hoeveel personen,сколько человек,сколько персон',
    'કેટલા લોકો,किती लोक,কতজন,কয়জন,எத்தனை பேர்,ఎంత మంది,ಎಷ್ಟು ಜನ,എത്ര പേർ',
  ],
  '几位 多少人 何名 몇 분 몇 명',
);
const AMOUNT = anywhere(
  [
    'how many,how much,amount,how old,age$,quantity,income,salary,कितना,कितने,कितनी,kitna,kitne,kitni,umar,उम्र,cuánto,cuánta,edad,wie viel,wie viele,wie alt,combien,âge,quanto,quanta,quanti,quante,età,quantos,quantas,idade,hoeveel,hoe oud,leeftijd,сколько,возраст',
    'કેટલા,કેટલું,किती,কত,କେତେ,எவ்வளவு,எத்தனை,ఎంత,ఎన్ని,ಎಷ್ಟು,എത്ര',
  ],
  '多少 几 いくら いくつ 何 얼마 몇',
);
const ADDRESS = anywhere(
  [
    'address,postal address,where do you live,street,पता$,पता क्या,pata$,address,dirección,domicilio,adresse,anschrift,indirizzo,endereço,morada,adres,адрес',
    'સરનામું,पत्ता,ঠিকানা,ଠିକଣା,முகவரி,చిరునామా,అడ్రస్,ವಿಳಾಸ,വിലാസം',
  ],
  '地址 住所 주소',
);
const ELSE = anywhere(
  [
    'anything else,something else,any other,what else,any more questions,और कुछ,कुछ और,और कोई,कोई और,aur kuch,kuch aur,aur koi,algo más,alguna otra,noch etwas,sonst noch,autre chose,altro,mais alguma,algo mais,mais algo,nog iets,anders nog,что-?(то|нибудь) ещё,ещё что,что-нибудь еще',
    'બીજું કંઈ,आणखी काही,আর কিছু,ଆଉ କିଛି,வேறு ஏதாவது,வேறு எதாவது,ఇంకేమైనా,ಬೇರೆ ಏನಾದರೂ,വേറെ എന്തെങ്കിലും',
  ],
  '还有什么 还有别的 還有 他に ほかに 다른 더 필요',
);

/** By which somebody is asked to say something, whether the voice rises or not. */
const REQUEST = anywhere(
  [
    'please,tell me,give me,give us,share,enter,type,press,key in,read,say,spell,provide,confirm,may i,can i,could i,could you,can you,let me have,take a,what.?s,what is,what are',
    'दबाइए,दबाएं,दबाएँ,dabaiye,marque,teclee,presione,tippen,tapez,composez,tecle,digit,toets,введите,наберите',
    'बताइए,बताएं,बताइये,बताएँ,बताओ,दीजिए,कृपया,बोलिए,बोलें,bata,batao,bataiye,dijiye,de do,boliye,kripya,por favor,dígame,díganos,dime,indique,me da,puede,podría,bitte,sagen sie,nennen sie,geben sie,s.il vous plaît,donnez,dites,per favore,mi dica,mi dia,por favor,diga,alstublieft,graag,geeft u,назовите,скажите,пожалуйста,подскажите,продиктуйте',
    'કહો,આપો,જણાવો,सांगा,द्या,বলুন,দিন,କୁହନ୍ତୁ,ଦିଅନ୍ତୁ,சொல்லுங்கள்,கொடுங்கள்,చెప్పండి,ఇవ్వండి,ಹೇಳಿ,ಕೊಡಿ,പറയൂ,പറയാമോ,തരൂ',
  ],
  '请 請 告诉 ください お願い 教えて 주세요 말씀',
);
/** A sentence that begins so is answered with yes or no, whatever it speaks of. */
const YES_NO_START =
  /^((so|and|okay|ok|great|alright|then|now)?[,\s]*(is|are|am|was|were|do|does|did|has|have|had|isn't|aren't|don't|doesn't|didn't|haven't)|क्या|kya)(?![\p{L}\p{M}\p{N}])/u;
const MAY_START =
  /^(so|and|okay|ok|great|alright|then|now)?[,\s]*(can|could|would|will|shall|should|may|might|won't|wouldn't|couldn't|shouldn't)(?![\p{L}\p{M}\p{N}])/u;
const YES_NO_END =
  /(?<![\p{L}\p{M}\p{N}])(right|correct|okay|ok|yes|is\s+that\s+so|ठीक\s+है|सही\s+है|नहीं|ना|न|nahin?|na|theek\s+hai|sahi\s+hai|है\s+क्या|hai\s+kya|verdad|correcto|vale|no|nein|non|não|nee|нет|richtig|oder|korrekt|correct|d.accord|giusto|corretto|vero|certo|né|klopt\s+dat|toch|верно|правильно|да)\s*[?？](?![\p{L}\p{M}\p{N}])|吗[?？]?$|嗎[?？]?$|ですか[?？。]?$|ますか[?？。]?$|까요[?？]?$|나요[?？]?$/u;
/** Words that ask for more than yes. */
const WH: Readonly<Record<Speech, RegExp>> = {
  en: anyOf('what,which$,when$,where,who,why$,how$,tell me,give me,name$,spell,or$'),
  in: anyOf(
    'what,which$,when$,where,who$,why$,how$,tell me,give me,or$,कौन,कब,कहाँ,कहां,क्यों,कैसे,कितन,किस,या$,क्या (है|हुआ|चाहिए|नाम|समस्या|करना),बताइए,बताएं,kaun,kab$,kahan,kyun,kaise,kitn,kis$,kya (hai|hua|chahiye|karna|problem),ya$,bata',
    'કોણ,ક્યાં,ક્યારે,કેમ,કેવી,કેટલ,શું,कोण,कुठे,केव्हा,का$,कसे,किती,काय,কে$,কোথায়,কখন,কেন,কীভাবে,কত,কী$,କିଏ,କେଉଁ,କେବେ,କଣ,யார்,எங்கே,எப்போது,ஏன்,எப்படி,எத்தனை,என்ன,ఎవరు,ఎక్కడ,ఎప్పుడు,ఎందుకు,ఎలా,ఎంత,ఏమి,ಯಾರು,ಎಲ್ಲಿ,ಯಾವಾಗ,ಏಕೆ,ಹೇಗೆ,ಎಷ್ಟು,ಏನು,ആരാ,എവിടെ,എപ്പോൾ,എന്തുകൊണ്ട്,എങ്ങനെ,എത്ര,എന്ത്',
  ),
  es: anyOf('qué,cuál,cuándo,dónde,adónde,quién,cómo,cuánt,por qué,o$'),
  de: anyOf('was$,welch,wann,wo$,wohin,woher,wer$,wem$,wen$,warum,wie$,wofür,worum,oder'),
  fr: anyOf('que$,quoi,quel,quand,où$,qui$,pourquoi,comment,combien,ou$'),
  it: anyOf('che$,cosa,quale,quando,dove,chi$,perché,come$,quant,o$'),
  pt: anyOf('que$,qual,quando,onde,quem,por que,como$,quant,ou$'),
  nl: anyOf('wat$,welk,wanneer,waar,wie$,waarom,hoe$,hoeveel,of$'),
  ru: anyOf('что,как,когда,где,куда,откуда,кто,кого,кому,почему,сколько,или'),
  asia: /什么|什麼|哪|谁|誰|怎么|怎麼|为什么|几|多少|还是|何|どこ|いつ|どの|どちら|だれ|なぜ|どう|무엇|뭐|어디|언제|누구|왜|어떻게|몇|얼마|아니면/u,
};
/** Between the two of which one is asked for. */
const OR = /\s(?:or|या|ya|o|u|oder|ou|of|или|કે|किंवा|নাকি|না|அல்லது|లేదా|ಅಥವಾ|അതോ)\s|还是|還是|それとも|아니면/u;

const COUNT_BEFORE = new RegExp(
  `(?<![\\p{L}\\p{Nd}])(\\p{Nd}{1,2}|[\\p{L}\\p{M}]+)[\\s-]+(?:digits?|numbers?|characters?|letters?|अंक\\p{M}*|ank|dígitos|cifras|stellig\\p{L}*|ziffern|chiffres|cifre|cijfers|цифр\\p{L}*|numbers)`,
  'u',
);

const IS_QUESTION = /[?？]$/u;

/** What the agent's words ask for, judged by their last sentences. */
export function questionIn(text: string, speech: Speech = 'en'): Question {
  const sentences =
    text
      .slice(-LOOKED_AT)
      .trim()
      .toLowerCase()
      .match(/[^.?!।？。！]+[.?!।？。！]*/gu) ?? [];
  const last = sentences.at(-1)?.trim() ?? '';
  const isQuestion = IS_QUESTION.test(last);
  const before = sentences.at(-2)?.trim() ?? '';
  const asked = isQuestion ? last : `${before} ${last}`.trim();
  if (last === '') return NO_QUESTION;
  if (ELSE.test(asked) && isQuestion) return { kind: 'else', slots: [] };
  if (isConfirmation(last, speech)) return { kind: 'yes-no', slots: [] };
  // "Your number? You can say it, or type it." asks as well
  const asks = isQuestion || IS_QUESTION.test(before) || REQUEST.test(asked) || isShort(last);
  const slots = asks ? slotsIn(asked, speech) : [];
  if (slots.length > 0)
    return { kind: slots.length > 1 ? 'several' : slots[0]!, slots, ...lengthsIn(asked, slots, speech) };
  if (isQuestion) return isYesNo(last, speech) ? { kind: 'yes-no', slots: [] } : (eitherIn(last) ?? whichOrOpen(last));
  return REQUEST.test(last) ? { kind: 'open', slots: [] } : NO_QUESTION;
}

/** "Order number, please." needs no verb. */
const isShort = (sentence: string): boolean => sentence.split(/\s+/).length <= 4;

/** "Is your number 4711?" names what it might ask for. */
function isConfirmation(sentence: string, speech: Speech): boolean {
  if (YES_NO_END.test(sentence) && rowOf(tokensOf(sentence), speech).digits >= 3) return true;
  return YES_NO_START.test(sentence) && !/\b(have|got)\b/.test(sentence);
}

function slotsIn(asked: string, speech: Speech): Slot[] {
  const found: Slot[] = [];
  const has = (pattern: RegExp) => pattern.test(asked);
  const isCode = has(SPELL) || has(CODE) || (has(NUMBER) && !has(PEOPLE)) || COUNT_BEFORE.test(asked);
  if (has(NAME) && !has(SPELL)) found.push('name');
  if (has(EMAIL)) found.push('email');
  else if (isCode) found.push('code');
  if (has(BIRTH)) found.push('birth');
  else if (has(DAY)) found.push('day');
  if (has(PEOPLE)) found.push('people');
  else if (!isCode && !has(TIME) && !has(DAY) && has(AMOUNT)) found.push('money');
  if (has(TIME)) found.push('time');
  if (has(ADDRESS) && !has(EMAIL)) found.push('address');
  // "Would Monday be a good day?" is no question for a day
  const isOffer = MAY_START.test(asked) && !WH[speech].test(asked) && !REQUEST.test(asked);
  return isOffer && !isCode ? [] : found;
}

/** By which a word or two are asked for... */
const WHICH = anywhere(
  [
    'which,where,who$,whose,how long,how often,how far,how soon,what (?:kind|type|sort|size|colou?r|model|make|brand|plan|city|class)',
    'कौन सा,कौन सी,कौन से,कौनसा,कौनसी,कहाँ,कहां,किस$,kaun ?s[aie]$,kahan,kahaan,kis$,kidhar',
    'cuál,dónde,adónde,quién,qué (?:modelo|tipo|color|ciudad|talla|marca|sucursal|doctor|clase|tamaño)',
    'welche,wo$,wohin,woher,wer$,wem$,wie lange,quelle?s?$,où$,qui$,combien de temps,quale,quali$,dove,chi$,qual$,quais,onde,aonde,quem,welke?,waar$,waarheen,wie$,hoe lang',
    'какой,какая,какое,какие,какую,где$,куда,откуда,кто$,кому,કયા,કઈ,ક્યાં,कोणत,कुठे,কোন,কোথায়,କେଉଁ,எந்த,எங்கே,ఏ$,ఎక్కడ,ಯಾವ$,ಎಲ್ಲಿ,ഏത്,എവിടെ',
  ],
  '哪 谁 誰 どこ どの どちら どなた 어디 어느 누구',
);
/** ...unless what is to be told of is a whole story. */
const STORY = anywhere(
  [
    'problem,reason,issue,wrong,happen,matter$,help,समस्या,दिक्कत,वजह,परेशानी,dikkat,problem,wajah,problema,motivo,razón,ocurri,pas[oó]$,pasado,ayudar,grund,passiert,raison,motif,problème,successo,aconteceu,probleem,reden,причин,проблем,случил',
  ],
  '问题 問題 原因 문제 이유',
);

function whichOrOpen(sentence: string): Question {
  return { kind: WHICH.test(sentence) && !STORY.test(sentence) ? 'which' : 'open', slots: [] };
}

/** By what is asked for. */
const LENGTHS = {
  securityCode: { en: [3, 4] },
  expiry: { en: [3, 4, 6] },
  oneTimeCode: { en: [4, 6] },
  postcode: { en: [5, 6, 7], in: [6], es: [5], de: [5], fr: [5], it: [5], pt: [7, 8], nl: [6], ru: [6] },
  pin: { en: [4, 6] },
  phone: {
    en: [10, 11],
    in: [10],
    es: [9, 10],
    de: [10, 11, 12],
    fr: [10],
    it: [9, 10],
    pt: [9, 11],
    nl: [10],
    ru: [10, 11],
    asia: [10, 11],
  },
  /** Of some brands as many as 19. */
  card: { en: [15, 16, 19] },
  iban: { en: [22], es: [24], fr: [27], it: [27], pt: [25], nl: [18] },
} satisfies Record<string, Lengths>;

type Lengths = Readonly<Partial<Record<Speech, readonly number[]>>> & { en: readonly number[] };

/** How many digits and letters such a code has where this is spoken. */
export function lengthsOf(code: keyof typeof LENGTHS, speech: Speech): readonly number[] {
  const lengths: Lengths = LENGTHS[code];
  return lengths[speech] ?? lengths.en;
}

const PAIRS: readonly [pattern: RegExp, lengths: Lengths][] = [
  [
    anyOf(
      'cvv,cvc,security code,सीवीवी,código de segur,sicherheitscode,prüfnummer,code de sécurité,codice di sicurezza,beveiligingscode,код безопасности',
    ),
    LENGTHS.securityCode,
  ],
  [anyOf('expir,caducidad,vencimiento,ablauf,scadenza,validade,verval'), LENGTHS.expiry],
  [anyOf('otp,o t p,one.?time,verification,ओटीपी,sms'), LENGTHS.oneTimeCode],
  [anyOf('sort code'), { en: [6] }],
  [anyOf('aadhaar,aadhar,आधार'), { en: [12] }],
  [anyOf('pan$,पैन'), { en: [10] }],
  [anyOf('ifsc'), { en: [11] }],
  [anyOf('nhs'), { en: [10] }],
  [anyOf('dni$,nif$'), { en: [8, 9] }],
  [anyOf('zip'), { en: [5] }],
  [anywhere(['postcode,postal,pin ?code,पिन कोड,पिनकोड,postleitzahl,plz$,cap$,cep$,индекс'], '邮编'), LENGTHS.postcode],
  [anyOf('pin$,पिन$'), LENGTHS.pin],
  [anyOf('pnr'), { en: [6, 10] }],
  [anyOf('iban$'), LENGTHS.iban],
  [anyOf('iccid'), { en: [19, 20] }],
  [anyOf('imei'), { en: [15] }],
];

function lengthsIn(asked: string, slots: readonly Slot[], speech: Speech): { lengths?: readonly number[] } {
  if (!slots.includes('code')) return {};
  const count = countIn(asked);
  if (count !== undefined) return { lengths: [count] };
  const known = PAIRS.find(([pattern]) => pattern.test(asked));
  if (known) return { lengths: known[1][speech] ?? known[1].en };
  if (PHONE.test(asked)) return { lengths: lengthsOf('phone', speech) };
  return CARD.test(asked) && NUMBER.test(asked) ? { lengths: lengthsOf('card', speech) } : {};
}

function countIn(asked: string): number | undefined {
  const word = COUNT_BEFORE.exec(asked)?.[1]?.toLowerCase();
  if (word === undefined) return undefined;
  return /^\p{Nd}+$/u.test(word) ? Number(word) : COUNT_WORDS[word];
}

/** Counts as they stand before "digits". */
const COUNT_WORDS: Readonly<Record<string, number>> = {
  one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12, thirteen: 13,
  fourteen: 14, fifteen: 15, sixteen: 16, seventeen: 17, eighteen: 18, nineteen: 19, twenty: 20,
  तीन: 3, चार: 4, पाँच: 5, पांच: 5, छह: 6, छः: 6, आठ: 8, दस: 10, ग्यारह: 11, बारह: 12, तेरह: 13, चौदह: 14, पंद्रह: 15,
  सोलह: 16, सत्रह: 17, अठारह: 18, उन्नीस: 19, बीस: 20, char: 4, chaar: 4, paanch: 5, chhe: 6, das: 10, gyarah: 11, barah: 12, terah: 13, chaudah: 14, pandrah: 15,
  solah: 16, satrah: 17, atharah: 18, unnis: 19, bees: 20,
  tres: 3, cuatro: 4, cinco: 5, seis: 6, ocho: 8, nueve: 9, diez: 10, once: 11, doce: 12, trece: 13, catorce: 14, quince: 15,
  dieciséis: 16, diecisiete: 17, dieciocho: 18, diecinueve: 19, veinte: 20, drei: 3, vier: 4, fünf: 5, sechs: 6, acht: 8, zehn: 10,
  trois: 3, quatre: 4, cinq: 5, huit: 8, dix: 10, quattro: 4, cinque: 5, sei: 6, otto: 8, dieci: 10, quatro: 4, oito: 8, dez: 10,
  vijf: 5, zes: 6, tien: 10, четыре: 4, шесть: 6, десять: 10,
}; // prettier-ignore

function isYesNo(sentence: string, speech: Speech): boolean {
  if (YES_NO_END.test(sentence)) return true;
  if (OR.test(` ${sentence} `)) return false;
  const start = sentence.replace(/^(क्या|kya)\s/u, '');
  return !WH[speech].test(start);
}

/** "A window or an aisle seat?": the words on either side, as far as they differ. */
function eitherIn(sentence: string): Question | undefined {
  const sides = sentence.split(OR);
  if (sides.length < 2) return undefined;
  const words = sides.flatMap((side, i) => tokensOf(side).slice(...(i === 0 ? [-3] : [0, 4])));
  return {
    kind: 'either',
    slots: [],
    options: words.filter((word) => word.length > 2 || /\P{Script=Latin}/u.test(word)),
  };
}
