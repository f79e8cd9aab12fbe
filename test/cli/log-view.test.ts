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
