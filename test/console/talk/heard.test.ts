import { expect, test } from 'vitest';
import { HeardWords } from '../../../src/worker/heard-words.ts';
import { readEvents } from '../../../src/page/read-events.ts';
import type { TurnEffect, TurnEvent } from '../../../src/turn/contract.ts';
import {
  agentVoice,
  inOrder,
  start,
  stepEnd,
  stepStart,
  text,
  toolStart,
  turnEnd,
  turnStart,
} from '../../page/helpers/events.ts';

const say = (utterance: number, words: string): TurnEffect => ({
  ...{ type: 'say', utterance, text: words, kind: 'answer', turn: 1, step: 1 },
});
const heard = (utterance: number, characters: number): TurnEvent => ({ type: 'heard', utterance, characters });
const nothing: TurnEvent = { type: 'playback-idle' };

test('what was heard grows by utterances in the order in which they were said, and begins anew with a turn', () => {
  const told: string[] = [];
  const words = new HeardWords((one) => told.push(one));
  words.handled(nothing, [say(1, 'One moment, '), say(1, 'please.')]);
  words.handled(heard(1, 4), []);
  words.handled(heard(1, 4), []); // nothing more
  words.handled(heard(1, 19), [say(2, 'It is ready.')]);
  words.handled(heard(2, 6), []);
  const turn: TurnEffect = { type: 'report', event: { type: 'turn-start', turn: 2, text: 'thanks' } };
  words.handled(nothing, [turn, say(3, 'Bye.')]);
  words.handled(heard(2, 12), []); // of the turn before
  words.handled(heard(3, 4), []);
  expect(told).toEqual(['One ', 'One moment, please.', 'One moment, please. It is ', 'Bye.']);
});

const CALL = inOrder([
  start(),
  text(0, 0, undefined, 'Hello there.', 'greeting'),
  ...agentVoice(0, 100, 1_000),
  turnStart(2_000, 1, 'Is it ready?'),
  stepStart(2_000, 1, 1),
  text(2_300, 1, 1, 'Let me see. '),
  toolStart(2_400, 1, 'a', 'look'),
]);

test('the picture of a call that goes on ends now, and says what of it is heard now', () => {
  const picture = readEvents(CALL, { nowMs: 3_000, heard: 'Let me' });
  expect(picture.durationMs).toBe(3_000);
  const [greeting, turn] = picture.scenes;
  expect(greeting?.phrases[0]?.heard).toBe('Hello there.'.length);
  expect(turn?.phrases[0]?.heard).toBe('Let me'.length);
  expect(turn?.window.toMs).toBe(3_000);
  expect(turn?.silences.at(-1)).toMatchObject({ cause: 'speech', toMs: 3_000 });
});

test('once a turn is over its end counts, and once the call is, its own', () => {
  const over = inOrder([...CALL, stepEnd(2_500, 1, 1), turnEnd(2_900, 1, 'Let me see.', { firstWordMs: 300 })]);
  expect(readEvents(over, { nowMs: 3_000, heard: '' }).scenes[1]?.phrases[0]?.heard).toBeGreaterThan(10);
});
