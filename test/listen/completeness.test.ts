import { describe, expect, test } from 'vitest';
import {
  digitsIn,
  hasWords,
  isHesitation,
  isPlainAnswer,
  looksOpen,
  questionIn,
  trailingDigits,
} from '../../src/listen/completeness.ts';

describe('words that look finished', () => {
  test.each([
    'Where is my order?',
    'I would like to book a table for two.',
    'book a table for two please',
    'yes please',
    'no',
    'I do',
    'yes I am',
    'I think so',
    "that's it",
    'what?',
    'what',
    'How are you',
    'मुझे अपॉइंटमेंट चाहिए',
    'मेरा ऑर्डर कहाँ है?',
    'haan theek hai',
    'mujhe appointment chahiye',
    'Can I log in',
    'two only',
    '4711',
    '',
  ])('%j', (text) => {
    expect(looksOpen(text)).toBe(false);
  });
});

describe('words that look open', () => {
  test.each([
    'my number is',
    'My number is.',
    'I want to fly to',
    'I need the',
    'book a table for',
    'and then',
    'I was wondering if you could',
    'it is about my appointment and',
    'yes, but',
    "I'd like",
    'well, um',
    'I want, uh',
    'first of all,',
    'hold on...',
    'um',
    'let me see',
    'मेरा नंबर है और',
    'मुझे दिल्ली से',
    'क्योंकि',
    'mera naam aur',
    'mujhe delhi se',
    'matlab',
  ])('%j', (text) => {
    expect(looksOpen(text)).toBe(true);
  });
});

test('a turn of nothing but hesitation is known in every spelling', () => {
  for (const text of ['um', 'Uh...', 'Hmm.', 'well, um', 'let me think', 'so', 'मतलब'])
    expect(isHesitation(text)).toBe(true);
  for (const text of ['', 'um yes', 'so what', 'two']) expect(isHesitation(text)).toBe(false);
});

test('digits are counted as they are spoken or written', () => {
  expect(trailingDigits('my number is 98-76 54')).toBe(6);
  expect(trailingDigits('double four seven triple one')).toBe(6);
  expect(trailingDigits('nine eight seven')).toBe(3);
  expect(trailingDigits('twenty one forty')).toBe(4);
  expect(trailingDigits('मेरा नंबर नौ आठ सात ४५')).toBe(5);
  expect(trailingDigits('nau aath saat')).toBe(3);
  expect(trailingDigits('4711 please')).toBe(0);
  expect(trailingDigits('yes')).toBe(0);
  expect(digitsIn('98 76 and then 54 please')).toBe(6);
});

test('plain answers to yes or no', () => {
  for (const text of [
    'Yes.',
    'no',
    'yes please',
    'No, thank you.',
    'yeah sure',
    'haan ji',
    'हाँ',
    'नहीं',
    'ठीक है',
    "that's right",
  ]) {
    expect(isPlainAnswer(text)).toBe(true);
  }
  for (const text of ['yes but not today', 'table', 'thank you', 'no I want to change my order', '']) {
    expect(isPlainAnswer(text)).toBe(false);
  }
});

describe('what the agent asks', () => {
  test.each([
    'Is Tuesday at ten fine?',
    'Great. Shall I book it for you?',
    'Your order is on its way. Would you like anything else?',
    'So, is that correct?',
    'You said Tuesday, right?',
    'Is your number 4711?',
    'क्या आप मंगलवार को आ सकते हैं?',
    'मंगलवार को, ठीक है?',
    'kya main book kar doon?',
  ])('yes or no: %j', (text) => {
    expect(questionIn(text)).toEqual({ kind: 'yes-no' });
  });

  test.each([
    ['What is your phone number?', undefined],
    ['Please tell me your order number.', undefined],
    ['Could you give me the six-digit code?', 6],
    ['Can I have the last 4 digits of your card, please?', 4],
    ['Thanks. Please enter your ten digit mobile number.', 10],
    ['Your date of birth, please?', undefined],
    ['अपना मोबाइल नंबर बताइए।', undefined],
    ['कृपया 6 अंकों का कोड बताएं', 6],
  ])('a number: %j', (text, digits) => {
    expect(questionIn(text)).toEqual({ kind: 'number', digits });
  });

  test.each([
    'What can I do for you?',
    'Would you like Monday or Tuesday?',
    'Can you tell me where you live?',
    'How many people will come?',
    'Your number has been saved.',
    'आप कौन हैं?',
    'Goodbye.',
    '',
  ])('anything: %j', (text) => {
    expect(questionIn(text)).toEqual({ kind: 'open' });
  });
});

test('a lone mark is no word', () => {
  expect(['.', '...', ' ', '।', '-'].map(hasWords)).toEqual(Array(5).fill(false));
  expect(['a', '4', 'ठ', '日'].map(hasWords)).toEqual(Array(4).fill(true));
});
