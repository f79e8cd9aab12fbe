/** What `parley serve` shows on a terminal of what is said, between the lines of the log. */
import { expect, test } from 'vitest';
import type { EventBody } from '../../src/call/events.ts';
import { TranscriptView } from '../../src/cli/transcript-view.ts';

function open(columns?: number) {
  const written: string[] = [];
  const views = ['call-1aaaa', 'call-2bbbb'].map(
    (callId) => new TranscriptView({ callId, write: (lines) => void written.push(lines), columns: () => columns }),
  );
  const show = (call: number, atMs: number, body: EventBody, isTurnRunning = true) =>
    views[call]?.show({ callId: '', atMs, ...body }, isTurnRunning);
  const say = (call: number, atMs: number, delta: string) =>
    show(call, atMs, { type: 'text-delta', turn: 1, step: 1, kind: 'answer', delta });
  return { written, show, say, views };
}

test('the transcript on a terminal: whole lines alone, each with its call, however the calls run into each other', () => {
  const { written, show, say, views } = open();
  show(0, 1_000, { type: 'turn-start', turn: 1, text: 'Are you open?' });
  say(0, 1_200, 'We are ');
  show(1, 1_300, { type: 'turn-start', turn: 1, text: 'Hello?' });
  say(1, 1_400, 'Good');
  say(0, 1_500, 'open.');
  say(1, 1_600, ' morning.');
  views[0]?.fault('`look_up` threw: Error: no\n  at run (tool.ts:1:2)');
  show(1, 1_700, { type: 'transfer', turn: 1, to: '+1555', ok: true });
  expect(written.every((lines) => lines.endsWith('\n'))).toBe(true);
  expect(written.join('').split('\n')).toEqual([
    'aaaa   0.00  caller  Are you open?',
    'bbbb   0.00  caller  Hello?',
    'aaaa   0.20  agent   We are open.',
    'aaaa             `look_up` threw: Error: no',
    'aaaa               at run (tool.ts:1:2)',
    'bbbb   0.10  agent   Good morning.',
    'bbbb   0.40  passed  on to +1555',
    '',
  ]);
});

test('the transcript on a terminal: what is said between two turns stands there at once', () => {
  const { written, show } = open();
  const greeting = { type: 'text-delta', turn: 0, step: undefined, kind: 'greeting', delta: 'Hello.' } as const;
  show(0, 100, greeting, false);
  expect(written).toEqual(['aaaa   0.10  agent   Hello.\n']);
});

test.each([undefined, 40])('the transcript on a terminal of %s columns keeps to them', (columns) => {
  const { written, show } = open(columns);
  show(0, 0, { type: 'turn-start', turn: 1, text: 'Are you open on Sundays and on Mondays in the summer?' });
  const lines = written.join('').trimEnd().split('\n');
  if (columns === undefined) expect(lines).toHaveLength(1);
  else for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
});
