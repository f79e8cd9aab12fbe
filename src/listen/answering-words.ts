/**
 * What greetings of answering machines say, and what people say who answer. Looked for in what was understood, in every
 * language at once: who is called may have set up their machine in another language than the agent's.
 */
import { hasAnyOf, plainWords } from '../lib/plain-words.ts';

/** Letters and spaces of them, in lower case; a run of words counts wherever it stands. */
const MACHINE_WORDS = [
  // English
  ...[
    'leave a message',
    'leave your message',
    'leave me a message',
    'leave your name',
    'after the tone',
    'after the beep',
  ],
  ...['at the tone', 'at the beep', 'record your message', 'voicemail', 'voice mail', 'voice messaging', 'mailbox'],
  ...[
    'answering machine',
    'is not available',
    'not available right now',
    'unavailable to take',
    'cannot take your call',
  ],
  ...["can't take your call", 'unable to take your call', 'unable to answer', "can't come to the phone"],
  ...['person you are trying to reach', 'person you have called', 'number you have dialed', 'number you have dialled'],
  ...[
    'you have reached the',
    "you've reached the",
    'get back to you as soon',
    'return your call',
    'call you back as soon',
  ],
  ...['please stay on the line to leave', 'press pound', 'press hash'],
  // German
  ...[
    'nach dem signalton',
    'nach dem ton',
    'nach dem piepton',
    'nachricht hinterlassen',
    'hinterlassen sie',
    'hinterlasse',
  ],
  ...[
    'anrufbeantworter',
    'nicht erreichbar',
    'nicht zu erreichen',
    'sprachbox',
    'mailbox von',
    'rufen zuruck',
    'rufe zuruck',
  ],
  // French
  ...['laissez un message', 'laisser un message', 'laissez votre message', 'laissez moi un message', 'apres le bip'],
  ...['apres le signal', 'messagerie vocale', 'repondeur', 'boite vocale', 'pas disponible', 'indisponible'],
  // Spanish
  ...[
    'deje su mensaje',
    'deja tu mensaje',
    'deje un mensaje',
    'despues de la senal',
    'despues del tono',
    'buzon de voz',
  ],
  ...['contestador automatico', 'no se encuentra disponible', 'no esta disponible'],
  // Italian
  ...[
    'lasciate un messaggio',
    'lascia un messaggio',
    'lasciare un messaggio',
    'dopo il segnale',
    'segreteria telefonica',
  ],
  ...['non e raggiungibile', 'non e al momento'],
  // Portuguese
  ...[
    'deixe sua mensagem',
    'deixe a sua mensagem',
    'deixe um recado',
    'deixe o seu recado',
    'apos o sinal',
    'apos o bip',
  ],
  ...['caixa postal', 'correio de voz'],
  // Dutch
  ...[
    'na de toon',
    'na de piep',
    'spreek een bericht',
    'bericht achterlaten',
    'bericht in te spreken',
    'voicemail van',
  ],
  // Hindi, in both scripts, and as networks say it
  ...['beep ke baad', 'sandesh chhod', 'message chhod', 'बीप के बाद', 'संदेश छोड़', 'उपलब्ध नहीं', 'संपर्क नहीं हो'],
  ...['switched off', 'not reachable', 'out of coverage'],
].map(plainWords);

/** A question, or a name with "speaking": who says so waits for an answer, however long it took to say. */
const PERSON_WORDS = [
  ...['who is this', "who's this", 'who is calling', 'how can i help', 'how may i help', 'can i help you', 'speaking'],
  ...['wer ist da', 'wer spricht', 'was kann ich fur sie', 'wie kann ich', 'am apparat'],
  ...['qui est ce', "c'est qui", "qui est a l'appareil", "a l'appareil", 'que puis je'],
  ...['quien es', 'quien habla', 'en que puedo', 'digame', 'chi parla', 'come posso', 'quem fala', 'em que posso'],
  ...['met wie spreek', 'waarmee kan ik', 'kaun bol', 'कौन बोल', 'kaun hai', 'कौन है'],
].map(plainWords);

export const machineWordsIn = (text: string): boolean => hasAnyOf(plainWords(text), MACHINE_WORDS);

export const personWordsIn = (text: string): boolean => hasAnyOf(plainWords(text), PERSON_WORDS);
