/** What is asked, answered and asked again while a value is collected, in the languages in which that is done. */
import type { Wrong } from './reading.ts';
import type { CollectLanguage } from './words.ts';

/** What can be collected. */
export type CollectKind =
  'name' | 'phone' | 'email' | 'date' | 'time' | 'address' | 'confirm' | 'choice' | 'card' | 'cardExpiry' | 'cardCode';

type ByLanguage<Value> = Readonly<Record<CollectLanguage, Value>>;

/** The question; `{}` stands for what it is about, such as the choices. */
export const QUESTIONS: Readonly<Record<CollectKind, ByLanguage<string>>> = {
  name: { en: 'What is your full name?', hi: 'आपका पूरा नाम क्या है?', es: '¿Cuál es su nombre completo?' },
  phone: {
    en: 'What is your phone number? You can say it, or type it on your keypad.',
    hi: 'आपका फ़ोन नंबर क्या है? आप बोल सकते हैं, या कीपैड पर दबा सकते हैं।',
    es: '¿Cuál es su número de teléfono? Puede decirlo o marcarlo en el teclado.',
  },
  email: {
    en: 'What is your email address? Please spell it.',
    hi: 'आपका ईमेल पता क्या है? कृपया एक एक अक्षर बोलिए।',
    es: '¿Cuál es su correo electrónico? Deletréelo, por favor.',
  },
  date: { en: 'What date, please?', hi: 'कौन सी तारीख?', es: '¿Qué fecha, por favor?' },
  time: { en: 'At what time, please?', hi: 'कितने बजे?', es: '¿A qué hora, por favor?' },
  address: { en: 'What is your address?', hi: 'आपका पता क्या है?', es: '¿Cuál es su dirección?' },
  card: {
    en: 'Please type your card number on your keypad, then press the pound key. You can also say it.',
    hi: 'अपना कार्ड नंबर कीपैड पर दबाइए, और फिर हैश दबाइए। आप बोल भी सकते हैं।',
    es: 'Marque el número de su tarjeta en el teclado y luego pulse almohadilla. También puede decirlo.',
  },
  cardExpiry: {
    en: 'And the month and year in which it expires, in four digits?',
    hi: 'और यह किस महीने और साल तक मान्य है, चार अंकों में?',
    es: '¿Y el mes y el año de caducidad, en cuatro cifras?',
  },
  cardCode: {
    en: 'And the security code of the card?',
    hi: 'और कार्ड का सीवीवी?',
    es: '¿Y el código de seguridad de la tarjeta?',
  },
  confirm: { en: '{} Yes or no?', hi: '{} हाँ या नहीं?', es: '{} ¿Sí o no?' },
  choice: { en: 'Which one would you like: {}?', hi: 'आप क्या चाहेंगे: {}?', es: '¿Cuál prefiere: {}?' },
};

/** What is read back: of a card, no more than its last digits. */
export type ReadBackKind = Exclude<CollectKind, 'confirm' | 'cardExpiry' | 'cardCode'>;

/** The value aloud, for a yes or a no. */
export const READ_BACKS: Readonly<Record<ReadBackKind, ByLanguage<string>>> = {
  card: {
    en: 'I have a card that ends in {}. Is that right?',
    hi: 'आपका कार्ड {} पर खत्म होता है। क्या यह सही है?',
    es: 'Tengo una tarjeta que termina en {}. ¿Es correcto?',
  },
  name: { en: 'I have {}. Is that right?', hi: '{}। क्या यह सही है?', es: 'He entendido {}. ¿Es correcto?' },
  phone: { en: 'I have {}. Is that right?', hi: 'आपका नंबर है {}। क्या यह सही है?', es: 'Tengo el {}. ¿Es correcto?' },
  email: { en: 'That is {}. Is that right?', hi: 'आपका ईमेल है {}। क्या यह सही है?', es: 'Es {}. ¿Es correcto?' },
  date: { en: '{}. Is that right?', hi: '{}। क्या यह सही है?', es: 'El {}. ¿Es correcto?' },
  time: { en: 'At {}. Is that right?', hi: '{}। क्या यह सही है?', es: 'A {}. ¿Es correcto?' },
  address: { en: 'I have {}. Is that right?', hi: '{}। क्या यह सही है?', es: 'Tengo {}. ¿Es correcto?' },
  choice: { en: '{}. Is that right?', hi: '{}। क्या यह सही है?', es: '{}. ¿Es correcto?' },
};

/** Part of it has come. */
export const REST: ByLanguage<string> = { en: 'And the rest, please?', hi: 'और आगे?', es: '¿Y el resto, por favor?' };
export const WHICH_HALF: ByLanguage<string> = {
  en: 'In the morning, or in the afternoon?',
  hi: 'सुबह, या शाम को?',
  es: '¿De la mañana o de la tarde?',
};
/** It was read back, and is not right. */
export const AGAIN: ByLanguage<string> = {
  en: 'I am sorry. Please say it once more.',
  hi: 'माफ़ कीजिए। कृपया एक बार फिर बताइए।',
  es: 'Lo siento. Dígamelo otra vez, por favor.',
};

/** Why what was said is no value; the question is asked behind it. */
export const WRONGS: Readonly<Record<Wrong, ByLanguage<string>>> = {
  'too-long': { en: 'That has too many digits.', hi: 'इसमें ज़्यादा अंक हैं।', es: 'Tiene demasiadas cifras.' },
  'no-such-number': { en: 'That is not a valid number.', hi: 'यह नंबर सही नहीं है।', es: 'Ese número no es válido.' },
  'no-such-day': { en: 'There is no such date.', hi: 'ऐसी कोई तारीख नहीं है।', es: 'Esa fecha no existe.' },
  'must-be-later': { en: 'That date has passed.', hi: 'यह तारीख बीत चुकी है।', es: 'Esa fecha ya ha pasado.' },
  'must-be-earlier': {
    en: 'That date is yet to come.',
    hi: 'यह तारीख अभी आई नहीं है।',
    es: 'Esa fecha todavía no ha llegado.',
  },
  'no-such-time': { en: 'There is no such time.', hi: 'ऐसा कोई समय नहीं है।', es: 'Esa hora no existe.' },
  'no-such-card': {
    en: 'That is not a valid card number.',
    hi: 'यह कार्ड नंबर सही नहीं है।',
    es: 'Ese número de tarjeta no es válido.',
  },
  'card-expired': { en: 'That card has expired.', hi: 'इस कार्ड की अवधि बीत चुकी है।', es: 'Esa tarjeta ha caducado.' },
  'no-such-code': {
    en: 'That is not a security code.',
    hi: 'यह सीवीवी सही नहीं है।',
    es: 'Ese código de seguridad no es válido.',
  },
  'out-of-hours': { en: 'We are closed at that time.', hi: 'उस समय हम बंद हैं।', es: 'A esa hora estamos cerrados.' },
};

const OR: ByLanguage<string> = { en: 'or', hi: 'या', es: 'o' };

/** `a, b or c`. */
export function listed(words: readonly string[], language: CollectLanguage): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${OR[language]} ${last}`;
}
