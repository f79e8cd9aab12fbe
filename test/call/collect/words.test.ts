import { describe, expect, test } from 'vitest';
import { amendedAddress, readAddress } from '../../../src/call/collect/address.ts';
import { readChoice, readYesNo } from '../../../src/call/collect/choice.ts';
import { amendedEmail, readEmail } from '../../../src/call/collect/email.ts';
import { amendedName, readName } from '../../../src/call/collect/name.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';

describe('e-mail addresses', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', "it's john.smith@gmail.com", 'john.smith@gmail.com'],
    ['en', 'john dot smith at gmail dot com', 'john.smith@gmail.com'],
    ['en', 'my email is j o h n underscore s m i t h at outlook dot com.', 'john_smith@outlook.com'],
    ['en', 'j as in john, b for boy, at the rate yahoo dot co dot uk', 'jb@yahoo.co.uk'],
    ['en', 'mary forty two at gmail com', 'mary42@gmail.com'],
    ['en', 'b double l at g mail dot com', 'bll@gmail.com'],
    ['en', 'it is jane hyphen doe all lowercase at proton dot me', 'jane-doe@proton.me'],
    ['en', 'john at gmail dot com, no sorry, at yahoo dot com', 'john@yahoo.com'],
    ['en', 'the address is sales plus eu at acme dot io', 'sales+eu@acme.io'],
    ['hi', 'rahul dot sharma at the rate gmail dot com', 'rahul.sharma@gmail.com'],
    ['hi', 'मेरा ईमेल है आर ए एच यू एल ऐट जीमेल डॉट कॉम', 'rahul@gmail.com'],
    ['hi', 'r a h u l नौ आठ at gmail डॉट com', 'rahul98@gmail.com'],
    ['es', 'juan punto perez arroba gmail punto com', 'juan.perez@gmail.com'],
    ['es', 'mi correo es ana guion bajo ruiz arroba hotmail punto es', 'ana_ruiz@hotmail.es'],
    ['es', 'jota u a ene arroba gmail punto com', 'juan@gmail.com'],
    ['es', 'ana arroba gmail punto com, perdón, arroba yahoo punto es', 'ana@yahoo.es'],
  ])('%s: %s', (language, text, expected) => {
    expect(readEmail(text, language)).toEqual({ type: 'value', value: expected });
  });

  test('one comes in parts; what is none is left to others; keys are none', () => {
    expect(readEmail('j o h n dot', 'en')).toMatchObject({ type: 'part' });
    expect(readEmail('at gmail dot com', 'en', 'john')).toEqual({ type: 'value', value: 'john@gmail.com' });
    expect(readEmail('why do you need my email?', 'en')).toEqual({ type: 'none' });
    expect(readEmail('जॉन ऐट जीमेल डॉट कॉम', 'hi')).not.toMatchObject({ type: 'value' });
  });

  test('what was read back is corrected by a domain or a name that is spelled', () => {
    expect(amendedEmail('john@gmail.com', 'no, at yahoo dot com', 'en')).toBe('john@yahoo.com');
    expect(amendedEmail('jon.smith@gmail.com', 'no, j o h n', 'en')).toBe('john.smith@gmail.com');
    expect(amendedEmail('john.smit@gmail.com', "it's s m i t h", 'en')).toBe('john.smith@gmail.com');
    expect(amendedEmail('juan.peres@gmail.com', 'no, pe e erre e zeta', 'es')).toBe('juan.perez@gmail.com');
    expect(amendedEmail('john@gmail.com', 'that is wrong', 'en')).toBeUndefined();
  });
});

