import { expect, test } from 'vitest';
import { lanesOf, type Bar, type Lanes } from '../../src/page/lanes.ts';
import { readEvents } from '../../src/page/read-events.ts';
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

function lanesIn(id: string, ...events: (CallEvent | CallEvent[])[]): Lanes {
  const picture = readEvents(inOrder(events.flat()));
  const scene = picture.scenes.find((one) => one.id === id);
  if (!scene) throw new Error(`Expected a scene \`${id}\``);
  return lanesOf(picture, scene);
}

const lane = ({ lanes }: Lanes, name: string): Bar[] => lanes.find((one) => one.name === name)?.bars ?? [];
const spans = (bars: readonly Bar[]) => bars.map(({ fromMs, toMs, tone, look }) => [fromMs, toMs, tone, look]);

const TURN = [
  start(),
  ...callerVoice(1_000, 2_680),
  turnStart(3_000, 1, 'What is free?'),
  stepStart(3_000, 1, 1),
  text(3_400, 1, 1, 'Let me look.'),
  toolStart(3_450, 1, 'a', 'find'),
  stepEnd(3_500, 1, 1, { finishReason: 'tool_calls', textKind: 'filler', queueMs: 100, firstTokenMs: 290 }),
  ...agentVoice(1, 3_700, 4_500),
  toolEnd(4_200, 1, 'a', 'find', { durationMs: 750 }),
  stepStart(4_200, 1, 2),
  text(4_400, 1, 2, 'Ten.'),
  stepEnd(4_450, 1, 2, { firstTokenMs: 200 }),
  turnEnd(4_500, 1, 'Let me look. Ten.', { firstWordMs: 700, silence: { endpointingMs: 500 } }),
  end(5_000),
];

test("the caller's voice ends where endpointing begins, and carries the words", () => {
  const bars = lane(lanesIn('turn-1', TURN), 'caller');
  expect(spans(bars)).toEqual([
    [1_000, 2_500, 'caller', 'working'],
    [2_500, 3_000, 'endpointing', 'waiting'],
  ]);
  expect(bars[0]?.label).toBe('What is free?');
});

test('a request is queue, wait for the first token, and stream', () => {
  const scene = lanesIn('turn-1', TURN);
  expect(spans(lane(scene, 'model'))).toEqual([
    [3_000, 3_100, 'queue', 'waiting'],
    [3_100, 3_390, 'model', 'waiting'],
    [3_390, 3_500, 'model', 'working'],
    [4_200, 4_400, 'model', 'waiting'],
    [4_400, 4_450, 'model', 'working'],
  ]);
  expect(scene.marks.filter(({ kind }) => kind === 'first-token').map(({ atMs }) => atMs)).toEqual([3_390, 4_400]);
});

test('synthesis is waited for until the first sound; behind speech nobody waits for it', () => {
  expect(spans(lane(lanesIn('turn-1', TURN), 'synthesis'))).toEqual([
    [3_400, 3_700, 'speech', 'waiting'],
    [4_400, 4_401, 'speech', 'faint'],
  ]);
});

test('playback carries what was heard, silence its cause, the first word a mark', () => {
  const scene = lanesIn('turn-1', TURN);
  expect(lane(scene, 'playback')).toMatchObject([{ fromMs: 3_700, toMs: 4_500, label: 'Let me look. Ten.' }]);
  expect(lane(scene, 'silence').map(({ tone }) => tone)).toEqual(['endpointing', 'queue', 'model', 'speech']);
  expect(scene.marks).toContainEqual({ atMs: 3_700, kind: 'first-word', label: 'first word 1.20 s' });
});

test('a tool says its name, what it took, and how it ended', () => {
  const failed = { ok: false, failure: 'timeout', error: 'too long', durationMs: 1_000 } as const;
  const scene = lanesIn('turn-1', TURN, toolStart(3_460, 1, 'b', 'book'), toolEnd(4_460, 1, 'b', 'book', failed));
  const bars = scene.lanes.filter(({ name }) => name === 'tools' || name === '').flatMap((row) => row.bars);
  expect(bars.map(({ label, state }) => [label, state])).toEqual([
    ['find · 750 ms', 'ok'],
    ['book · 1.00 s · timeout', 'failed'],
  ]);
});

