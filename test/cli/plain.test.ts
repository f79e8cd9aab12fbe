/** Whatever a caller, a model, a tool or a service writes, it can neither obey itself on a screen nor forge a line there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { parley } from './helpers/command.ts';
import { CallerView } from '../../src/cli/caller/view.ts';
import { ChatView } from '../../src/cli/chat-view.ts';
import { formatLine, logView } from '../../src/cli/log-view.ts';
import { print, printJson, report, say, takeWarnings, write } from '../../src/cli/report.ts';
import { createLog } from '../../src/lib/log.ts';
import { ProviderError, VoiceError } from '../../src/lib/errors.ts';

/** A colour, a cursor that goes up, a line that is written over, a title, a code of one byte, and a whole new line. */
const EVIL = 'x\u001b[31mred\u001b[1A\r\u001b]0;title\u0007\u009b2J\u202e\n12:00:00  info   forged line y';
const CODES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;
/** Nothing that a terminal obeys, and no line that begins as one of ours does. */
const expectPlain = (screen: string) => {
  expect(screen).toContain('forged');
  expect(screen).not.toMatch(CODES);
  expect(screen).not.toMatch(/^12:00:00/m);
};

afterEach(() => {
  vi.restoreAllMocks();
});

function captured(stream: 'stdout' | 'stderr'): () => string {
  let text = '';
  vi.spyOn(process[stream], 'write').mockImplementation((piece) => ((text += String(piece)), true));
  return () => text;
}

const base = { callId: EVIL, atMs: 100, turn: 1 };
const EVENTS = [
  { ...base, type: 'turn-start', text: EVIL },
  { ...base, type: 'text-delta', kind: 'answer', delta: EVIL },
  { ...base, type: 'text-delta', kind: EVIL, delta: EVIL },
  { ...base, type: 'tool-start', id: EVIL, name: EVIL, arguments: { [EVIL]: EVIL }, effect: 'read' },
  { ...base, type: 'tool-progress', id: EVIL, name: EVIL, text: EVIL },
  { ...base, type: 'tool-end', id: EVIL, name: EVIL, ok: true, result: EVIL, durationMs: 1 },
  { ...base, type: 'tool-end', id: EVIL, name: EVIL, ok: false, error: EVIL, durationMs: 1 },
  { ...base, type: 'interruption', heard: EVIL, unheard: EVIL },
  { ...base, type: 'digit', digit: EVIL },
  { ...base, type: 'error', code: EVIL, message: EVIL, requestId: EVIL },
  { ...base, type: 'call-end', reason: EVIL, durationMs: 1, usage: {} },
] as unknown as CallEvent[];

describe.each([undefined, 80])('`parley chat`, %s columns', (columns) => {
  test.each(EVENTS.map((event) => [event.type, event] as const))('%s', (_type, event) => {
    let screen = '';
    const view = new ChatView(
      (text) => (screen += text),
      () => columns,
    );
    view.show(event);
    view.breakLine();
    expectPlain(screen);
  });
});

test.each([
  { type: 'caller-start', text: EVIL, isCutIn: true },
  { type: 'caller-start', file: EVIL, isCutIn: false },
  { type: 'caller-keys', digits: EVIL },
  { type: 'agent-keys', digits: EVIL },
  { type: 'mark', name: EVIL },
  { type: 'bad-frame', message: EVIL },
  { type: 'call-end', by: 'worker', code: 1000, next: EVIL },
  { type: 'connected', line: 'media', callSid: EVIL, voice: EVIL },
] as const)('`parley call`: $type', (event) => {
  let screen = '';
  const view = new CallerView({ write: (text) => (screen += text), columns: () => 80, isVerbose: true });
  view.show({ atMs: 1, ...event });
  view.note(EVIL);
  expectPlain(screen);
});

test('`parley call`: the words of a text line', () => {
  let screen = '';
  const view = new CallerView({ write: (text) => (screen += text), columns: () => undefined, isVerbose: false });
  view.show({ atMs: 1, type: 'agent-words', text: EVIL });
  view.show({ atMs: 2, type: 'agent-end', durationMs: 1 });
  expectPlain(screen);
});

