/**
 * What is said to somebody on hold: by a recording, which wants nothing; by a menu, which wants a key; or by a person. Told by
 * the words alone, in every language at once: who has put the agent on hold may speak another one than it does.
 */
import { hasAnyOf, plainWords } from '../lib/plain-words.ts';

export type SaidOnHold = 'person' | 'menu' | 'recording';

/** A person may say "I will be right with you"; nobody who takes a call speaks for so long without asking anything. */
const MOST_WORDS_OF_A_PERSON = 40;

/** Who says so has taken the call, whatever else was said. */
const PERSON_WORDS = [
  ...['how can i help', 'how may i help', 'can i help you', 'may i help you', 'how can i assist', 'how may i assist'],
  ...[
    'who am i speaking',
    'who is this',
    "who's this",
    'are you there',
    'are you still there',
    'you are speaking with',
  ],
  ...['my name is', 'may i have your name', 'can i have your', 'may i have your', 'what can i do for you'],
  ...['wie kann ich ihnen helfen', 'was kann ich fur sie', 'mein name ist', 'sind sie noch da', 'am apparat'],
  ...['comment puis je', 'que puis je', "je m'appelle", 'vous etes toujours la', "c'est de la part de qui"],
  ...['en que puedo', 'como puedo ayudar', 'mi nombre es', 'me llamo', 'sigue ahi', 'con quien hablo'],
  ...['come posso aiutar', 'mi chiamo', 'in cosa posso', 'em que posso', 'como posso ajudar', 'meu nome e'],
  ...['waarmee kan ik', 'hoe kan ik u', 'mijn naam is', 'kaise madad', 'kya madad', 'मेरा नाम', 'मदद कर'],
].map(plainWords);

const MENU = new RegExp(
  [
    String.raw`\b(?:press|dial|hit) (?:the )?(?:\d|one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash)\b`,
    String.raw`\bsay (?:\w+ ){1,3}or press\b`,
    String.raw`\b(?:drucken|wahlen) sie (?:die )?(?:\d|eins|zwei|drei|vier|funf|sechs|sieben|acht|neun|null|raute|stern)\b`,
    String.raw`\b(?:appuyez sur|tapez) (?:le |la )?(?:\d|un|deux|trois|quatre|cinq|six|sept|huit|neuf|zero|etoile|diese)\b`,
    String.raw`\b(?:pulse|marque|oprima|presione) (?:el |la )?(?:\d|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero)\b`,
    String.raw`\b(?:prema|premere|digiti) (?:il )?(?:\d|uno|due|tre|quattro|cinque|sei|sette|otto|nove|zero)\b`,
    String.raw`\b(?:pressione|digite|tecle) (?:o )?(?:\d|um|dois|tres|quatro|cinco|seis|sete|oito|nove|zero)\b`,
    String.raw`\b(?:toets|druk) (?:op |een )?(?:\d|een|twee|drie|vier|vijf|zes|zeven|acht|negen|nul)\b`,
    String.raw`\d (?:dabaye|dabaiye|दबाए|दबाइए)`,
  ].join('|'),
);

const RECORDING_WORDS = [
  // English
  ...['your call is important', 'call is very important', 'please hold', 'continue to hold', 'stay on the line'],
  ...['remain on the line', 'all of our', 'agents are busy', 'representatives are busy', 'operators are busy'],
  ...['currently busy', 'currently assisting', 'currently helping', 'next available', 'in the order', 'in the queue'],
  ...['your position', 'number in line', 'caller in line', 'estimated wait', 'expected wait', 'wait time'],
  ...[
    'thank you for your patience',
    'thanks for your patience',
    'experiencing',
    'higher than usual',
    'higher than normal',
  ],
  ...['may be recorded', 'will be recorded', 'being recorded', 'for quality', 'visit our website', 'visit us at'],
  ...['did you know', 'our opening hours', 'our office hours', 'transferring your call', 'connecting your call'],
  ...['one moment while', 'please wait while', 'please wait for', 'will be with you shortly', 'will be answered'],
  // German
  ...[
    'bitte bleiben sie',
    'bitte warten sie',
    'in der leitung',
    'nachste freie',
    'nachster freier',
    'alle mitarbeiter',
  ],
  ...[
    'im gesprach',
    'wartezeit',
    'wir verbinden sie',
    'sie werden verbunden',
    'ihr anruf ist uns',
    'haben sie etwas geduld',
  ],
  ...['vielen dank fur ihre geduld', 'aufgezeichnet', 'zu qualitats'],
  // French
  ...['veuillez patienter', 'ne quittez pas', 'ne raccrochez pas', 'restez en ligne', 'votre appel est important'],
  ...['nos conseillers', "temps d'attente", 'merci de patienter', 'merci de votre patience', 'va prendre votre appel'],
  ...['susceptible d etre enregistre', 'mise en relation'],
  // Spanish
  ...[
    'por favor espere',
    'permanezca en linea',
    'no cuelgue',
    'su llamada es',
    'nuestros agentes',
    'nuestros asesores',
  ],
  ...['tiempo de espera', 'gracias por su paciencia', 'gracias por esperar', 'sera atendido', 'puede ser grabada'],
  // Italian and Portuguese
  ...[
    'attendere prego',
    'resti in linea',
    'rimanga in linea',
    'la preghiamo di attendere',
    'operatori sono',
    'tempo di attesa',
  ],
  ...[
    'aguarde',
    'permaneca na linha',
    'sua ligacao e',
    'nossos atendentes',
    'tempo de espera',
    'obrigado por aguardar',
  ],
  // Dutch
  ...[
    'een ogenblik geduld',
    'blijf aan de lijn',
    'blijft u aan de lijn',
    'medewerkers zijn',
    'wachttijd',
    'wachtenden',
  ],
  // Hindi, in both scripts
  ...['line par bane', 'kripya prateeksha', 'kripya pratiksha', 'pratiksha karen', 'prateeksha karen'],
  ...['प्रतीक्षा कर', 'लाइन पर बने', 'व्यस्त हैं', 'इंतज़ार कर'],
].map(plainWords);

/** Of all that one voice has said without a pause. */
export function whoSaysSo(text: string): SaidOnHold {
  const said = plainWords(text);
  if (hasAnyOf(said, PERSON_WORDS)) return 'person';
  if (MENU.test(said)) return 'menu';
  if (hasAnyOf(said, RECORDING_WORDS)) return 'recording';
  return said.split(' ').length > MOST_WORDS_OF_A_PERSON ? 'recording' : 'person';
}
