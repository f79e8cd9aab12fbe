/** Every recorded stream, whole and cut in every way, read as `../shared/streams/index.json` expects. Skips without it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cutAtRandom, expectSame, read, summarise } from '../helpers/electron/read-stream.ts';

const FOLDER = join(import.meta.dirname, '../../../../shared/streams');
const BYTES_TO_CUT_EVERYWHERE = 1_500;

interface Expectation {
  file: string;
  expect: {
    content: string;
    refusal?: string;
    tool_calls: { name: string; arguments: unknown; arguments_raw?: string }[];
    tool_call_ids?: string[];
    finish_reason: string | null;
    usage: Record<string, unknown> | null;
    error?: { message: string };
    done: boolean;
  };
}

const index: Expectation[] = existsSync(join(FOLDER, 'index.json'))
  ? (JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as Expectation[])
  : [];

describe.skipIf(index.length === 0)('recorded streams', () => {
  test.each(index.map((entry) => [entry.file, entry] as const))('%s is read as expected', (file, entry) => {
    const bytes = readFileSync(join(FOLDER, file));
    const whole = summarise(read([bytes]));
    expectAsRecorded(whole, entry.expect);
    if (bytes.length <= BYTES_TO_CUT_EVERYWHERE) {
      for (let at = 1; at < bytes.length; at++) {
        expectSame(summarise(read([bytes.subarray(0, at), bytes.subarray(at)])), whole, `cut at ${at}`);
      }
    }
    for (let seed = 1; seed <= 3; seed++)
      expectSame(summarise(read(cutAtRandom(bytes, seed))), whole, `in pieces, ${seed}`);
  });

  test.each(index.map((entry) => [entry.file, entry] as const))('%s survives other framings', (file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    if (text.length > 50_000) return;
    const whole = summarise(read([Buffer.from(text)]));
    const lines = text.replaceAll('\r\n', '\n');
    const framings = {
      crlf: lines.replaceAll('\n', '\r\n'),
      cr: lines.replaceAll('\n', '\r'),
      'byte order mark': `\uFEFF${text}`,
      comments: lines.replaceAll('\n\n', '\n: still here\n\n'),
      'no blank lines': lines.replaceAll('\n\n', '\n'),
      'no last line end': text.trimEnd(),
      'no space after the colon': lines.replaceAll('\ndata: ', '\ndata:'),
    };
    for (const [name, framing] of Object.entries(framings)) {
      expectSame(summarise(read([Buffer.from(framing)])), whole, name);
      expectSame(summarise(read(cutAtRandom(Buffer.from(framing), 7))), whole, `${name}, in pieces`);
    }
  });
});

function expectAsRecorded(actual: ReturnType<typeof summarise>, expected: Expectation['expect']): void {
  expect(actual.text).toBe(expected.content + (expected.refusal ?? ''));
  const runnable = expected.tool_calls.filter((call) => call.arguments_raw === undefined);
  const byName = (a: { name: string }, b: { name: string }) => JSON.stringify(a).localeCompare(JSON.stringify(b));
  expect([...actual.calls].sort(byName)).toEqual(
    runnable.map(({ name, arguments: value }) => ({ name, arguments: value })).sort(byName),
  );
  expect(new Set(actual.ids).size).toBe(actual.ids.length);
  const { end } = actual;
  if (expected.finish_reason === null) expect(end.finishReason).toBe('unknown');
  else expect(end.finishReason).toBe(expected.finish_reason === 'eos' ? 'stop' : expected.finish_reason);
  expect(end.failure?.kind).toBe(expected.error ? 'error' : undefined);
  if (expected.error) expect(end.failure?.facts.message).toBe(expected.error.message);
  else expect(end.isTruncated).toBe(!expected.done && expected.finish_reason === null);
  if (expected.usage) {
    expect(end.usage?.promptTokens).toBe(expected.usage.prompt_tokens ?? 0);
    expect(end.usage?.completionTokens).toBe(expected.usage.completion_tokens ?? 0);
  } else expect(end.usage).toBeUndefined();
}
