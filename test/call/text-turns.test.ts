import { expect, test } from 'vitest';
import { TextTurns, type TurnResult } from '../../src/call/text-turns.ts';

const replied = (turn: number): TurnResult => ({ turn, outcome: 'replied', heard: 'yes' });

function open({ begins = true, isAsked = (): boolean => false } = {}) {
  const begun: string[] = [];
  const turns: TextTurns = new TextTurns(
    (text) => {
      begun.push(text);
      if (begins) turns.turnStarted();
    },
    {
      get isSomebodyAsked() {
        return isAsked();
      },
    },
  );
  return { turns, begun };
}

test('a line that comes while a turn runs waits for it, and each is told what became of it', async () => {
  const { turns, begun } = open();
  const [first, second] = [turns.say('one'), turns.say('two')];
  turns.next();
  turns.next();
  expect(begun).toEqual(['one']);
  turns.turnEnded(replied(1));
  turns.next();
  expect(begun).toEqual(['one', 'two']);
  turns.turnEnded(replied(2));
  expect(await Promise.all([first, second])).toEqual([replied(1), replied(2)]);
});

test('a line that no turn can begin with is told so, and so are those that wait when the call ends', async () => {
  const { turns } = open({ begins: false });
  const first = turns.say('one');
  turns.next();
  expect(await first).toBeUndefined();
  const late = turns.say('two');
  turns.close();
  expect(await late).toBeUndefined();
  expect(await turns.say('three')).toBeUndefined();
});

test('while somebody is asked whether they take the caller lines wait, and it is not quiet', async () => {
  let isAsked = true;
  const { turns, begun } = open({ isAsked: () => isAsked });
  let isQuiet = false;
  const quiet = turns.quiet().then(() => (isQuiet = true));
  const said = turns.say('one');
  turns.next();
  await Promise.resolve();
  expect({ begun, isQuiet }).toEqual({ begun: [], isQuiet: false });
  isAsked = false;
  turns.next();
  turns.turnEnded(replied(1));
  expect(await said).toEqual(replied(1));
  await quiet;
});

test('nothing said is no line', async () => {
  const { turns, begun } = open();
  expect(await turns.say('  ')).toBeUndefined();
  turns.next();
  expect(begun).toEqual([]);
});

test('it is quiet when every line has been answered, or the call is over', async () => {
  const { turns } = open();
  await turns.quiet();
  void turns.say('one');
  turns.next();
  let isQuiet = false;
  const quiet = turns.quiet().then(() => (isQuiet = true));
  await Promise.resolve();
  expect(isQuiet).toBe(false);
  turns.turnEnded(replied(1));
  await quiet;
  void turns.say('two');
  turns.next();
  const over = turns.quiet();
  turns.close();
  await over;
});