describe('names', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', 'my name is john smith', 'John Smith'],
    ['en', 'This is Mary-Jane O’Neil speaking.', "Mary-Jane O'Neil"],
    ['en', 'John Smith', 'John Smith'],
    ['en', 'yes, it’s Ada Lovelace', 'Ada Lovelace'],
    ['en', 'j o h n', 'John'],
    ['en', 'first name j o h n last name s m i t h', 'John Smith'],
    ['en', 'John Smit, no, John Smith', 'John Smith'],
    ['hi', 'मेरा नाम राहुल शर्मा है', 'राहुल शर्मा'],
    ['hi', 'mera naam Rahul Sharma hai', 'Rahul Sharma'],
    ['hi', 'main rahul bol raha hoon', 'Rahul'],
    ['hi', 'जी, मैं प्रिया वर्मा बोल रही हूँ', 'प्रिया वर्मा'],
    ['es', 'me llamo Juan Pérez', 'Juan Pérez'],
    ['es', 'soy maría garcía lópez', 'María García López'],
    ['es', 'mi nombre es José', 'José'],
  ])('%s: %s', (language, text, expected) => {
    expect(readName(text, language)).toEqual({ type: 'value', value: expected });
  });

  test.each<[CollectLanguage, string]>([
    ['en', 'why do you need my name?'],
    ['en', 'I want to cancel my appointment'],
    ['en', '(keypad) 123'],
    ['hi', 'आपको क्यों चाहिए'],
    ['es', 'quiero hablar con una persona'],
  ])('%s: no name in "%s"', (language, text) => {
    expect(readName(text, language)).toEqual({ type: 'none' });
  });

  test('one that was misheard is spelled', () => {
    expect(amendedName('John Smit', 'no, s m i t h', 'en')).toBe('John Smith');
    expect(amendedName('Jon', "no, it's j o h n", 'en')).toBe('John');
    expect(amendedName('John Smith', 'no, that is wrong', 'en')).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each<[CollectLanguage, string, string, string | undefined]>([
    ['en', 'I live at 12 Baker Street, London, NW1 6XE.', '12 Baker Street, London, NW1 6XE', 'NW1 6XE'],
    ['en', "it's 1600 Pennsylvania Avenue, Washington 20500", '1600 Pennsylvania Avenue, Washington 20500', '20500'],
    ['en', 'twelve baker street', 'twelve baker street', undefined],
    ['hi', 'मेरा पता है 12 एमजी रोड, बेंगलुरु 560001', '12 एमजी रोड, बेंगलुरु 560001', '560001'],
    ['es', 'vivo en calle Mayor 5, 28013 Madrid', 'calle Mayor 5, 28013 Madrid', '28013'],
  ])('%s: %s', (language, text, expected, postalCode) => {
    expect(readAddress(text, language)).toEqual({ type: 'value', value: { text: expected, postalCode } });
  });

  test('one comes in parts, and a number of it is corrected', () => {
    expect(readAddress('number twelve', 'en')).toMatchObject({ type: 'part' });
    expect(readAddress('why?', 'en')).toEqual({ type: 'none' });
    const known = { text: '12 Baker Street', postalCode: undefined };
    expect(amendedAddress(known, 'no, thirteen', 'en')).toEqual({ text: '13 Baker Street', postalCode: undefined });
  });
});

describe('yes or no', () => {
  test.each<[string, boolean]>([
    ['yes', true],
    ["Yeah, that's right.", true],
    ['correct', true],
    ['no problem', true],
    ["no, that's right", true],
    ['(keypad) 1', true],
    ['हाँ', true],
    ['जी, सही है', true],
    ['haan bilkul', true],
    ['sí, claro', true],
    ['vale', true],
    ['no', false],
    ['nope', false],
    ["that's not right", false],
    ['no, wrong', false],
    ['(keypad) 2', false],
    ['नहीं', false],
    ['nahi, galat hai', false],
    ['no es correcto', false],
  ])('%s', (text, expected) => {
    expect(readYesNo(text)).toEqual({ type: 'value', value: expected });
  });

  test.each(['what?', 'maybe later', '(keypad) 7', 'could you repeat that'])('neither: %s', (text) => {
    expect(readYesNo(text)).toEqual({ type: 'none' });
  });
});

describe('one of several', () => {
  const seats = [
    { value: 'window', words: ['a window seat'] },
    { value: 'aisle', words: ['an aisle seat', 'corridor'] },
    { value: 'middle', words: ['a middle seat'] },
  ];
  test.each<[CollectLanguage, string, string]>([
    ['en', 'a window seat please', 'window'],
    ['en', 'the aisle one', 'aisle'],
    ['en', 'corridor', 'aisle'],
    ['en', 'the second', 'aisle'],
    ['en', 'the last one', 'middle'],
    ['en', 'number two', 'aisle'],
    ['en', '(keypad) 3', 'middle'],
    ['en', 'window, no, aisle', 'aisle'],
    ['hi', 'पहला', 'window'],
    ['hi', 'doosra wala', 'aisle'],
    ['hi', 'window wali', 'window'],
    ['es', 'la segunda', 'aisle'],
    ['es', 'el número tres', 'middle'],
    ['en', 'two please', 'aisle'],
    ['es', 'quiero la dos', 'aisle'],
    ['hi', 'दो नंबर', 'aisle'],
  ])('%s: %s', (language, text, expected) => {
    expect(readChoice(text, seats, language)).toEqual({ type: 'value', value: expected });
  });

  test('a number that is no choice is none', () => {
    expect(readChoice('the big one', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('I have one question', seats, 'en')).toEqual({ type: 'none' });
  });

  test('two at once, none, and a key that stands for nothing are no choice', () => {
    expect(readChoice('window or aisle?', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('what is the difference', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('(keypad) 9', seats, 'en')).toEqual({ type: 'none' });
  });
});
