/** Events to the picture of a call: its scenes, what was heard of them, where the silence lay. */
import { expect, test } from 'vitest';
import { readEvents } from '../../src/page/read-events.ts';
import { stateOf, type Picture, type Scene } from '../../src/page/picture.ts';
import type { CallEvent } from '../../src/call/events.ts';
import {
  agentVoice,
  callerVoice,
  end,
  event,
  inOrder,
  start,
  stepEnd,
  stepStart,
  text,
  toolEnd,
  toolStart,
  turnEnd,
  turnStart,
} from './helpers/events.ts';

const read = (...events: (CallEvent | CallEvent[])[]): Picture => readEvents(inOrder(events.flat()));

function scene(picture: Picture, id: string): Scene {
  const found = picture.scenes.find((one) => one.id === id);
  if (!found) throw new Error(`Expected a scene \`${id}\`, got ${picture.scenes.map((one) => one.id).join(', ')}`);
  return found;
}

/** A question, a filler, a tool, an answer: the voice ends at 2,500, is known to have ended at 2,680. */
const TURN = [
  start(),
  ...callerVoice(1_000, 2_680),
  turnStart(3_000, 1, 'What is free?'),
  stepStart(3_000, 1, 1),
  text(3_400, 1, 1, 'Let me '),
  text(3_420, 1, 1, 'look.'),
  toolStart(3_450, 1, 'a', 'find', { arguments: { day: 'today' } }),
  stepEnd(3_500, 1, 1, { finishReason: 'tool_calls', textKind: 'filler', queueMs: 100, firstTokenMs: 290 }),
  ...agentVoice(1, 3_700, 4_500),
  toolEnd(5_000, 1, 'a', 'find', { result: ['ten'], durationMs: 1_550 }),
  stepStart(5_000, 1, 2),
  text(5_300, 1, 2, 'Ten is free.'),
  stepEnd(5_350, 1, 2),
  ...agentVoice(1, 5_500, 6_500),
  turnEnd(6_500, 1, 'Let me look. Ten is free.', {
    firstWordMs: 700,
    totalMs: 3_500,
    silence: { endpointingMs: 500, queueMs: 100, modelMs: 600, toolMs: 500, speechMs: 500 },
  }),
  end(7_000),
];

const before = (atMs: number): CallEvent[] => TURN.filter((one) => one.atMs < atMs);

test('waiting counts from the end of the voice, not from when that was known', () => {
  const { zeroMs, waitMs, startMs } = scene(read(TURN), 'turn-1');
  expect({ zeroMs, waitMs, startMs }).toEqual({ zeroMs: 2_500, waitMs: 1_200, startMs: 3_000 });
});

test("a scene begins with the caller's voice and ends with its turn", () => {
  expect(scene(read(TURN), 'turn-1').window).toEqual({ fromMs: 1_000, toMs: 6_500 });
});

test('R17: silence lies where nothing is heard, under the cause that the machine counts it by', () => {
  expect(scene(read(TURN), 'turn-1').silences).toEqual([
    { cause: 'endpointing', fromMs: 2_500, toMs: 3_000 },
    { cause: 'queue', fromMs: 3_000, toMs: 3_100 },
    { cause: 'model', fromMs: 3_100, toMs: 3_400 },
    { cause: 'speech', fromMs: 3_400, toMs: 3_700 },
    { cause: 'tool', fromMs: 4_500, toMs: 5_000 },
    { cause: 'model', fromMs: 5_000, toMs: 5_300 },
    { cause: 'speech', fromMs: 5_300, toMs: 5_500 },
  ]);
});

test('text before a tool call turns out to be a filler', () => {
  const { phrases } = scene(read(TURN), 'turn-1');
  expect(phrases.map(({ kind, text: words }) => [kind, words])).toEqual([
    ['filler', 'Let me look.'],
    ['answer', 'Ten is free.'],
  ]);
});

test('the first token lies behind the queue', () => {
  const [first, second] = scene(read(TURN), 'turn-1').steps;
  expect(first).toMatchObject({ fromMs: 3_000, queueMs: 100, firstTokenAtMs: 3_390, toMs: 3_500 });
  expect(second).toMatchObject({ firstTokenAtMs: 5_300 });
});

