/**
 * `parley serve` while it starts: a start that fails leaves nothing behind, and one that is told to stop ends well.
 *
 * Real time: the command is a process, which is stopped as such.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { freePort, hasRedis, startRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';
import { plan, run, type ProcessOptions } from './helpers/processes.ts';
import { AGENT, logOf, mediaOf, WAIT_MS } from './helpers/serving.ts';

const planned = plan();
const TIMEOUT = { timeout: 120_000 };
const SLOW = 'test/cli/agents/slow.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-starts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts it, and does not wait until it is ready. */
function begin(args: readonly string[], env: ProcessOptions['env'] = {}) {
  let seen: { child: ChildProcess; output: () => string } | undefined;
  const exited = run(['serve', '--port', '0', ...args], { env, watch: (child, output) => (seen = { child, output }) });
  if (!seen) throw new Error('Expected a process');
  return { ...seen, exited };
}

describe.skipIf(!hasRedis)('a start that fails', TIMEOUT, () => {
  const failed = planned(async () => {
    const redis = await startRedis();
    const env = { PARLEY_REDIS_URL: redis.url, PARLEY_PLAN_CALLS: '4' };
    const key = { SMALLEST_API_KEY: 'sk_0123456789', SMALLEST_BASE_URL: 'http://127.0.0.1:9/waves/v1' };
    const results = await Promise.all([
      run(['serve', '--agent', SLOW, '--port', '0'], { env: { ...env, SMALLEST_API_KEY: 'sk_wrong key' } }),
      run(['serve', '--agent', SLOW, '--port', '0', '--processes', '2'], {
        env: { ...env, SMALLEST_API_KEY: 'sk_wrong key' },
      }),
      run(['serve', '--agent', SLOW, '--port', '0', '--transcripts', folder], { env: { ...env, ...key } }),
      run(['serve', '--agent', SLOW, '--port', '0', '--record', AGENT], { env: { ...env, ...key } }),
    ]);
    const { port } = redis;
    const [keys, registered] = [await redis.client.keys('*:workers'), await redis.client.info('commandstats')];
    await redis.close();
    return { port, results, keys, registered };
  });

  test('with a wrong key and a Redis address: the error, then exit, and others never count it as a worker', async () => {
    const { results, keys } = await failed();
    const says = [
      /Expected `apiKey` \(SMALLEST_API_KEY\)/,
      /Expected `apiKey` \(SMALLEST_API_KEY\)/,
      /expected --transcripts with --simulate only/,
      /clinic\.ts/,
    ];
    for (const [index, { code, stderr }] of results.entries()) {
      expect([code, stderr]).toEqual([index === 2 ? 2 : 1, expect.stringMatching(says[index] ?? /^$/)]);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    expect(keys).toEqual([]);
  });

  test('a key that is wrong is found out before the worker is made known', async () => {
    const { registered } = await failed();
    expect(registered).toMatch(/cmdstat_eval/); // by the last of them, which had to open its folder first
    expect(Number(/cmdstat_zrem:calls=(\d+)/.exec(registered)?.[1])).toBe(1); // it alone was known, and has left
  });
});

describe('SIGTERM while a process still starts', TIMEOUT, () => {
  const alone = planned(async () => {
    const one = begin(['--simulate', '--agent', SLOW], { SLOW_MS: '600000' });
    await until('it to load', () => one.output().includes('it loads slowly'), WAIT_MS);
    one.child.kill('SIGTERM');
    return one.exited;
  });

  test('one process: it ends with exit code 0, whatever its agent waits for', async () => {
    const result = await alone();
    expect([result.code, logOf(result).map(({ msg }) => msg)]).toEqual([
      0,
      ['told to stop before any call was taken', 'stopped'],
    ]);
  });

  /** The first process has a call while the second still loads. */
  const several = (tell: (child: ChildProcess, output: () => string) => Promise<void> | void) =>
    planned(async () => {
      const port = await freePort();
      const env = { SLOW_MS: '600000', SLOW_MARK: join(folder, `mark-${port}`), PARLEY_MAX_LAG_MS: '60000' };
      const one = begin(['--simulate', '--agent', SLOW, '--processes', '2', '--port', String(port)], env);
      await until('the second to load', () => slowPids(one.output()).length > 0, WAIT_MS);
      const url = mediaOf(`http://127.0.0.1:${port}`);
      const caller = await dialMedia({ url, from: '+15550100', to: '+15550199' });
      await caller.waitForSpeech({ fromMs: 0 });
      await tell(one.child, one.output);
      await until('it to drain', () => one.output().includes('no new calls'), WAIT_MS);
      await caller.waitForSilence({ forMs: 1_000 });
      const wasOver = caller.isOver;
      await caller.hangUp();
      const { by } = await caller.ended;
      return { wasOver, by, result: await one.exited };
    });

  const drained = several((child) => void child.kill('SIGTERM'));

  test('several: the calls of those that run are let end, none is cut, and it ends with exit code 0', async () => {
    const { wasOver, by, result } = await drained();
    expect({ wasOver, by, code: result.code }).toEqual({ wasOver: false, by: 'caller', code: 0 });
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  const killed = several(async (child, output) => {
    const [pid = 0] = slowPids(output());
    process.kill(pid, 'SIGKILL');
    await until('another to load', () => slowPids(output()).length > 1, WAIT_MS);
    child.kill('SIGTERM');
  });

  test('one that is killed while it starts is replaced, and the calls of the others go on', async () => {
    const { wasOver, by, result } = await killed();
    expect({ wasOver, by, code: result.code }).toEqual({ wasOver: false, by: 'caller', code: 0 });
    expect(logOf(result)).toContainEqual(
      expect.objectContaining({ msg: 'a process could not start', signal: 'SIGKILL' }),
    );
  });

  const twice = planned(async () => {
    const one = begin(['--simulate', '--agent', SLOW, '--processes', '2'], { SLOW_MS: '600000' });
    await until('the first to load', () => slowPids(one.output()).length > 0, WAIT_MS);
    one.child.kill('SIGTERM');
    await until('it to know', () => one.output().includes('no new calls'), WAIT_MS);
    one.child.kill('SIGTERM');
    return one.exited;
  });

  test('twice, with nobody there yet: it ends within seconds, and leaves no process', async () => {
    const result = await twice();
    expect([0, 1]).toContain(result.code);
    for (const pid of slowPids(result.stderr)) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

/** Of the processes that have said so. */
const slowPids = (output: string): number[] =>
  Array.from(output.matchAll(/it loads slowly: (\d+)/g), ([, pid]) => Number(pid));
