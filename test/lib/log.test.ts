import { expect, test } from 'vitest';
import { ProviderError, VoiceError } from '../../src/lib/errors.ts';
import { createLog, type LogOptions } from '../../src/lib/log.ts';

const SAID = 'my card is four one one one';
const NUMBER = '+1 (555) 010-0199';

function logOf(options: LogOptions = {}) {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', ...options, stream: { write: (line) => void lines.push(line) } });
  const last = () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  return { log, last, all: () => lines.join('') };
}

function deep(inner: unknown, levels: number): unknown {
  let tree = inner;
  for (let level = 0; level < levels; level++) tree = { a: [tree] };
  return tree;
}

test('what was said is left out under its names, however deep, in children and in lists', () => {
  const { log, all } = logOf();
  for (const name of ['text', 'heard', 'arguments', 'result', 'message', 'from', 'caller', 'Prompt']) {
    log.info({ [name]: SAID }, 'x');
    log.info({ [name]: { words: [SAID] } }, 'x');
    log.info({ a: { b: { c: [{ [name]: SAID }] } } }, 'x');
    log
      .child({ [name]: SAID })
      .child({ facts: { [name]: SAID } })
      .info('x');
  }
  for (const levels of [1, 3, 6, 20, 20_000]) log.info({ tree: deep({ text: SAID }, levels) }, 'x');
  expect(all()).not.toContain('four one');
  expect(all().match(/\[redacted\]/g)?.length).toBeGreaterThan(32);
});

test('telephone numbers are left out of sentences; ids and times are not', () => {
  const { log, last, all } = logOf();
  for (const number of [NUMBER, '+15550100199', '15550100199', '555-010-0199']) log.warn(`${number} called twice`);
  for (const to of [15550100199, NUMBER]) log.warn({ to }, 'x');
  log.warn({ note: `rang ${NUMBER}, no answer` }, 'x');
  expect(all()).not.toMatch(/010.?0199/);
  log.info({ callId: 'CA15550100199', requestId: '15550100199', atMs: 1_555_010_019 }, 'kept');
  expect(last()).toMatchObject({ callId: 'CA15550100199', requestId: '15550100199', atMs: 1_555_010_019 });
});

test("a tool's error is told by its place, a provider's by its facts, our own in its words", () => {
  const { log, last, all } = logOf();
  log.error({ err: new Error(SAID, { cause: new TypeError(SAID) }) }, 'a tool failed');
  expect(last()['err']).toMatchObject({ type: 'Error', message: '[redacted]', cause: { type: 'TypeError' } });
  expect((last()['err'] as { stack: string }).stack).toMatch(/^Error: \[redacted\]\n\s+at .*log\.test\.ts/);
  const facts = { phase: 'connect', status: 400, providerCode: SAID, details: [SAID], requestId: 'r-1' } as const;
  log.warn({ err: new ProviderError('electron', 'provider-failed', SAID, facts), code: SAID }, 'failed');
  expect(last()['err']).toMatchObject({ provider: 'electron', code: 'provider-failed', status: 400, requestId: 'r-1' });
  log.error({ err: SAID }, 'thrown');
  log.error({ err: { message: SAID } }, 'thrown');
  log.error({ err: new VoiceError('internal', SAID) }, 'wrapped');
  log.error(new Error(SAID), 'bare');
  log.error({ wrapped: { error: SAID } }, 'x');
  expect(all()).not.toContain('four one');
  log.error({ err: new VoiceError('frame-invalid', 'Expected a JSON object') }, 'x');
  expect(last()['err']).toEqual({ type: 'VoiceError', message: 'Expected a JSON object', code: 'frame-invalid' });
  log.error({ err: new ProviderError('pulse', 'connect-failed', 'refused', { phase: 'connect' }) }, 'x');
  expect(last()['err']).toMatchObject({ message: 'pulse: refused' });
});

test('whoever asks for text gets it, numbers and errors too', () => {
  const { log, last } = logOf({ showText: true });
  log.info({ text: SAID, from: NUMBER, err: new Error(SAID) }, `${NUMBER} called`);
  expect(last()).toMatchObject({ text: SAID, from: NUMBER, err: { message: SAID }, msg: `${NUMBER} called` });
});

test.each([false, true])(
  'secrets are left out by name and by value, wherever they are (text shown: %s)',
  (showText) => {
    const secrets = ['plain/canary+1', 'redis://user:pass%2Fcanary@127.0.0.1:6379', 'quote"canary'];
    const { log, all } = logOf({ showText, secrets });
    log.warn({ note: `got ${secrets[0]}`, list: [secrets[1]], [`${secrets[0]}`]: 1 }, `tried ${secrets[2]}`);
    log.warn({ err: new Error(`no ${secrets[0]}`), path: `/x?token=${encodeURIComponent(secrets[0] ?? '')}` }, 'x');
    log.warn('the password is pass/canary, the header Bearer canary-of-somebody, the key sk_canary_of_somebody');
    for (const name of ['apiKey', 'authToken', 'Authorization', 'x-twilio-signature', 'parleyToken', 'password'])
      log.child({ [name]: 'canary' }).warn({ deep: { [name]: ['canary'] } }, 'x');
    expect(all()).not.toMatch(/canary(?!-of)|canary_|canary-/);
    log.info({ maxTokens: 300, usage: { promptTokens: 7 } }, 'x');
    expect(all()).toContain('"maxTokens":300,"usage":{"promptTokens":7}');
  },
);

test('no code for a terminal and no second line is in a line of the log, and keys are found that codes stand in', () => {
  const { log, last, all } = logOf({ showText: true, secrets: ['canary-of-mine'] });
  log.warn({ callId: 'CA1\n{"level":60}', note: '\u001b[2Jx\u009b1A' }, 'a\r\nb\u202ec');
  expect(last()).toMatchObject({ callId: 'CA1 {"level":60}', note: 'x', msg: 'a bc' });
  log.warn({ note: 'sk_live_\u001b[0mabcdefgh', other: 'canary\u0007-of-mine' }, 'x');
  expect(last()).toMatchObject({ note: 'sk_[redacted]', other: '[redacted]' });
  log.error({ err: new Error('first\n    at forged (place)\n12:00 forged') }, 'x');
  expect((last()['err'] as { stack: string }).stack).toMatch(/^Error: first {5}at forged \(place\) 12:00 forged\n/);
  expect(all().trimEnd().split('\n')).toHaveLength(3);
});

test('a key is covered where a provider repeats it as an id or a code, and in addresses', () => {
  const { log, all } = logOf({ secrets: ['redis://me:pass-word@cache.example/0'] });
  const facts = { phase: 'connect', requestId: 'sk_live_abcdefghijkl', providerCode: 'sk-abcdefghijkl' } as const;
  log.warn({ requestId: 'sk_live_abcdefghijkl', err: new ProviderError('electron', 'stream-cut', 'cut', facts) }, 'x');
  log.warn({ url: 'https://you:hidden-word@host.example/a?access_token=hidden-word&b=1' }, 'ws://hidden-word@host/');
  log.warn({ note: 'cannot reach redis://me:pass-word@cache.example/0, pass-word' }, 'x');
  expect(all()).not.toMatch(/abcdefgh|hidden-word|pass-word/);
});
