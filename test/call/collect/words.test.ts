import { describe, expect, test } from 'vitest';
import { amendedAddress, readAddress } from '../../../src/call/collect/address.ts';
import { readChoice } from '../../../src/call/collect/choice.ts';
import { amendedEmail, readEmail } from '../../../src/call/collect/email.ts';
import { amendedName, readName } from '../../../src/call/collect/name.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';
import { readYesNo } from '../../../src/call/collect/yes-no.ts';

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
    ['en', 'anna one nine eight four at gmail dot com', 'anna1984@gmail.com'],
    ['en', 'bob the number four at gmail dot com', 'bob4@gmail.com'],
    ['en', 'john smith, all one word, at gmail dot com', 'johnsmith@gmail.com'],
    ['en', 'you can write me at john at gmail dot com', 'john@gmail.com'],
    ['en', 'j-o-h-n at gmail dot com', 'john@gmail.com'],
    ['en', 'J. O. H. N. at gmail dot com', 'john@gmail.com'],
    ['en', 'mary hyphen anne at example dash shop dot com', 'mary-anne@example-shop.com'],
    ['hi', 'mera email hai rahul double seven at gmail dot com', 'rahul77@gmail.com'],
    ['es', 'uve doble i ele ele arroba gmail punto com', 'will@gmail.com'],
    ['es', 'equis a be i arroba yahoo punto es', 'xabi@yahoo.es'],
    ['es', 'luis noventa y dos arroba gmail punto com', 'luis92@gmail.com'],
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
    expect(readEmail('I look at my inbox once a week', 'en')).toEqual({ type: 'none' });
    expect(readEmail('जॉन ऐट जीमेल डॉट कॉम', 'hi')).not.toMatchObject({ type: 'value' });
  });

  test('what was read back is corrected by a domain or a name that is spelled', () => {
    expect(amendedEmail('john@gmail.com', 'no, at yahoo dot com', 'en')).toBe('john@yahoo.com');
    expect(amendedEmail('jon.smith@gmail.com', 'no, j o h n', 'en')).toBe('john.smith@gmail.com');
    expect(amendedEmail('john.smit@gmail.com', "it's s m i t h", 'en')).toBe('john.smith@gmail.com');
    expect(amendedEmail('juan.peres@gmail.com', 'no, pe e erre e zeta', 'es')).toBe('juan.perez@gmail.com');
    expect(amendedEmail('john@gmail.com', 'that is wrong', 'en')).toBeUndefined();
    expect(amendedEmail('johnsmith@gmail.com', 'no, john dot smith', 'en')).toBe('john.smith@gmail.com');
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
    ['en', 'the name is Bond, James Bond', 'James Bond'],
    ['en', 'Smith, first name John', 'John Smith'],
    ['en', 'last name smith first name john', 'John Smith'],
    ['en', "John Smyth, that's S M I T H", 'John Smith'],
    ['en', 'it is John. John Smith', 'John Smith'],
    ['en', 'A. J. Smith', 'A. J. Smith'],
    ['en', 'my name is Will Johnson', 'Will Johnson'],
    ['en', 'An Nguyen', 'An Nguyen'],
    ['es', 'Buenos días, soy Ana', 'Ana'],
    ['es', 'se llama Carlos', 'Carlos'],
    ['hi', 'mera naam Amit Kumar hai ji', 'Amit Kumar'],
    ['hi', 'nahi mera naam Sumit hai', 'Sumit'],
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
    ...[
      'hold on',
      'one moment please',
      'okay',
      'hello',
      'go ahead',
      'agent',
      'never mind',
      'same as before',
      'Jon without an h',
      'perfect',
    ].map((text): [CollectLanguage, string] => ['en', text]),
    ...['espere', 'no entiendo', 'dígame', 'buenos días'].map((text): [CollectLanguage, string] => ['es', text]),
    ['hi', 'एक मिनट'],
    ['hi', 'ruko'],
  ])('%s: no name in "%s"', (language, text) => {
    expect(readName(text, language)).toEqual({ type: 'none' });
  });

  test('one that was misheard is spelled', () => {
    expect(amendedName('John Smit', 'no, s m i t h', 'en')).toBe('John Smith');
    expect(amendedName('Jon', "no, it's j o h n", 'en')).toBe('John');
    expect(amendedName('John Smith', 'no, that is wrong', 'en')).toBeUndefined();
    expect(amendedName('John Smyth', 'last name is spelled s m i t h', 'en')).toBe('John Smith');
    for (const verdict of ['absolutely correct', 'muy bien', 'bilkul sahi'])
      expect(amendedName('Kate Miller', verdict, 'en')).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each<[CollectLanguage, string, string, string | undefined]>([
    ['en', 'I live at 12 Baker Street, London, NW1 6XE.', '12 Baker Street, London, NW1 6XE', 'NW1 6XE'],
    ['en', "it's 1600 Pennsylvania Avenue, Washington 20500", '1600 Pennsylvania Avenue, Washington 20500', '20500'],
    ['en', 'twelve baker street', 'twelve baker street', undefined],
    ['hi', 'मेरा पता है 12 एमजी रोड, बेंगलुरु 560001', '12 एमजी रोड, बेंगलुरु 560001', '560001'],
    ['es', 'vivo en calle Mayor 5, 28013 Madrid', 'calle Mayor 5, 28013 Madrid', '28013'],
    ['en', '12345 Main Street', '12345 Main Street', undefined],
  ])('%s: %s', (language, text, expected, postalCode) => {
    expect(readAddress(text, language)).toEqual({ type: 'value', value: { text: expected, postalCode } });
  });

  test('one comes in parts, and a number of it is corrected', () => {
    expect(readAddress('number twelve', 'en')).toMatchObject({ type: 'part' });
    expect(readAddress('why?', 'en')).toEqual({ type: 'none' });
    expect(readAddress('can I have two of them please', 'en')).toEqual({ type: 'none' });
    expect(readAddress('I have two addresses, which one do you want', 'en')).toEqual({ type: 'none' });
    const known = { text: '12 Baker Street', postalCode: undefined };
    expect(amendedAddress(known, 'no, thirteen', 'en')).toEqual({ text: '13 Baker Street', postalCode: undefined });
    const american = { text: '12 Main Street, Springfield 12345', postalCode: '12345' };
    expect(amendedAddress(american, 'no, number 14', 'en')?.text).toBe('14 Main Street, Springfield 12345');
    expect(amendedAddress(american, 'no, 12346', 'en')?.text).toBe('12 Main Street, Springfield 12346');
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
    ['no, no es correcto', false],
    ['no, está mal', false],
    ...['absolutely not', 'of course not', 'certainly not', "it's not", "I don't think so", 'not at all'].map(
      (text): [string, boolean] => [text, false],
    ),
    ...['claro que no', 'por supuesto que no', 'qué va', 'haan nahi', 'ji nahi', 'sahi nahi hai'].map(
      (text): [string, boolean] => [text, false],
    ),
    ...[
      'mm-hmm',
      'it is',
      'fine',
      'that sounds good',
      'I think so',
      "that's not a problem",
      'haan ji',
      'está bien',
    ].map((text): [string, boolean] => [text, true]),
  ])('%s', (text, expected) => {
    expect(readYesNo(text)).toEqual({ type: 'value', value: expected });
  });

  test.each([
    ...['what?', 'maybe later', '(keypad) 7', 'could you repeat that', "I'm not sure", 'are you sure', "I don't know"],
    ...['is that right?', 'who is right', "no, that's fine", 'good question', 'no, yes'],
    ...['pata nahi', 'पता नहीं', 'no sé', 'no estoy seguro', 'no le he entendido', '¿es correcto?'],
  ])('neither: %s', (text) => {
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
    ['hi', 'teesri', 'middle'],
    ['en', 'not the window, the aisle', 'aisle'],
    ['en', 'the aisle, not the window', 'aisle'],
    ['en', 'the middle. no wait. the corridor', 'aisle'],
    ['en', 'can I have the second?', 'aisle'],
    ['es', 'no window, aisle', 'aisle'],
  ])('%s: %s', (language, text, expected) => {
    expect(readChoice(text, seats, language)).toEqual({ type: 'value', value: expected });
  });

  test('a number that is no choice is none', () => {
    expect(readChoice('the big one', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('I have one question', seats, 'en')).toEqual({ type: 'none' });
  });

  test.each<[CollectLanguage, string]>([
    ...[
      "I don't want the window",
      'not the aisle',
      'anything but the middle',
      'neither',
      'how much is the window?',
    ].map((text): [CollectLanguage, string] => ['en', text]),
    ...['just a second', 'the first two', "what's the difference between the first and the second", 'not two'].map(
      (text): [CollectLanguage, string] => ['en', text],
    ),
    ['es', 'un segundo'],
    ['es', 'ninguna'],
    ['hi', 'window nahi chahiye'],
  ])('%s: none is chosen by "%s"', (language, text) => {
    expect(readChoice(text, seats, language)).toEqual({ type: 'none' });
  });

  test('a choice that stands within the words of another one is told from it', () => {
    const rooms = [
      { value: 'suite', words: ['suite'] },
      { value: 'junior', words: ['junior suite'] },
      { value: 'bare', words: ['no breakfast'] },
    ];
    expect(readChoice('the junior suite', rooms, 'en')).toEqual({ type: 'value', value: 'junior' });
    expect(readChoice('the suite', rooms, 'en')).toEqual({ type: 'value', value: 'suite' });
    expect(readChoice('no breakfast please', rooms, 'en')).toEqual({ type: 'value', value: 'bare' });
    const bags = ['sí', 'no'].map((value) => ({ value, words: [value] }));
    expect(readChoice('no gracias', bags, 'es')).toEqual({ type: 'value', value: 'no' });
  });

  test('two at once, none, and a key that stands for nothing are no choice', () => {
    expect(readChoice('window or aisle?', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('what is the difference', seats, 'en')).toEqual({ type: 'none' });
    expect(readChoice('(keypad) 9', seats, 'en')).toEqual({ type: 'none' });
  });
});
