/** What a listener says, in each language that can be listened for: it goes by the language, not by the words. */
import { describe, expect, test } from 'vitest';
import { LIVE_LANGUAGES } from '../../src/listen/pulse/languages.ts';
import { backchannelsOf } from '../../src/turn/backchannel.ts';
import { LANGUAGES, wordsFor } from '../../src/turn/listening/languages.ts';
import { play } from './helpers/play.ts';

/** As people say them, and as services write them. */
const HEARD: Readonly<Record<string, string[]>> = {
  en: [
    'mm-hm',
    'Uh-huh.',
    'yeah',
    'Yeah, okay.',
    'I see',
    'got it',
    'right, right',
    'Hmmmm',
    'that’s right',
    'haan ji',
    'ठीक है',
    'sure sure',
  ],
  hi: [
    'हाँ',
    'हां',
    'हाँ जी',
    'जी',
    'अच्छा',
    'ठीक है',
    'हम्म',
    'haan',
    'Achha.',
    'theek hai',
    'ji haan',
    'हाँ हाँ',
    'okay',
    'सही है',
    'समझ गया',
  ],
  de: [
    'ja',
    'Ja, ja.',
    'jaja',
    'jaaa',
    'genau',
    'ach so',
    'Alles klar.',
    'mhm',
    'okay',
    'stimmt',
    'aha',
    'verstehe',
    'naturlich',
  ],
  es: [
    'sí',
    'si',
    'Sí, sí.',
    'sisi',
    'siii',
    'claro',
    'vale',
    'ajá',
    'Ya veo.',
    'de acuerdo',
    'mhm',
    'bueno',
    'está bien',
    'Ok.',
  ],
  ru: ['да', 'Да-да.', 'угу', 'ага', 'хорошо', 'понятно', 'Всё ясно.', 'ладно', 'da', 'ugu', 'khorosho', 'мммм'],
  it: ['sì', 'si si', 'certo', 'va bene', 'esatto', 'D’accordo.', 'capito', 'mhm', 'eh sì', 'già', 'perfetto'],
  fr: [
    'oui',
    'Oui, oui.',
    'ouiii',
    'ouais',
    "d'accord",
    'D’accord.',
    'ah bon',
    'hein',
    'mhm',
    'très bien',
    'tout à fait',
    'ça va',
    'je vois',
  ],
  nl: ['ja', 'jaja', 'oké', 'precies', 'klopt', 'Ja hoor.', 'oh ja', 'mhm', 'inderdaad', 'goed', 'snap ik'],
  pt: ['sim', 'Sim, sim.', 'aham', 'uhum', 'tá bom', 'certo', 'entendi', 'é verdade', 'pois é', 'claro', 'beleza'],
  gu: ['હા', 'હાં', 'હા જી', 'સારું', 'બરાબર', 'ઠીક છે', 'haa', 'saru', 'barabar', 'હમ્મ', 'ok'],
  mr: ['हो', 'हो हो', 'बरं', 'ठीक आहे', 'बरोबर', 'हां', 'ho', 'barobar', 'thik aahe', 'अच्छा', 'हम्म'],
  or: ['ହଁ', 'ହଁ ହଁ', 'ଠିକ୍ ଅଛି', 'ଆଜ୍ଞା', 'ଭଲ', 'han', 'thik achhi', 'agyan', 'okay', 'ହଉ'],
  bn: ['হ্যাঁ', 'হ্যাঁ হ্যাঁ', 'আচ্ছা', 'ঠিক আছে', 'হুম', 'জি', 'hyan', 'accha', 'thik ache', 'বুঝেছি'],
  ta: ['ஆமா', 'சரி', 'சரி சரி', 'ம்ம்', 'aama', 'seri', 'ஓகே', 'அப்படியா', 'புரியுது'],
  te: ['అవును', 'సరే', 'సరే సరే', 'ఊఁ', 'avunu', 'sare', 'ఓకే', 'అలాగే', 'అర్థమైంది'],
  kn: ['ಹೌದು', 'ಸರಿ', 'ಹೌದು ಹೌದು', 'ಹೂಂ', 'howdu', 'sari', 'ಓಕೆ', 'ಆಯ್ತು', 'ಗೊತ್ತಾಯ್ತು'],
  ml: ['അതെ', 'ശരി', 'ശരി ശരി', 'ഉം', 'athe', 'sheri', 'ഓക്കെ', 'മനസ്സിലായി', 'ആണോ'],
  zh: [
    '嗯',
    '嗯嗯',
    '嗯，嗯。',
    '好的',
    '好的好的',
    '对对对',
    '是的',
    '哦',
    '明白了',
    '知道了',
    '哦好的',
    'haode',
    'en',
    'OK',
  ],
  yue: ['嗯', '係', '係呀', '好', '好呀', '哦', '明白', '知道', '係係係', 'hai', 'hou aa', '得'],
  ja: [
    'はい',
    'はいはい',
    'はーい',
    'うん',
    'うんうん',
    'ええ',
    'そうですね',
    'なるほど',
    'なるほどなるほど',
    'へぇー',
    'はい、わかりました。',
    'hai',
    'sou desu ne',
    'ハイ',
  ],
  ko: ['네', '네네', '네, 네.', '예', '응', '아 네', '그렇군요', '알겠습니다', '맞아요', 'ne', '음'],
};
const MIXED: Readonly<Record<string, string[]>> = {
  north_indic: ['en', 'hi', 'gu', 'mr', 'bn', 'or'],
  'multi-south-indic': ['ta', 'te', 'kn', 'ml', 'en'],
  'multi-asian': ['zh', 'yue', 'ko', 'ja', 'en'],
};