test('`parley serve` on a terminal: each line of the log is one line, stacks are set in', () => {
  let screen = '';
  const log = createLog({ level: 'trace', showText: true, stream: logView((text) => (screen += text)) });
  const error = new Error(EVIL);
  error.name = EVIL;
  log.warn({ callId: EVIL, from: EVIL, deep: [{ [EVIL]: EVIL }] }, EVIL);
  log.warn({ err: error }, EVIL);
  log.warn({ err: { stack: `a\n${EVIL}` } }, EVIL);
  log
    .child({ carrierCallId: EVIL })
    .error({ model: EVIL, err: new ProviderError('electron', 'stream-cut', EVIL, { phase: 'connect' }) });
  log.info(error);
  expectPlain(screen);
  expect(formatLine('{"level":30,"time":0,"msg":"x","stack":"no error"}')).toContain('no error');
});

test('`parley serve` to a program: one line of JSON each, and nothing in its values to obey', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', showText: true, stream: { write: (line) => void lines.push(line) } });
  log.warn({ callId: EVIL, [EVIL]: [EVIL], err: new Error(EVIL) }, EVIL);
  expect(lines).toHaveLength(1);
  expect(lines[0]!.slice(0, -1)).not.toMatch(/[\n\u007f-\u009f\u2028-\u202e]/);
  const { err, ...told } = JSON.parse(lines[0]!) as { err: { stack: string } };
  expect(JSON.stringify(told)).not.toMatch(/\\u00|\\[nrtb]/);
  expect(err.stack.split('\n')[1]).toMatch(/^ {4}at /);
});

test('what a command says of an error, and what it prints', () => {
  const [error, output] = [captured('stderr'), captured('stdout')];
  report(new VoiceError('options-invalid', EVIL));
  report(new Error(EVIL));
  say(EVIL);
  print(EVIL);
  write(EVIL);
  expect(error()).not.toMatch(CODES);
  expect(error()).not.toMatch(/^12:00:00/m);
  expect(output()).not.toMatch(CODES);
});

test('JSON for a program is the very value, in characters that a terminal shows', () => {
  const output = captured('stdout');
  printJson({ text: EVIL });
  expect(output()).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(output())).toEqual({ text: EVIL });
});

test('keys, and who an address says that it is, are not shown', () => {
  const error = captured('stderr');
  say(
    'cannot reach wss://me:secret@host.example/x?token=abc12345&a=b with sk_live_abcdefghijkl or Bearer abcdefghijkl',
  );
  expect(error()).toBe(
    'cannot reach wss://[redacted]@host.example/x?token=[redacted]&a=b with sk_[redacted] or Bearer [redacted]\n',
  );
});

test("Node's own warnings, and those of tools, go to whoever takes them, not past them", async () => {
  const error = captured('stderr');
  const taken: Error[] = [];
  const giveBack = takeWarnings((warning) => taken.push(warning));
  process.emitWarning('mine');
  await new Promise((resolve) => setImmediate(resolve));
  giveBack();
  expect(taken).toMatchObject([{ name: 'Warning', message: 'mine' }]);
  expect(error()).toBe('');
});

test('there is no other way to a screen', () => {
  const source = join(import.meta.dirname, '../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const writing = files.filter((file) =>
    /process\.std(?:out|err)\.write|console\.(?:log|error|warn|info)\(|emitWarning\(/.test(
      readFileSync(join(source, file), 'utf8'),
    ),
  );
  expect(writing.sort()).toEqual([
    'call/hooks.ts', // where a program keeps no log
    'call/outbox.ts', // the same
    'cli/caller/typed.ts', // takes back the line that was typed
    'cli/for-people.ts', // the log itself
    'cli/main.ts', // of an older Node, before anything is loaded that it could not load
    'cli/prompt.ts', // what is typed
    'cli/report.ts',
    'vitest/call-test.ts', // in a test that has failed: where its call is
  ]);
});

test("a tool's warning, and an error of its that nobody catches, are told as everything else is, and end nothing", async () => {
  const { code, stderr } = await parley(['chat', '--simulate', '--agent', 'test/cli/agents/evil.ts'], {
    input: 'please shout\n',
  });
  expect(code).toBe(0);
  expect(stderr).toContain('parley: Warning: xred');
  expect(stderr).toContain('parley: a tool threw when nobody waited for it (`shout`)');
  expect(stderr.match(/forged/g)).toHaveLength(2);
  expect(stderr).not.toMatch(CODES);
  expect(stderr).not.toMatch(/^parley: forged/m);
  expect(stderr).not.toContain('abcdefghijkl');
});