test('a step that was let go of ends with its turn, and its first token is the first that was seen', () => {
  const picture = read(
    start(),
    turnStart(100, 1, 'Hi'),
    stepStart(100, 1, 1),
    text(400, 1, 1, 'Well'),
    event(900, { type: 'interruption', turn: 1, heard: '', unheard: 'Well' }),
    turnEnd(900, 1, '', { outcome: 'interrupted' }),
  );
  expect(scene(picture, 'turn-1').steps).toMatchObject([{ toMs: 900, firstTokenAtMs: 400, end: undefined }]);
});

// ---- scenes ---------------------------------------------------------------------------------------------------------

test('the greeting and what is said between turns are scenes of their own', () => {
  const picture = read(
    TURN.slice(0, -1),
    text(10, 0, undefined, 'Hello.', 'greeting'),
    ...agentVoice(0, 50, 900),
    text(22_000, 1, undefined, 'Are you there?', 'nudge'),
    ...agentVoice(1, 22_100, 23_000),
    end(30_000),
  );
  expect(picture.scenes.map(({ id, window }) => [id, window.fromMs, window.toMs])).toEqual([
    ['greeting', 0, 900],
    ['turn-1', 1_000, 6_500],
    ['after-1', 22_000, 23_000],
  ]);
});

test('a call without a word has no scenes, and one without an end ends with its last event', () => {
  expect(read(start(), end(500)).scenes).toEqual([]);
  expect(read(before(7_000))).toMatchObject({ end: undefined, durationMs: 6_500 });
  expect(readEvents([])).toMatchObject({ scenes: [], durationMs: 0 });
});

test('a turn that never ended is drawn as far as it is known', () => {
  const picture = read(before(3_700), event(4_200, { type: 'digit', digit: '1' }));
  expect(scene(picture, 'turn-1')).toMatchObject({ zeroMs: 2_680, waitMs: undefined, window: { toMs: 4_200 } });
});

test('a turn begins with the voice that cut in, not with the "mm-hm" before it', () => {
  const picture = read(
    before(5_200),
    event(5_450, { type: 'transcript', text: 'Mm-hm.', isFinal: true }),
    ...callerVoice(5_200, 5_400),
    ...agentVoice(1, 5_500, 6_200),
    ...callerVoice(6_000, 7_000),
    event(6_200, { type: 'interruption', turn: 1, heard: '', unheard: '' }),
    turnEnd(6_200, 1, 'Let me look.', { outcome: 'interrupted' }),
    turnStart(7_400, 2, 'No, wait.'),
    turnEnd(8_000, 2, ''),
  );
  expect(scene(picture, 'turn-2').window.fromMs).toBe(6_000);
  expect(scene(picture, 'turn-1').moments).toContainEqual({ type: 'aside', atMs: 5_450, text: 'Mm-hm.' });
});

test('what was understood and became part of a turn is not told beside it, in whatever spelling', () => {
  const picture = read(
    start(),
    event(900, { type: 'transcript', text: 'Hi, book', isFinal: true }),
    event(950, { type: 'transcript', text: ' TEN please. ', isFinal: true }),
    event(960, { type: 'transcript', text: '', isFinal: true }),
    turnStart(1_000, 1, 'hi book ten, please'),
    event(1_100, { type: 'transcript', text: 'Ten, please.', isFinal: true }),
    turnEnd(2_000, 1, ''),
  );
  expect(scene(picture, 'turn-1').moments).toEqual([]);
});

test('playback that stood still for a voice is marked from when it was held back until it went on, or was cut off', () => {
  const picture = read(
    start(),
    ...agentVoice(0, 0, 10_000),
    event(1_000, { type: 'reply-audio-paused', turn: 0 }),
    event(1_550, { type: 'reply-audio-resumed', turn: 0 }),
    event(9_400, { type: 'reply-audio-paused', turn: 0 }),
  );
  expect(picture.holds).toEqual([
    { fromMs: 1_000, toMs: 1_550 },
    { fromMs: 9_400, toMs: 10_000 },
  ]);
});

// ---- heard and unheard ----------------------------------------------------------------------------------------------

const heardOf = ({ phrases }: Scene) => phrases.map((phrase) => phrase.text.slice(0, phrase.heard));

const saying = (heard: string, ...said: string[]): Scene =>
  scene(
    read(
      start(),
      turnStart(0, 1, 'Hi'),
      ...said.map((words, index) => text(100 + index, 1, index + 1, words)),
      ...agentVoice(1, 200, 1_200),
      turnEnd(1_200, 1, heard),
    ),
    'turn-1',
  );

