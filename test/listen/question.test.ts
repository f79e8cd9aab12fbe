import { describe, expect, test } from 'vitest';
import { questionIn } from '../../src/listen/question.ts';
import type { Speech } from '../../src/listen/speech-of.ts';

const kindOf = (text: string, speech?: Speech) => questionIn(text, speech).kind;

describe('yes or no', () => {
  test.each<[text: string, speech?: Speech]>([
    ['Is Tuesday at ten fine?'],
    ['Great. Shall I book it for you?'],
    ['So, is that correct?'],
    ['So, do you know whose name is on the card?'],
    ['okay, DID you say when?'],
    ['You said Tuesday, right?'],
    ['Is your number 4711?'],
    ['क्या आप मंगलवार को आ सकते हैं?', 'in'],
    ['मंगलवार को, ठीक है?', 'in'],
    ['kya main book kar doon?', 'in'],
    ['¿Le viene bien el martes?', 'es'],
    ['Passt Ihnen das?', 'de'],
    ['Vous êtes chez vous ?', 'fr'],
    ['这样可以吗？', 'asia'],
  ])('%j', (text, speech) => {
    expect(kindOf(text, speech)).toBe('yes-no');
  });
});

describe('a code, and how long it is', () => {
  test.each<[text: string, lengths: readonly number[] | undefined, speech?: Speech]>([
    ['What is your phone number?', [10, 11]],
    ['Please tell me your order number.', undefined],
    ['Could you give me the six-digit code?', [6]],
    ['Can I have the last 4 digits of your card, please?', [4]],
    ['Thanks. Please enter your ten digit mobile number.', [10]],
    ['What is the sort code?', [6]],
    ['What is your card number?', [15, 16, 19]],
    ['Please read me the OTP.', [4, 6]],
    ['अपना मोबाइल नंबर बताइए।', [10], 'in'],
    ['कृपया 6 अंकों का कोड बताएं', [6], 'in'],
    ['Pin code kya hai?', [6], 'in'],
    ['¿Me dice el código postal?', [5], 'es'],
    ['Wie ist Ihre Kundennummer?', undefined, 'de'],
    ['您的电话号码是多少？', [10, 11], 'asia'],
  ])('%j: %j', (text, lengths, speech) => {
    const question = questionIn(text, speech);
    expect(question.slots).toContain('code');
    expect(question.lengths).toEqual(lengths);
  });
});

describe('several things at once', () => {
  test.each<[text: string, slots: string[], speech?: Speech]>([
    ['May I have your name and date of birth?', ['name', 'birth']],
    ['For which day and what time?', ['day', 'time']],
    ['How many people, and at what time?', ['people', 'time']],
    ['किस दिन और किस समय?', ['day', 'time'], 'in'],
    ['¿Qué día y a qué hora?', ['day', 'time'], 'es'],
  ])('%j', (text, slots, speech) => {
    expect(questionIn(text, speech)).toMatchObject({ kind: 'several', slots });
  });
});

test('one of two, with the words by which they differ', () => {
  expect(questionIn('Would you like Monday or Tuesday?')).toMatchObject({ kind: 'either' });
  expect(questionIn('Cash or card?').options).toEqual(expect.arrayContaining(['cash', 'card']));
  expect(questionIn('Subah ya shaam?', 'in').options).toEqual(expect.arrayContaining(['subah', 'shaam']));
});

test('one thing', () => {
  expect(kindOf('What is your name?')).toBe('name');
  expect(kindOf('Your date of birth, please?')).toBe('birth');
  expect(kindOf('What time suits you?')).toBe('time');
  expect(kindOf('What is your email address?')).toBe('email');
  expect(kindOf('How many people will come?')).toBe('people');
  expect(kindOf('आपका पता क्या है?', 'in')).toBe('address');
});

test('anything else, anything at all, and nothing', () => {
  expect(kindOf('Your order is on its way. Would you like anything else?')).toBe('else');
  expect(kindOf('What can I do for you?')).toBe('open');
  expect(kindOf('आप कौन हैं?', 'in')).toBe('open');
  expect(kindOf('Your number has been saved.')).toBe('statement');
  expect(kindOf('Goodbye.')).toBe('statement');
  expect(kindOf('')).toBe('statement');
});
