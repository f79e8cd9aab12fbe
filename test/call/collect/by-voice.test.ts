/**
 * Each ready-made task in each language, as a caller has it on the phone: by voice, and by keys where keys make sense. What
 * is asked first, what is read back last, and what comes of it. In virtual time.
 */
import { expect, test } from 'vitest';
import {
  askEach,
  chooseOne,
  collectAddress,
  collectCard,
  collectDate,
  collectEmail,
  collectName,
  collectPhone,
  collectTime,
  confirm,
  type CollectTask,
} from '../../../src/call/collect/collectors.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';
import { startTestCall } from '../../../src/testing/test-call.ts';

interface Way {
  /** `#123`: pressed, and ended by the pound key. */
  words: readonly string[];
  result: Record<string, unknown>;
  /** What the agent says, in this order: the question, what is read back. */
  asks: readonly string[];
}
type Ways = Readonly<Record<CollectLanguage, Readonly<Record<string, Way>>>>;

const PHONE = { en: '+12025550143', hi: '+919876543210', es: '+34612345678' };
const birth = collectDate({ when: 'past', as: 'dateOfBirth' });
/** In its own language: what is read out is the first word of each. */
const seats = (window: string, aisle: string): CollectTask =>
  chooseOne({
    choices: [
      { value: 'window', words: [window] },
      { value: 'aisle', words: [aisle] },
    ],
  });
const CARD = { number: '[number#1 ending in 1111]', expiry: '[expiry#1]', securityCode: '[securityCode#1]' };

