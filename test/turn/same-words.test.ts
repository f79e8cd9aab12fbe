import { expect, test } from 'vitest';
import { saysTheSame } from '../../src/turn/same-words.ts';

test.each([
  ['Please book ten.', 'please book ten'],
  ["I'd like to go. Is it open?", 'id like to go is it open'],
  ['Ja, genau!', 'ja genau'],
  ['मुझे कल आना है।', 'मुझे कल आना है'],
  ['It is Ada Lovelace.', 'it is Ada Lovelace'],
])('R24: `%s` says what `%s` said', (text, before) => {
  expect(saysTheSame(text, before)).toBe(true);
});

test.each([
  ['Please book ten for Ada Lovelace.', 'please book ten for ada lovelace'],
  ['Ich nehme den Zug.', 'ich nehme den zug'],
  ['My code is AB12.', 'my code is ab12'],
  ['Please book ten.', 'please book two'],
  ['Please book ten', 'please book'],
])('R24: `%s` says more than `%s`', (text, before) => {
  expect(saysTheSame(text, before)).toBe(false);
});
