/**
 * The fixture as vitest runs it, in a process of its own: what fails, what it says, and what it leaves.
 *
 * Real time: the runner is a process.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const LEFT = join(ROOT, '.parley-calls/calls.ts');

interface Report {
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

const results = new Map<string, { status: string; message: string }>();
let errors = '';

beforeAll(async () => {
  rmSync(LEFT, { recursive: true, force: true });
  const config = join(ROOT, 'test/testing/fixtures/vitest.config.ts');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const [stdout, stderr] = await new Promise<[string, string]>((resolve) => {
    const args = [vitest, 'run', '--root', ROOT, '--config', config, '--reporter', 'json'];
    execFile(process.execPath, args, { cwd: ROOT, maxBuffer: 1e8 }, (_, out, err) => resolve([out, err]));
  });
  errors = stderr;
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report;
  for (const { title, status, failureMessages } of report.testResults.flatMap((file) => file.assertionResults))
    results.set(title, { status, message: failureMessages.join('\n') });
}, 120_000);

test('a test whose checks hold passes and leaves nothing', () => {
  expect(results.get('good')).toEqual({ status: 'passed', message: '' });
  expect(existsSync(join(LEFT, 'good'))).toBe(false);
});

test('a check that does not hold says what, when and where, and leaves the page with a pin and the sound', () => {
  const { status, message } = results.get('slow')!;
  expect(status).toBe('failed');
  expect(message).toMatch(/answerWithin, 0:\d\d\.\d, turn 1: expected a sound within 100 ms, it took \d+ ms/);
  expect(message).toContain('The call: .parley-calls/calls.ts/slow/call.html, .parley-calls/calls.ts/slow/call.wav');
  expect(readFileSync(join(LEFT, 'slow/call.html'), 'utf8')).toContain('✕ answerWithin');
  expect(readFileSync(join(LEFT, 'slow/call.wav')).subarray(0, 4).toString()).toBe('RIFF');
});

test('a check that had nothing to look at fails, with `not` as well', () => {
  expect(results.get('vacuous')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('yieldedWithin (nothing to look at): the caller never began to speak') as string,
  });
});

test('a test that another matcher fails leaves its call, too', () => {
  expect(results.get('another matcher')?.status).toBe('failed');
  expect(existsSync(join(LEFT, 'another-matcher/call.html'))).toBe(true);
  expect(errors).toContain('.parley-calls/calls.ts/another-matcher/call.html');
});

test('a test that checks nothing is said to be at fault', () => {
  expect(results.get('no checks')).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('The test `no checks` checks nothing') as string,
  });
});
