import { expect, test } from 'vitest';
import { CallObserver, type CallerEvent } from '../../../src/cli/caller/observer.ts';
import { CallerView } from '../../../src/cli/caller/view.ts';

function observe(happen: (observer: CallObserver) => void) {
  const events: CallerEvent[] = [];
  const observer = new CallObserver((event) => events.push(event));
  observer.connected({ line: 'media', callSid: 'CA1', voice: 'tones' });
  happen(observer);
  return { events, summary: observer.summary() };
}

function aWholeCall(observer: CallObserver): void {
  observer.agentStarts(310);
  observer.agentSays(310, 'Hello.');
  observer.agentEnds(900.04);
  observer.callerStarts(2_000, { text: 'Which times are free?' });
  observer.callerEnds(2_010, 4_000);
  observer.agentStarts(4_900);
  observer.agentSays(4_900, 'Let');
  observer.agentSays(5_100, 'me');
  observer.agentEnds(5_400);
  observer.agentStarts(6_400);
  observer.agentSays(6_400, 'look.');
  observer.gap({ fromMs: 6_500, durationMs: 40 });
  observer.callerStarts(7_000, { text: 'Stop!' });
  observer.clear(7_050, 300);
  observer.agentEnds(7_080);
  observer.callerEnds(7_000, 7_600);
  observer.mark(7_700, 'u1:1');
  observer.agentStarts(8_400);
  observer.agentSays(8_400, 'Okay.');
  observer.ended({ by: 'worker', code: 1000, atMs: 9_000 });
}

test('an answer is measured from the last word of the caller, what goes on from the last of the agent', () => {
  const starts = observe(aWholeCall).events.filter(({ type }) => type === 'agent-start');
  expect(starts).toEqual([
    { type: 'agent-start', atMs: 310 },
    { type: 'agent-start', atMs: 4_900, afterCallerMs: 900 },
    { type: 'agent-start', atMs: 6_400, afterAgentMs: 1_000 },
    { type: 'agent-start', atMs: 8_400, afterCallerMs: 800 },
  ]);
});

test('whoever speaks while the agent does cuts in, and it is measured how soon there is silence', () => {
  const { events } = observe(aWholeCall);
  expect(events.filter(({ type }) => type === 'caller-start')).toMatchObject([{ isCutIn: false }, { isCutIn: true }]);
  expect(events.filter(({ type }) => type === 'agent-end')).toEqual([
    { type: 'agent-end', atMs: 900, durationMs: 590 },
    { type: 'agent-end', atMs: 5_400, durationMs: 500 },
    { type: 'agent-end', atMs: 7_080, durationMs: 680, afterCutInMs: 80 },
  ]);
});

test('the summary has an answer for each time that the caller had spoken, with all that was understood of it', () => {
  expect(observe(aWholeCall).summary).toEqual({
    type: 'summary',
    line: 'media',
    callSid: 'CA1',
    durationMs: 9_000,
    endedBy: 'worker',
    code: 1000,
    answers: [
      { afterMs: null, text: 'Hello.' },
      { afterMs: 900, text: 'Let me look.' },
      { afterMs: 800, text: 'Okay.' },
    ],
    cutIns: [80],
    gaps: [{ fromMs: 6_500, durationMs: 40 }],
    marks: 1,
    clears: 1,
    badFrames: 0,
  });
});

test('an agent that goes on after a cut-in has no time to silence', () => {
  const { summary } = observe((observer) => {
    observer.agentStarts(100);
    observer.callerPresses(500, '1');
    observer.ended({ by: 'caller', code: 1000, atMs: 900 });
  });
  expect(summary.cutIns).toEqual([null]);
});

test('an agent that speaks over the caller has not answered yet', () => {
  const { summary } = observe((observer) => {
    observer.callerStarts(0, { text: 'Hello?' });
    observer.agentStarts(300);
    observer.agentEnds(900);
    observer.callerEnds(0, 1_000);
    observer.agentStarts(1_500);
  });
  expect(summary.answers.map(({ afterMs }) => afterMs)).toEqual([null, 500]);
});

test('where the call goes on is told with its end', () => {
  const { events } = observe((observer) => {
    observer.ended({ by: 'rest', code: 1000, atMs: 5, redirect: { url: 'https://example.com/next' } });
  });
  expect(events.at(-1)).toEqual({
    type: 'call-end',
    atMs: 5,
    by: 'rest',
    code: 1000,
    next: 'https://example.com/next',
  });
});

test('people see a row for each thing, the words by sentence, and the sums at the end', () => {
  let shown = '';
  const view = new CallerView({ write: (text) => (shown += text), columns: () => undefined, isVerbose: false });
  const observer = new CallObserver((event) => view.show(event));
  observer.connected({ line: 'media', callSid: 'CA1', voice: 'tones' });
  aWholeCall(observer);
  view.summary(observer.summary());
  expect(shown.replaceAll(/ +\n/g, '\n').split('\n')).toEqual([
    "  0.00  line    connected, a line of sound; the caller's voice: tones",
    '  0.31  agent   begins',
    '  0.31          Hello.',
    '  0.90          ends after 0.59 s',
    '  2.00  caller  Which times are free?',
    "  4.90  agent   begins, 0.90 s after the caller's last word",
    '  4.90          Let me',
    '  5.40          ends after 0.50 s',
    '  6.40  agent   goes on after 1.00 s of silence',
    '  6.40          look.',
    '  6.50          a gap of 0.04 s in what the agent says',
    '  7.00  caller  cuts in: Stop!',
    '  7.05  line    clear: 0.30 s thrown away unheard',
    '  7.08          ends after 0.68 s, 0.08 s after the caller cut in',
    "  8.40  agent   begins, 0.80 s after the caller's last word",
    '  8.40          Okay.',
    '  9.00  end     the agent hung up',
    'The call took 9.00 s.',
    'Answered twice, after 0.80 s to 0.90 s.',
    'Cut in once: silence after 0.08 s.',
    '1 gap of 0.04 s in what the agent said, where its audio came too late. 1 mark, 1 clear.',
    '',
  ]);
});

test('on a terminal long sentences are broken where its edge is', () => {
  let shown = '';
  const view = new CallerView({ write: (text) => (shown += text), columns: () => 40, isVerbose: false });
  view.show({ type: 'caller-start', atMs: 0, text: 'one two three four five six seven eight', isCutIn: false });
  expect(shown.split('\n').every((row) => row.length <= 40)).toBe(true);
  expect(shown).toContain('\n                six');
});