/** The same over an agent who speaks: the answer goes on, one request. */
function overAnAnswer(words: string, language: string) {
  return play(
    `
       0 caller-turn "where is my order?"
     100 text-delta "It was sent yesterday and it will be with you tomorrow before noon at the latest."
     110 step-end stop
    1000 caller-speech start
    1300 caller-speech words "${words}"
    1360 caller-speech end
    1800 caller-turn "${words}"
    9000 wait
  `,
    { speaker: {}, language },
  );
}

test('every live language has words of its own, and every mixed one those of its languages', () => {
  for (const language of LIVE_LANGUAGES) {
    const names = MIXED[language] ?? [language];
    for (const name of names) {
      expect(HEARD[name], name).toBeDefined();
      expect(wordsFor(language)).toContain(LANGUAGES[name]);
    }
  }
});

describe.each(LIVE_LANGUAGES)('a listening sound of 360 ms, with listen.language %s', (language) => {
  const words = (MIXED[language] ?? [language]).flatMap((name) => HEARD[name] ?? []);

  test.each(words.map((word) => [word]))('understood as %j: the answer goes on, one request', (word) => {
    expect([word, backchannelsOf(language).isBackchannel(word)]).toEqual([word, true]);
    expect(backchannelsOf(language).meaningfulWords(word)).toBe(0);
    const played = overAnAnswer(word, language);
    expect(played.requests).toHaveLength(1);
    expect(played.all('clear')).toEqual([]);
    expect(played.reports('turn-end')).toMatchObject([{ outcome: 'replied' }]);
  });
});

test.each([
  ['es', 'no'],
  ['es', 'no quiero eso'],
  ['es', 'sí, pero mañana'],
  ['de', 'nein'],
  ['de', 'ja aber nicht heute'],
  ['de', 'stopp'],
  ['fr', 'non'],
  ['fr', 'oui mais demain'],
  ['it', 'sì ma non oggi'],
  ['ru', 'нет'],
  ['hi', 'नहीं'],
  ['hi', 'रुकिए'],
  ['zh', '不'],
  ['zh', '不是'],
  ['zh', '好的但是我想取消'],
  ['ja', 'いいえ'],
  ['ja', '待ってください'],
  ['ko', '아니요'],
  ['en', 'no'],
  ['en', 'wait'],
  ['en', 'yes but not on Friday'],
])('%s: %j is none', (language, words) => {
  expect(backchannelsOf(language).isBackchannel(words)).toBe(false);
});

test.each([
  ['de', 'si'],
  ['en', 'sí'],
  ['es', 'ja'],
  ['fr', '嗯'],
  ['ja', 'ouais'],
  ['it', 'genau'],
])('%s: %j is of another language', (language, words) => {
  expect(backchannelsOf(language).isBackchannel(words)).toBe(false);
});

test('where no spaces are written, words are counted all the same', () => {
  const zh = backchannelsOf('zh');
  expect([zh.meaningfulWords('嗯嗯'), zh.meaningfulWords('我想取消订单'), zh.meaningfulWords('好的我想取消')]).toEqual([
    0, 3, 2,
  ]);
  expect(backchannelsOf('ja').meaningfulWords('予約を変更したい')).toBeGreaterThanOrEqual(3);
});

test('a language with its region, in capitals, and one that nobody knows', () => {
  expect(backchannelsOf('de-AT').isBackchannel('genau')).toBe(true);
  expect(backchannelsOf('ES').isBackchannel('claro')).toBe(true);
  expect(backchannelsOf('xx').isBackchannel('yeah')).toBe(true);
  for (const word of Object.values(HEARD).flat()) expect(backchannelsOf('multi').isBackchannel(word)).toBe(true);
});

test('a text of any length is looked at in no time', () => {
  for (const text of [
    'mm '.repeat(300_000),
    '嗯'.repeat(900_000),
    'a'.repeat(900_000),
    '-'.repeat(900_000),
    'ja'.repeat(400_000),
  ]) {
    expect(backchannelsOf('multi').isBackchannel(text)).toBe(false);
    backchannelsOf('multi').meaningfulWords(text);
  }
});