test('what was heard of a turn is laid over its phrases, whatever the white space', () => {
  expect(heardOf(saying('Sure, one moment. The date is', 'Sure,  one moment.', 'The date\nis tomorrow.'))).toEqual([
    'Sure,  one moment.',
    'The date\nis',
  ]);
});

test('of a turn that nobody heard, no phrase is marked as heard', () => {
  const { phrases } = saying('', 'Sure.', 'The date is tomorrow.');
  expect(phrases.map(({ heard, heardFromMs }) => [heard, heardFromMs])).toEqual([
    [0, undefined],
    [0, undefined],
  ]);
});

test('a phrase that was lost does not take the one after it along', () => {
  expect(heardOf(saying('I am sorry, say that again.', 'I found ten.', 'I am sorry, say that again.'))).toEqual([
    '',
    'I am sorry, say that again.',
  ]);
  expect(heardOf(saying('Let me Just a second.', 'Let me see, just now.', 'Just a second.'))).toEqual([
    'Let me',
    'Just a second.',
  ]);
});

test('a greeting that was cut off ends where the interruption says', () => {
  const picture = read(
    start(),
    text(10, 0, undefined, 'Hello. How can I help?', 'greeting'),
    event(900, { type: 'interruption', turn: 0, heard: 'Hello.', unheard: 'How can I help?' }),
  );
  expect(heardOf(scene(picture, 'greeting'))).toEqual(['Hello.']);
});

test('phrases that were queued get their time on the line by their length, the first the time of the first sound', () => {
  const { phrases } = saying('aaaa bbbbbb', 'aaaa', 'bbbbbb');
  expect(phrases.map(({ heardFromMs }) => heardFromMs)).toEqual([200, 600]);
});

test('a call in text has no playback: its words are heard when they come', () => {
  const picture = read(
    start({ bridge: 'chat' }),
    turnStart(0, 1, 'Hi'),
    text(300, 1, 1, 'Hello.'),
    turnEnd(400, 1, 'Hello.'),
  );
  expect(picture.hasAudio).toBe(false);
  expect(scene(picture, 'turn-1').phrases).toMatchObject([{ heardFromMs: 300 }]);
  expect(scene(picture, 'turn-1').silences).toEqual([{ cause: 'model', fromMs: 0, toMs: 400 }]);
});

// ---- tools and the rest ---------------------------------------------------------------------------------------------

test('a result that comes late belongs to the run of its turn, and is told where it came in', () => {
  const picture = read(
    start(),
    turnStart(0, 1, 'Book it.'),
    toolStart(100, 1, 'w', 'book', { effect: 'write' }),
    turnEnd(500, 1, '', { outcome: 'interrupted' }),
    turnStart(900, 2, 'Wait.'),
    toolEnd(1_200, 1, 'w', 'book', { isLate: true, durationMs: 1_100 }),
    turnEnd(2_000, 2, ''),
  );
  const [run] = scene(picture, 'turn-1').tools;
  expect(run?.end).toMatchObject({ isLate: true, atMs: 1_200 });
  expect(scene(picture, 'turn-2').moments).toMatchObject([{ type: 'late-result', tool: { id: 'w' } }]);
});

test('runs are ok, failed, cancelled, or still running at the end', () => {
  const picture = read(
    start(),
    turnStart(0, 1, 'Do it all.'),
    ...['a', 'b', 'c', 'd'].map((id) => toolStart(100, 1, id, id)),
    toolEnd(200, 1, 'a', 'a'),
    toolEnd(200, 1, 'b', 'b', { ok: false, failure: 'timeout', error: 'too long' }),
    toolEnd(200, 1, 'c', 'c', { ok: false, failure: 'cancelled' }),
  );
  expect(scene(picture, 'turn-1').tools.map(stateOf)).toEqual(['ok', 'failed', 'cancelled', 'running']);
});

test('keys pressed one after the other are one row of digits', () => {
  const keys = [1_000, 1_400, 9_000].map((atMs) => event(atMs, { type: 'digit', digit: '5' }));
  const picture = read(start(), text(0, 0, undefined, 'Hello.', 'greeting'), keys);
  expect(scene(picture, 'greeting').moments).toMatchObject([{ keys: '55' }, { keys: '5' }]);
});