/** Of every ready-made task, every language: none can be forgotten. */
const TASKS: [CollectTask | Readonly<Record<CollectLanguage, CollectTask>>, Ways][] = [
  [
    collectName(),
    {
      en: {
        voice: {
          words: ['My name is John Smit.', 'No, S M I T H.', 'Yes.'],
          result: { name: 'John Smith' },
          asks: ['What is your full name?', 'I have John Smith'],
        },
      },
      hi: {
        voice: {
          words: ['मेरा नाम राहुल शर्मा है', 'हाँ'],
          result: { name: 'राहुल शर्मा' },
          asks: ['आपका पूरा नाम', 'राहुल शर्मा'],
        },
      },
      es: {
        voice: {
          words: ['Me llamo Juan Pérez.', 'Sí.'],
          result: { name: 'Juan Pérez' },
          asks: ['nombre completo', 'He entendido Juan Pérez'],
        },
      },
    },
  ],
  [
    collectPhone(),
    {
      en: {
        voice: {
          words: ['Two oh two.', 'Double five five oh one four three.', 'Right.'],
          result: { phone: PHONE.en },
          asks: ['phone number', 'the rest', 'I have 2 0 2'],
        },
        keys: { words: ['#2025550143', '#1'], result: { phone: PHONE.en }, asks: ['phone number', 'I have 2 0 2'] },
      },
      hi: {
        voice: {
          words: ['नौ आठ सात छह पाँच', 'चार तीन दो एक शून्य', 'जी सही है'],
          result: { phone: PHONE.hi },
          asks: ['फ़ोन नंबर', 'और आगे', 'आपका नंबर है'],
        },
        keys: { words: ['#9876543210', '#1'], result: { phone: PHONE.hi }, asks: ['फ़ोन नंबर', 'आपका नंबर है'] },
      },
      es: {
        voice: {
          words: ['Seis doce, treinta y cuatro, cincuenta y seis, setenta y ocho.', 'Sí.'],
          result: { phone: PHONE.es },
          asks: ['teléfono', 'Tengo el'],
        },
        keys: { words: ['#612345678', '#1'], result: { phone: PHONE.es }, asks: ['teléfono', 'Tengo el'] },
      },
    },
  ],
  [
    collectEmail(),
    {
      en: {
        voice: {
          words: ['Jon dot smith at gmail dot com.', 'No, J O H N.', 'Correct.'],
          result: { email: 'john.smith@gmail.com' },
          asks: ['email address', 'Is that right?'],
        },
      },
      hi: {
        voice: {
          words: ['आर ए एच यू एल ऐट जीमेल डॉट कॉम', 'हाँ'],
          result: { email: 'rahul@gmail.com' },
          asks: ['ईमेल', 'आपका ईमेल है'],
        },
      },
      es: {
        voice: {
          words: ['Ana guion bajo Ruiz arroba hotmail punto es.', 'Eso es.'],
          result: { email: 'ana_ruiz@hotmail.es' },
          asks: ['correo', '¿Es correcto?'],
        },
      },
    },
  ],
  [
    birth,
    {
      en: {
        voice: {
          words: ['March fifth, nineteen ninety.', 'No, the sixth.', 'Yes.'],
          result: { dateOfBirth: '1990-03-06' },
          asks: ['date', 'March 6, 1990'],
        },
        keys: { words: ['#03051990', '#1'], result: { dateOfBirth: '1990-03-05' }, asks: ['date', 'March 5, 1990'] },
      },
      hi: {
        voice: {
          words: ['पाँच मार्च उन्नीस सौ नब्बे', 'हाँ'],
          result: { dateOfBirth: '1990-03-05' },
          asks: ['तारीख', 'मार्च 1990'],
        },
        keys: { words: ['#05031990', '#1'], result: { dateOfBirth: '1990-03-05' }, asks: ['तारीख', 'मार्च 1990'] },
      },
      es: {
        voice: {
          words: ['El cinco de marzo de mil novecientos noventa.', 'Sí.'],
          result: { dateOfBirth: '1990-03-05' },
          asks: ['fecha', '5 de marzo de 1990'],
        },
        keys: {
          words: ['#05031990', '#1'],
          result: { dateOfBirth: '1990-03-05' },
          asks: ['fecha', '5 de marzo de 1990'],
        },
      },
    },
  ],
  [
    collectTime(),
    {
      en: {
        voice: {
          words: ['Half past five.', 'In the afternoon.', 'Yes.'],
          result: { time: '17:30' },
          asks: ['what time', 'or in the afternoon', '5:30'],
        },
        keys: { words: ['#1730', '#1'], result: { time: '17:30' }, asks: ['what time', '5:30'] },
      },
      hi: {
        voice: { words: ['शाम को साढ़े पाँच बजे', 'हाँ'], result: { time: '17:30' }, asks: ['कितने बजे', 'क्या यह सही है'] },
        keys: { words: ['#1730', '#1'], result: { time: '17:30' }, asks: ['कितने बजे', 'क्या यह सही है'] },
      },
      es: {
        voice: {
          words: ['Las cinco y media.', 'De la tarde.', 'Sí.'],
          result: { time: '17:30' },
          asks: ['qué hora', 'de la tarde', '¿Es correcto?'],
        },
        keys: { words: ['#1730', '#1'], result: { time: '17:30' }, asks: ['qué hora', '¿Es correcto?'] },
      },
    },
  ],
  [
    collectAddress(),
    {
      en: {
        voice: {
          words: ['Twelve Baker Street, London.', 'Yes.'],
          result: { address: { text: 'Twelve Baker Street, London' } },
          asks: ['your address', 'I have Twelve Baker Street'],
        },
      },
      hi: {
        voice: {
          words: ['12 एमजी रोड, बेंगलुरु 560001', 'हाँ'],
          result: { address: { text: '12 एमजी रोड, बेंगलुरु 560001', postalCode: '560001' } },
          asks: ['पता', 'एमजी रोड'],
        },
      },
      es: {
        voice: {
          words: ['Vivo en calle Mayor 5, 28013 Madrid.', 'Sí.'],
          result: { address: { text: 'calle Mayor 5, 28013 Madrid', postalCode: '28013' } },
          asks: ['dirección', 'calle Mayor'],
        },
      },
    },
  ],
  [
    collectCard(),
    {
      en: {
        voice: {
          words: [
            'It is four one one one one one one one.',
            'One one one one one one one one.',
            'Yes.',
            'Twelve twenty seven.',
            'Seven three seven.',
          ],
          result: CARD,
          asks: ['card number', 'the rest', 'ends in 1 1 1 1', 'expires', 'security code'],
        },
        keys: {
          words: ['#4111111111111111', '#1', '#1227', '#737'],
          result: CARD,
          asks: ['card number', 'ends in 1 1 1 1', 'expires', 'security code'],
        },
      },
      hi: {
        voice: {
          words: ['चार एक एक एक एक एक एक एक एक एक एक एक एक एक एक एक', 'हाँ', 'बारह सत्ताईस', 'सात तीन सात'],
          result: CARD,
          asks: ['कार्ड नंबर', 'कार्ड 1 1 1 1 पर', 'चार अंकों', 'सीवीवी'],
        },
        keys: {
          words: ['#4111111111111111', '#1', '#1227', '#737'],
          result: CARD,
          asks: ['कार्ड नंबर', 'कार्ड 1 1 1 1 पर', 'चार अंकों', 'सीवीवी'],
        },
      },
      es: {
        voice: {
          words: [
            'Cuarenta y uno, once, once, once, once, once, once, once.',
            'Sí.',
            'Doce veintisiete.',
            'Siete tres siete.',
          ],
          result: CARD,
          asks: ['tarjeta', 'termina en 1 1 1 1', 'caducidad', 'seguridad'],
        },
        keys: {
          words: ['#4111111111111111', '#1', '#1227', '#737'],
          result: CARD,
          asks: ['tarjeta', 'termina en 1 1 1 1', 'caducidad', 'seguridad'],
        },
      },
    },
  ],
  [
    {
      en: confirm({ question: 'Shall I book it?' }),
      hi: confirm({ question: 'बुक कर दूँ?' }),
      es: confirm({ question: '¿Lo reservo?' }),
    },
    {
      en: {
        voice: { words: ['Yes, please.'], result: { confirmed: true }, asks: ['Shall I book it?'] },
        keys: { words: ['#2'], result: { confirmed: false }, asks: ['Shall I book it?'] },
      },
      hi: {
        voice: { words: ['नहीं'], result: { confirmed: false }, asks: ['बुक कर दूँ?'] },
        keys: { words: ['#1'], result: { confirmed: true }, asks: ['बुक कर दूँ?'] },
      },
      es: {
        voice: { words: ['Sí, claro.'], result: { confirmed: true }, asks: ['¿Lo reservo?'] },
        keys: { words: ['#1'], result: { confirmed: true }, asks: ['¿Lo reservo?'] },
      },
    },
  ],
  [
    { en: seats('window', 'aisle'), hi: seats('खिड़की', 'गलियारा'), es: seats('ventana', 'pasillo') },
    {
      en: {
        voice: { words: ['The second.'], result: { choice: 'aisle' }, asks: ['window or aisle'] },
        keys: { words: ['#1'], result: { choice: 'window' }, asks: ['window or aisle'] },
      },
      hi: {
        voice: { words: ['गलियारा'], result: { choice: 'aisle' }, asks: ['खिड़की या गलियारा'] },
        keys: { words: ['#2'], result: { choice: 'aisle' }, asks: ['खिड़की या गलियारा'] },
      },
      es: {
        voice: { words: ['La segunda.'], result: { choice: 'aisle' }, asks: ['ventana o pasillo'] },
        keys: { words: ['#1'], result: { choice: 'window' }, asks: ['ventana o pasillo'] },
      },
    },
  ],
  [
    askEach([collectName(), collectDate({ when: 'future', as: 'day' })]),
    {
      en: {
        voice: {
          words: ['Asha Rao.', 'Yes.', 'Tomorrow.', 'Sorry, my name is actually Asha Roy.', 'Yes.', 'Yes.'],
          result: { name: 'Asha Roy', day: '2026-01-06' },
          asks: ['full name', 'Asha Rao', 'What date', 'January 6', 'Asha Roy', 'January 6'],
        },
      },
      hi: {
        voice: {
          words: ['मेरा नाम आशा राव है', 'हाँ', 'अगले सोमवार', 'हाँ'],
          result: { name: 'आशा राव', day: '2026-01-12' },
          asks: ['आपका पूरा नाम', 'आशा राव', 'तारीख', 'जनवरी'],
        },
      },
      es: {
        voice: {
          words: ['Me llamo Ana Ruiz.', 'Sí.', 'El cinco de marzo.', 'Sí.'],
          result: { name: 'Ana Ruiz', day: '2026-03-05' },
          asks: ['nombre completo', 'Ana Ruiz', 'fecha', '5 de marzo'],
        },
      },
    },
  ],
];

