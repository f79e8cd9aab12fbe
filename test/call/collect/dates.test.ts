import { describe, expect, test } from 'vitest';
import { dateAloud, digitsAloud, emailAloud, timeAloud } from '../../../src/call/collect/aloud.ts';
import { amendedDate, readDate, type DateOptions } from '../../../src/call/collect/date.ts';
import { amendedTime, readTime } from '../../../src/call/collect/time.ts';
import type { CollectLanguage } from '../../../src/call/collect/words.ts';

/** A Wednesday. */
const TODAY = '2026-11-25';
const about = (language: CollectLanguage, when: DateOptions['when'] = 'future'): DateOptions => ({
  ...{ language, when, today: TODAY },
  isMonthFirst: language === 'en',
});

describe('dates that are to come', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', 'tomorrow', '2026-11-26'],
    ['en', 'the day after tomorrow, please', '2026-11-27'],
    ['en', 'today', '2026-11-25'],
    ['en', 'on Friday', '2026-11-27'],
    ['en', 'next Friday', '2026-12-04'],
    ['en', 'next Monday', '2026-11-30'],
    ['en', 'the fifth of March', '2027-03-05'],
    ['en', 'March 5th', '2027-03-05'],
    ['en', 'December twenty-third', '2026-12-23'],
    ['en', 'december twenty third', '2026-12-23'],
    ['en', 'the 2nd', '2026-12-02'],
    ['en', '12/24', '2026-12-24'],
    ['en', '24/12/2026', '2026-12-24'],
    ['en', '2026-12-24', '2026-12-24'],
    ['en', 'in two weeks', '2026-12-09'],
    ['en', 'in 3 days', '2026-11-28'],
    ['en', 'Monday, no sorry, Tuesday', '2026-12-01'],
    ['en', 'may 3rd 2027', '2027-05-03'],
    ['en', '(keypad) 1224', '2026-12-24'],
    ['hi', 'कल', '2026-11-26'],
    ['hi', 'parso', '2026-11-27'],
    ['hi', 'अगले सोमवार', '2026-11-30'],
    ['hi', 'shukravar ko', '2026-11-27'],
    ['hi', 'पाँच मार्च', '2027-03-05'],
    ['hi', '5 march ko', '2027-03-05'],
    ['hi', 'तीन दिन बाद', '2026-11-28'],
    ['hi', 'do hafte baad', '2026-12-09'],
    ['hi', 'सोमवार, नहीं, मंगलवार', '2026-12-01'],
    ['hi', '(keypad) 2412', '2026-12-24'],
    ['es', 'mañana', '2026-11-26'],
    ['es', 'pasado mañana', '2026-11-27'],
    ['es', 'el viernes que viene', '2026-11-27'],
    ['es', 'el cinco de marzo', '2027-03-05'],
    ['es', 'el 5 de marzo de 2027', '2027-03-05'],
    ['es', 'dentro de dos semanas', '2026-12-09'],
    ['es', 'el lunes, perdón, el martes', '2026-12-01'],
    ['es', '24/12', '2026-12-24'],
    ['es', '(keypad) 24122026', '2026-12-24'],
    ['en', 'a week from Friday', '2026-12-04'],
    ['en', 'two weeks from tomorrow', '2026-12-10'],
    ['en', 'a week from today', '2026-12-02'],
    ['en', 'in a week', '2026-12-02'],
    ['en', 'the 26th of next month', '2026-12-26'],
    ['en', 'Thursday the third', '2026-12-03'],
    ['en', 'the thirtieth', '2026-11-30'],
    ['en', 'not tomorrow, Friday', '2026-11-27'],
    ['en', 'Thursday, December 3rd at 10', '2026-12-03'],
    ['en', 'the third at 10:30', '2026-12-03'],
    ['en', 'Friday at 5 p.m.', '2026-11-27'],
    ['en', '29 February', '2028-02-29'],
    ['es', 'el día 3', '2026-12-03'],
    ['es', 'el viernes día cuatro', '2026-12-04'],
    ['es', 'mañana a las diez', '2026-11-26'],
  ])('%s: %s', (language, text, expected) => {
    expect(readDate(text, about(language))).toEqual({ type: 'value', value: expected });
  });
});

