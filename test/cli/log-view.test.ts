import { expect, test } from 'vitest';
import { formatLine, logView } from '../../src/cli/log-view.ts';
import { createLog } from '../../src/lib/log.ts';

const lines: string[] = [];
const log = createLog({ stream: logView((text) => void lines.push(text)) });

test('a log line is told as a person reads it, its secrets and words left out as ever', () => {
  log.warn({ callId: 'CA1', from: '+15550100', latency: { firstWordMs: 452 }, why: 'no room' }, 'a call was refused');
  expect(lines.at(-1)).toMatch(
    /^\d\d:\d\d:\d\d {2}warn {3}a call was refused {2}callId=CA1 from=\[redacted\] latency=\{firstWordMs:452\} why="no room"\n$/,
  );
});

test('an error brings its stack; what it says is shown when text is', () => {
  log.error({ err: new Error('broken') }, 'a request failed');
  expect(lines.at(-1)).toMatch(/error {2}a request failed {2}err=Error: \[redacted\]\n\s+at /);
  const open = createLog({ showText: true, stream: logView((text) => void lines.push(text)) });
  open.error({ err: new Error('broken') }, 'a request failed');
  expect(lines.at(-1)).toMatch(/error {2}a request failed {2}err=Error: broken\n\s+at /);
});

test('what is no log line stays as it is', () => {
  expect(formatLine('a warning of node\n')).toBe('a warning of node');
  expect(formatLine('[1,2]')).toBe('[1,2]');
});

const usage = { promptTokens: 800, completionTokens: 40, cachedTokens: 512 };
const TURN = {
  ...{ callId: '01m2n3p4q5r6s7t8v9w0abcdef', turn: 3, outcome: 'replied', interrupted: false, firstAudioMs: 920 },
  ...{ firstTokenMs: 250, longestSilenceMs: 920, steps: 2, usage, requestIds: ['req-1'], silence: { modelMs: 260 } },
  latency: { endpointingMs: 500, queueMs: 0, modelMs: 260, toolMs: 0, speechMs: 160 },
  tools: [{ name: 'find_slots', ms: 180, ok: true }],
};
const shownAs = (facts: object, message: string): string => {
  log.info(facts, message);
  return lines.at(-1)?.slice('12:00:00  info   '.length).trimEnd() ?? '';
};

test('`turn ended` in one readable line on a terminal: who, how long and for what, and 1 tool', () => {
  expect(shownAs(TURN, 'turn ended')).toBe(
    'turn 3 of …abcdef replied; heard after 0.92 s (endpointing 0.50 s, model 0.26 s, speech 0.16 s); 2 requests; 1 tool: find_slots 0.18 s; 840 tokens',
  );
  const failed = {
    ...{
      ...TURN,
      outcome: 'failed',
      firstAudioMs: undefined,
      latency: undefined,
      attempts: 3,
      errors: ['rate-limited'],
    },
    tools: [{ name: 'book', ms: 2_000, ok: false, failure: 'timeout' }, { name: 'pay' }],
  };
  expect(shownAs({ ...failed, ticket: 'T-1' }, 'turn ended')).toBe(
    'turn 3 of …abcdef failed; nothing heard; 2 requests, 3 attempts; 2 tools: book 2.00 s timeout, pay still runs; 840 tokens; 1 error: rate-limited; asked as req-1  ticket=T-1',
  );
});

test('`call ended` in one readable line on a terminal', () => {
  const call = {
    ...{ callId: TURN.callId, reason: 'caller-hung-up', durationMs: 61_200, turns: 5, failedTurns: 1, steps: 7 },
    ...{ tools: 1, failedTools: 0, interruptions: 2, errors: 1, dismissedInterruptions: 0, usage },
  };
  expect(shownAs(call, 'call ended')).toBe(
    'call …abcdef ended after 61.20 s: caller-hung-up; 5 turns (1 failed); 1 tool; 2 interruptions; 1 error; 800 tokens in (512 cached), 40 out',
  );
});

test('a line of that name and another form is told as any other, and none is broken within a word', () => {
  expect(shownAs({ turn: 'first' }, 'turn ended')).toBe('turn ended  turn=first');
  const narrow: string[] = [];
  createLog({
    stream: logView(
      (text) => void narrow.push(text),
      () => 60,
    ),
  }).info(TURN, 'turn ended');
  const rows = narrow.join('').trimEnd().split('\n');
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.every((row) => row.length <= 60)).toBe(true);
});