const rows = TASKS.flatMap(([tasks, ways]) =>
  (['en', 'hi', 'es'] as const).flatMap((language) => {
    const task = 'run' in tasks || 'name' in tasks ? (tasks as CollectTask) : tasks[language];
    return Object.entries(ways[language]).map(([how, way]) => ({ task, language, how, name: task.name, ...way }));
  }),
);

test.each(rows)(
  '$language, by $how: $name is asked for, read back and had',
  async ({ task, language, words, result, asks }) => {
    await using call = await startTestCall(
      { name: 'desk', instructions: 'You take orders.', tools: [task], listen: { language }, voice: { language } },
      {
        model: {
          replies: [
            { when: 'please begin', call: { name: task.name } },
            { after: task.name, say: 'Thank you, that is all.' },
          ],
          pace: 'instant',
        },
      },
    );
    await call.say('please begin');
    for (const each of words) {
      if (!each.startsWith('#')) await call.say(each);
      else {
        await call.press(`${each.slice(1)}#`);
        await call.wait(100); // the row is a turn
        await call.settles();
      }
    }
    const { events } = call.result();
    const spoken = events.flatMap((event) => (event.type === 'turn-end' ? [event.heard] : []));
    let from = 0;
    for (const part of asks) {
      const at = spoken.findIndex((heard, index) => index >= from && heard.includes(part));
      expect(at, `${part} in ${JSON.stringify(spoken.slice(from))}`).toBeGreaterThanOrEqual(0);
      from = at + 1;
    }
    const ended = events.flatMap((event) =>
      event.type === 'tool-end' && event.name === task.name ? [event.result ?? event.error] : [],
    );
    expect(ended, JSON.stringify(spoken)).toEqual([result]);
    expect(spoken.at(-1)).toContain('Thank you, that is all.');
  },
);

test('words of three bytes a letter are heard as words, on both ends of the line', async () => {
  await using call = await startTestCall(
    { name: 'desk', instructions: 'You greet.', listen: { language: 'hi' }, voice: { language: 'hi' } },
    { model: { replies: [{ when: 'नमस्ते', say: 'आपका स्वागत है।' }], pace: 'instant' } },
  );
  const turn = call.say('नमस्ते राहुल');
  await call.hears('स्वागत है');
  await turn;
  const said = call.result().events.flatMap((event) => (event.type === 'turn-start' ? [event.text] : []));
  expect(said).toEqual(['नमस्ते राहुल']);
});