describe('dates of birth', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', 'March fifth nineteen ninety', '1990-03-05'],
    ['en', 'the 5th of March 1990', '1990-03-05'],
    ['en', '03/05/90', '1990-03-05'],
    ['en', 'june third two thousand five', '2005-06-03'],
    ['en', 'October 31st, nineteen eighty five', '1985-10-31'],
    ['en', 'July second twenty ten', '2010-07-02'],
    ['en', '(keypad) 03051990', '1990-03-05'],
    ['hi', 'पाँच मार्च उन्नीस सौ नब्बे', '1990-03-05'],
    ['hi', '5 march 1990', '1990-03-05'],
    ['hi', '(keypad) 05031990', '1990-03-05'],
    ['hi', 'kal', '2026-11-24'],
    ['es', 'cinco de marzo de mil novecientos noventa', '1990-03-05'],
    ['es', 'el tres de junio de dos mil cinco', '2005-06-03'],
    ['es', '(keypad) 05031990', '1990-03-05'],
    ['en', 'nineteen ninety, march fifth', '1990-03-05'],
    ['en', '1990 March 5', '1990-03-05'],
    ['en', 'three days ago', '2026-11-22'],
    ['es', 'hace dos semanas', '2026-11-11'],
    ['hi', 'तीन दिन पहले', '2026-11-22'],
  ])('%s: %s', (language, text, expected) => {
    expect(readDate(text, about(language, 'past'))).toEqual({ type: 'value', value: expected });
  });

  test('what is no date, or lies where it cannot, is told', () => {
    expect(readDate('the 31st of June 1990', about('en', 'past'))).toEqual({ type: 'wrong', why: 'no-such-day' });
    expect(readDate('March 5th 2030', about('en', 'past'))).toEqual({ type: 'wrong', why: 'must-be-earlier' });
    expect(readDate('March 5th 1990', about('en'))).toEqual({ type: 'wrong', why: 'must-be-later' });
    expect(readDate('yesterday', about('en'))).toEqual({ type: 'wrong', why: 'must-be-later' });
    expect(readDate('(keypad) 123', about('en'))).toEqual({ type: 'wrong', why: 'no-such-day' });
    expect(readDate('sometime next week', about('en'))).toEqual({ type: 'none' });
    expect(readDate('I may come later', about('en'))).toEqual({ type: 'none' });
    expect(readDate('what do you have?', about('en'))).toEqual({ type: 'none' });
    expect(readDate('three days ago', about('en'))).toEqual({ type: 'wrong', why: 'must-be-later' });
    expect(readDate('do din pehle', about('hi', 'any'))).toEqual({ type: 'value', value: '2026-11-23' });
    for (const open of [
      'not Monday',
      'any day but Monday',
      'in two weeks on Monday',
      'Thursday the fourth',
      'the first available',
      'march 1990',
    ])
      expect(readDate(open, about('en'))).toEqual({ type: 'none' });
  });

  test('of what was read back, the part is corrected that the caller names', () => {
    expect(amendedDate('1990-03-05', 'no, April', about('en', 'past'))).toBe('1990-04-05');
    expect(amendedDate('1990-03-05', 'no, the sixth', about('en', 'past'))).toBe('1990-03-06');
    expect(amendedDate('1990-03-05', 'no, nineteen ninety one', about('en', 'past'))).toBe('1991-03-05');
    expect(amendedDate('1990-03-05', 'नहीं, छह', about('hi', 'past'))).toBe('1990-03-06');
    expect(amendedDate('1990-03-05', 'no, abril', about('es', 'past'))).toBe('1990-04-05');
    expect(amendedDate('1990-03-05', 'no', about('en', 'past'))).toBeUndefined();
    expect(amendedDate('1990-03-05', 'no, the fifth of May', about('en', 'past'))).toBe('1990-05-05');
    expect(amendedDate('2026-12-03', 'no, a day later', about('en'))).toBe('2026-12-04');
  });
});

