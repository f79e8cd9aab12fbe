/** Menus that go round in circles: the same keys at the same words are pressed twice, then the model is told, then it is over. */
import { expect, test } from 'vitest';
import { MenuLoops } from '../../src/turn/menu-loops.ts';
import { CAST, play, type PlayOptions } from './helpers/play.ts';

const SEND_DIGITS = { name: 'send_digits', effect: 'write', filler: [], progress: [] } as const;
const withKeys = (options: PlayOptions = {}): PlayOptions => ({ tools: [...CAST, SEND_DIGITS], ...options });

/** The menu speaks, and the model presses 2, so many times. */
const rounds = (count: number, words = (_round: number) => 'For sales press 1, for support press 2.') =>
  Array.from({ length: count }, (_, round) => {
    const atMs = round * 10_000;
    return `
      ${atMs}        caller-turn  ${JSON.stringify(words(round))}
      ${atMs + 100}  tool-call    send_digits {"digits":"2"} #k${round}
      ${atMs + 200}  step-end     tool_calls
      ${atMs + 300}  tool-settled #k${round} {"sent":"2"}
      ${atMs + 500}  text-delta   "Two."
      ${atMs + 600}  step-end     stop
    `;
  }).join('\n');
const ends = (played: ReturnType<typeof play>) => played.reports('tool-end').map(({ ok }) => ok);

test('a menu: the same keys at the same words are pressed twice; then they are not, and the model reads why', () => {
  const played = play(rounds(3).replace(/^.*tool-settled #k2 .*$/m, ''), withKeys());
  expect(ends(played)).toEqual([true, true, false]);
  expect(played.reports('tool-end').at(-1)?.error).toContain('the menu has come back to them');
  expect(played.all('run-tool')).toHaveLength(2);
});

test('a menu: that is understood a little differently each time is the same one', () => {
  const heard = ['For sales press 1, for support press 2.', 'For sales press one, for support press 2.'];
  const played = play(rounds(3, (round) => heard[round % 2] ?? '').replace(/^.*tool-settled #k2 .*$/m, ''), withKeys());
  expect(ends(played)).toEqual([true, true, false]);
});

test('a menu: other words, and other keys, are another place', () => {
  const words = ['For sales press 1, for support press 2.', 'For billing press 1, for orders press 2.', 'Yes or no?'];
  const played = play(
    rounds(6, (round) => words[round % 3] ?? ''),
    withKeys(),
  );
  expect(ends(played)).toEqual([true, true, true, true, true, true]);
});

test('a menu: whoever is told and goes on is given up, with a goodbye', () => {
  const told = rounds(6).replace(/^.*tool-settled #k[2-5] .*$/gm, '');
  const played = play(told, withKeys({ turn: { transferTo: 'desk' } }));
  expect(played.all('hang-up')).toMatchObject([{ reason: 'menu-loop' }]);
  expect(played.all('transfer')).toEqual([]);
});

test('a menu: keys that were pressed on earlier lines of the call count', () => {
  const words = 'For sales press 1, for support press 2.';
  const loops = new MenuLoops([
    { words, keys: '2' },
    { words, keys: '2' },
  ]);
  const call = { id: 'c', name: 'send_digits', arguments: '{"digits":"w2"}' };
  expect(loops.refusal(call, () => words)).toContain('2 was pressed 2 times');
  expect(loops.refusal({ ...call, name: 'book_slot' }, () => words)).toBeUndefined();
  expect(loops.isStuck).toBe(false);
});