test('tools that run side by side have rows of their own, one after the other they share one', () => {
  const oneByOne = [0, 1, 2].flatMap((index) => [
    toolStart(200 + index * 4_000, 1, `${index}`, 'go'),
    toolEnd(300 + index * 4_000, 1, `${index}`, 'go'),
  ]);
  const together = ['x', 'y'].flatMap((id) => [toolStart(400, 1, id, 'go'), toolEnd(9_000, 1, id, 'go')]);
  const rows = (events: CallEvent[]) =>
    lanesIn('turn-1', start(), turnStart(0, 1, 'Go'), events, turnEnd(10_000, 1, ''))
      .lanes.filter(({ name }) => name === 'tools' || name === '')
      .map(({ bars }) => bars.length);
  expect(rows(oneByOne)).toEqual([3]);
  expect(rows(together)).toEqual([1, 1]);
});

test('a late run goes on beyond its turn, and comes into the turn in which it ends', () => {
  const events = [
    start(),
    turnStart(0, 1, 'Book it.'),
    toolStart(100, 1, 'w', 'book', { effect: 'write' }),
    turnEnd(500, 1, '', { outcome: 'interrupted' }),
    turnStart(900, 2, 'Wait.'),
    toolEnd(1_200, 1, 'w', 'book', { isLate: true, durationMs: 1_100 }),
    turnEnd(2_000, 2, ''),
  ];
  const label = 'book · 1.10 s · late';
  expect(lane(lanesIn('turn-1', events), 'tools')).toMatchObject([
    { fromMs: 100, toMs: 500, isOpenLeft: false, isOpenRight: true, label },
  ]);
  expect(lane(lanesIn('turn-2', events), 'tools')).toMatchObject([
    { fromMs: 900, toMs: 1_200, isOpenLeft: true, isOpenRight: false, label },
  ]);
});

test('a request that failed is red, one that was let go of is open', () => {
  const failed = lanesIn(
    'turn-1',
    start(),
    turnStart(0, 1, 'Hi'),
    stepStart(0, 1, 1),
    stepEnd(800, 1, 1, { finishReason: 'failed', firstTokenMs: undefined }),
    turnEnd(900, 1, ''),
  );
  expect(lane(failed, 'model')).toMatchObject([{ fromMs: 0, toMs: 800, look: 'waiting', state: 'failed' }]);
  const open = lanesIn('turn-1', start(), turnStart(0, 1, 'Hi'), stepStart(0, 1, 1), turnEnd(900, 1, ''));
  expect(lane(open, 'model')).toMatchObject([{ toMs: 900, isOpenRight: true }]);
});

test('interruptions and errors are marked where they happened', () => {
  const { marks } = lanesIn(
    'turn-1',
    TURN,
    event(4_000, { type: 'error', turn: 1, code: 'provider-failed', message: 'x', requestId: undefined }),
    event(4_500, { type: 'interruption', turn: 1, heard: '', unheard: 'x' }),
  );
  expect(marks.filter(({ kind }) => kind === 'error' || kind === 'cut-in')).toEqual([
    { atMs: 4_000, kind: 'error', label: 'provider-failed' },
    { atMs: 4_500, kind: 'cut-in', label: 'cut in' },
  ]);
});

test('only talk is drawn shorter, never a wait', () => {
  const slow = [
    start(),
    ...callerVoice(0, 20_000),
    turnStart(20_500, 1, 'A long story'),
    stepStart(20_500, 1, 1),
    text(30_500, 1, 1, 'Yes.'),
    stepEnd(30_600, 1, 1, { firstTokenMs: 10_000 }),
    ...agentVoice(1, 31_000, 51_000),
    turnEnd(51_000, 1, 'Yes.', { firstWordMs: 10_500, silence: { endpointingMs: 500, modelMs: 10_000 } }),
  ];
  const { axis } = lanesIn('turn-1', slow);
  expect(axis.shortened.every(({ toMs, fromMs }) => toMs <= 20_000 || fromMs >= 31_000)).toBe(true);
  expect(axis.share(31_000) - axis.share(20_000)).toBeGreaterThan(0.6);
});

test('in a call of text, words stand in the place of playback, and the wait is the whole turn', () => {
  const { lanes } = lanesIn(
    'turn-1',
    start(),
    turnStart(0, 1, 'Hi'),
    text(300, 1, 1, 'Hello.'),
    turnEnd(400, 1, 'Hello.'),
  );
  expect(lanes.map(({ name }) => name)).toEqual(['text', 'waiting']);
});