describe('times of day', () => {
  test.each<[CollectLanguage, string, string]>([
    ['en', '5:30 pm', '17:30'],
    ['en', '5 p.m.', '17:00'],
    ['en', 'five thirty in the evening', '17:30'],
    ['en', 'half past five in the afternoon', '17:30'],
    ['en', 'quarter to six in the morning', '05:45'],
    ['en', 'ten to six in the morning', '05:50'],
    ['en', 'twenty past seven pm', '19:20'],
    ['en', 'noon', '12:00'],
    ['en', 'twelve thirty pm', '12:30'],
    ['en', '17:30', '17:30'],
    ['en', 'seventeen hundred', '17:00'],
    ['en', 'nine pm, no sorry, eight pm', '20:00'],
    ['en', '(keypad) 1730', '17:30'],
    ['hi', 'शाम को साढ़े पाँच बजे', '17:30'],
    ['hi', 'subah nau baje', '09:00'],
    ['hi', 'दोपहर डेढ़ बजे', '13:30'],
    ['hi', 'पौने छह बजे शाम', '17:45'],
    ['hi', 'sava das baje subah', '10:15'],
    ['hi', 'रात आठ बजे', '20:00'],
    ['hi', 'शाम 5:30 बजे', '17:30'],
    ['es', 'las cinco y media de la tarde', '17:30'],
    ['es', 'las seis menos cuarto de la tarde', '17:45'],
    ['es', 'a la una y cuarto de la tarde', '13:15'],
    ['es', 'las nueve de la mañana', '09:00'],
    ['es', 'las diez y veinte de la noche', '22:20'],
    ['es', 'a las cinco, no, a las seis de la tarde', '18:00'],
    ['es', '(keypad) 1730', '17:30'],
    ['en', 'half past midnight', '00:30'],
    ['en', 'quarter to noon', '11:45'],
    ['en', 'zero nine thirty', '09:30'],
    ['en', 'nine, make that ten am', '10:00'],
    ['en', 'the 3rd at 5 pm', '17:00'],
    ['hi', 'raat ke saadhe baarah baje', '00:30'],
    ['hi', 'दोपहर ग्यारह बजे', '11:00'],
    ['hi', 'पाँच बजने में दस मिनट शाम', '16:50'],
    ['hi', 'आधी रात', '00:00'],
    ['es', 'un cuarto para las cinco de la tarde', '16:45'],
    ['es', 'faltan diez para las ocho de la mañana', '07:50'],
    ['es', 'las doce y media de la noche', '00:30'],
  ])('%s: %s', (language, text, expected) => {
    expect(readTime(text, { language })).toEqual({ type: 'value', value: expected });
  });

  test('which half of the day is meant is asked, unless only one is open', () => {
    expect(readTime('half past five', { language: 'en' })).toEqual({ type: 'part', part: '05:30' });
    expect(readTime('in the afternoon', { language: 'en' }, '05:30')).toEqual({ type: 'value', value: '17:30' });
    expect(readTime('शाम को', { language: 'hi' }, '05:30')).toEqual({ type: 'value', value: '17:30' });
    expect(readTime('de la mañana', { language: 'es' }, '05:30')).toEqual({ type: 'value', value: '05:30' });
    expect(readTime('(keypad) 2', { language: 'en' }, '05:30')).toEqual({ type: 'value', value: '17:30' });
    expect(readTime('la tarde', { language: 'es' }, '05:30')).toEqual({ type: 'value', value: '17:30' });
    const open = ['09:00', '18:00'] as const;
    expect(readTime('half past five', { language: 'en', open })).toEqual({ type: 'value', value: '17:30' });
    expect(readTime('eight pm', { language: 'en', open })).toEqual({ type: 'wrong', why: 'out-of-hours' });
    expect(readTime('seven', { language: 'en', open })).toEqual({ type: 'wrong', why: 'out-of-hours' });
    expect(readTime('25:00', { language: 'en' })).toEqual({ type: 'wrong', why: 'no-such-time' });
    expect(readTime('whenever you like', { language: 'en' })).toEqual({ type: 'none' });
  });

  test.each<[CollectLanguage, string]>([
    ...['between 3 and 4 pm', 'five or six', 'in two hours', 'half seven in the evening'].map(
      (text): [CollectLanguage, string] => ['en', text],
    ),
    ['en', 'I have two questions about the time'],
    ['es', 'a las cinco o a las seis'],
    ['hi', 'do ghante baad'],
  ])('%s: no one time is "%s"', (language, text) => {
    expect(readTime(text, { language })).toEqual({ type: 'none' });
  });
});

test('of a time that was read back, the hour, the minutes or the half of the day is corrected', () => {
  const en = { language: 'en' } as const;
  expect(amendedTime('17:00', 'no, six', en)).toBe('18:00');
  expect(amendedTime('17:00', 'no, half past', en)).toBe('17:30');
  expect(amendedTime('17:00', 'no, quarter to', en)).toBe('16:45');
  expect(amendedTime('05:00', 'no, in the afternoon', en)).toBe('17:00');
  expect(amendedTime('17:00', 'no, six am', en)).toBe('06:00');
  expect(amendedTime('17:00', 'no, a las seis y media', { language: 'es' })).toBe('18:30');
  expect(amendedTime('17:00', 'नहीं, छह बजे', { language: 'hi' })).toBe('18:00');
  expect(amendedTime('17:00', 'no', en)).toBeUndefined();
  expect(amendedTime('17:00', 'no, seven', { ...en, open: ['09:00', '18:00'] })).toBeUndefined();
});

test('values are read back for the ear', () => {
  expect(digitsAloud('(202) 555-0143')).toBe('2 0 2, 5 5 5, 0 1 4 3');
  expect(digitsAloud('098765 43210')).toBe('0 9 8, 7 6 5, 4 3 2 1 0');
  expect(digitsAloud('4242')).toBe('4 2 4 2');
  expect(emailAloud('jo.x@gmail.com', 'en')).toBe('J, O, dot, X, at gmail dot com');
  expect(emailAloud('jo@gmail.com', 'es')).toBe('J, O, arroba gmail punto com');
  expect(dateAloud('2026-03-05', 'en')).toBe('Thursday, March 5, 2026');
  expect(dateAloud('2026-03-05', 'es')).toBe('jueves, 5 de marzo de 2026');
  expect(dateAloud('2026-03-05', 'hi')).toContain('मार्च');
  expect(timeAloud('17:30', 'en')).toBe('5:30 p.m.');
  expect(timeAloud('13:00', 'es')).toBe('la 1 de la tarde');
  expect(timeAloud('17:30', 'hi')).toBe('शाम 5:30 बजे');
});
