/**
 * `parley serve` and `parley simulate` as processes: starting, refusing to, and stopping as an orchestrator stops them.
 *
 * Real time: commands are processes, which are stopped by signals.
 */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import type { CallSummary } from '../../src/cli/caller/observer.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { startGateway } from '../../src/simulate/gateway.ts';
import { startStandIns } from '../../src/simulate/stand-ins.ts';
import { SETTINGS } from '../../src/worker/settings.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import { until } from '../helpers/until.ts';
import { plan, run } from './helpers/processes.ts';
import { AGENT, dial, logOf, serve, WAIT_MS } from './helpers/serving.ts';

const planned = plan();
const TIMEOUT = { timeout: 120_000 };

const folder = mkdtempSync(join(tmpdir(), 'parley-serve-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('refusing to start', TIMEOUT, () => {
  const refused = planned(async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const port = String((blocker.address() as AddressInfo).port);
    const serveAgent = ['serve', '--agent', AGENT];
    const results = await Promise.all([
      run(serveAgent),
      run([...serveAgent, '--simulate', '--port', port]),
      run(['serve', '--simulate']),
      run([...serveAgent, '--simulate', '--port', 'x']),
      run([...serveAgent, '--simulate'], { env: { PARLEY_PORT: 'x', PARLEY_MAX_CALLS: '0' } }),
      run(serveAgent, { env: { SMALLEST_API_KEY_FILE: join(folder, 'no-such-key') } }),
      run(['serve', '--simulate', '--agent', join(folder, 'nobody.ts')]),
      run([...serveAgent, '--simulate', '--transcripts', folder]),
    ]);
    blocker.close();
    return { port, results };
  });

  test('each reason is told in a few words, without a stack trace, with the right exit code', async () => {
    const { port, results } = await refused();
    const expected: [code: number, says: RegExp][] = [
      [1, /^parley: SMALLEST_API_KEY is not set; set it, or try the simulators with --simulate .*\n$/],
      [1, new RegExp(`^parley: cannot listen on 127\\.0\\.0\\.1:${port}: another program listens there; choose`, 'm')],
      [
        2,
        /^parley: expected the agent file, as `parley serve agent.ts` or by PARLEY_AGENT, got nothing\. Try `parley serve --help`/,
      ],
      [2, /^parley: --port: expected a whole number from 0 to 65535, got `x`\. Try `parley serve --help`/],
      [1, /- PARLEY_PORT: expected .*, got `x`\n {2}- PARLEY_MAX_CALLS: expected .*, got `0`\n$/],
      [1, /SMALLEST_API_KEY_FILE: .*no-such-key/],
      [1, /nobody\.ts/],
      [1, /expected NAME\.wav with NAME\.txt beside it, got no such pair/],
    ];
    for (const [index, [code, says]] of expected.entries()) {
      expect(results[index]).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(says) as string });
      expect(results[index]?.stderr).not.toMatch(/\n\s+at /);
    }
  });

  const help = planned(() => run(['serve', '--help']));

  test('--help lists every setting', async () => {
    const { code, stdout } = await help();
    expect(code).toBe(0);
    for (const { env } of Object.values(SETTINGS)) expect(stdout).toContain(`\n  ${env}`);
  });
});

describe('running', TIMEOUT, () => {
  const stopped = planned(async () => {
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, 'sk_secret_of_mine\n');
    const serving = await serve([], {
      SMALLEST_API_KEY_FILE: keyFile,
      SMALLEST_BASE_URL: 'http://127.0.0.1:9/waves/v1',
      PARLEY_MAXCALLS: '3',
      PARLEY_PLAN: 'enterprise',
      PARLEY_REDIS_URL: 'redis://:redis_secret@127.0.0.1:9/0', // nobody is there
    });
    const ready = await (await fetch(`${serving.url}/readyz`)).json();
    const metrics = await (await fetch(`${serving.url}/metrics`)).text();
    serving.child.kill('SIGTERM');
    return { ready, metrics, result: await serving.exited };
  });

  test('with a key it is ready; who calls may be seen in the log, the key may not; SIGTERM ends it with 0', async () => {
    const { ready, metrics, result } = await stopped();
    expect(ready).toEqual({ status: 'ready', calls: 0, simulated: false });
    expect(metrics).toContain('parley_quota_shared 0\n');
    expect([result.code, result.stdout]).toEqual([0, '']);
    const messages = logOf(result).map(({ msg }) => msg);
    expect(messages).toEqual(
      expect.arrayContaining([
        'PARLEY_MAXCALLS is not a setting: see parley serve --help',
        expect.stringMatching(/^ready; to try it: parley call --url http:\/\/127\.0\.0\.1:\d+$/),
        'no carrier is set up, as by PARLEY_TWILIO_AUTH_TOKEN: calls are taken from this machine only',
        'the quota is not shared: until Redis answers again, this worker goes by 1/2 of the plan',
        'the plan carries about 28 calls all the time; more are refused, unless PARLEY_PLAN_CALLS says that it carries more',
        'no new calls; running ones may end; once more ends at once',
        'stopped',
      ]),
    );
    expect(result.stderr).not.toContain('sk_secret');
    expect(result.stderr).not.toContain('redis_secret');
  });

  const drained = planned(async () => {
    const serving = await serve(['--simulate']);
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    serving.child.kill('SIGTERM');
    await until('it to drain', () => serving.output().includes('no new calls'), WAIT_MS);
    const { status } = await fetch(`${serving.url}/readyz`);
    const refused = await dial(serving.url).catch((error: unknown) => error);
    const { by } = await caller.hangUp();
    return { status, refused, by, result: await serving.exited };
  });

  test('SIGTERM lets the running call end by itself and takes no other', async () => {
    const { status, refused, by, result } = await drained();
    expect(status).toBe(503);
    expect(refused).toMatchObject({ status: 503 });
    expect(by).toBe('caller');
    expect(result.code).toBe(0);
    expect(logOf(result)).toEqual(
      expect.arrayContaining([expect.objectContaining({ signal: 'SIGTERM', calls: 1, drainMs: 600_000 })]),
    );
  });

  const parted = planned(async () => {
    const serving = await serve(['--simulate'], { PARLEY_DRAIN_MS: '100' });
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    await caller.waitForSilence({ forMs: 300 });
    serving.child.kill('SIGINT');
    const { by } = await caller.ended;
    const [goodbye] = caller.heard.stretches({ minGapMs: 300 }).slice(-1);
    return { by, goodbyeMs: (goodbye?.toMs ?? 0) - (goodbye?.fromMs ?? 0), result: await serving.exited };
  });

  test('when its time to drain is over, callers hear a goodbye before the line is hung up', async () => {
    const { by, goodbyeMs, result } = await parted();
    expect(by).toBe('worker');
    expect(goodbyeMs).toBeGreaterThan(2_000); // "Thank you for calling Acme Clinic. Goodbye."
    expect(result.code).toBe(0);
  });

  const twice = planned(async () => {
    const record = join(folder, 'recordings');
    const serving = await serve(['--simulate', '--record', record]);
    const caller = await dial(serving.url);
    await caller.waitForSpeech({ fromMs: 0 });
    serving.child.kill('SIGTERM');
    await until('it to drain', () => serving.output().includes('no new calls'), WAIT_MS);
    serving.child.kill('SIGTERM');
    return { record, end: await caller.ended, result: await serving.exited };
  });

  test('a second SIGTERM ends at once, calls too, with exit code 1', async () => {
    const { end, result } = await twice();
    expect(end.by).toBe('worker');
    expect(result.code).toBe(1);
    expect(logOf(result).map(({ msg }) => msg)).toContain('told twice: ending now');
  });

  test('the recording of a call that was ended so is whole, its page made in a thread of its own', async () => {
    const { record, result } = await twice();
    const [call = ''] = readdirSync(record);
    const read = (name: string) => readFileSync(join(record, call, name), 'utf8');
    expect(read('events.jsonl')).toMatch(/"type":"call-end".*"reason":"worker-stopped".*\n$/);
    expect(read('call.html')).toMatch(/^<!doctype html>.*Hello, this is Acme Clinic.*<\/html>\s*$/s);
    expect(result.stderr).not.toContain('thread');
    expect(logOf(result).at(-1)?.['msg']).toBe('stopped');
  });
});

describe('stand-ins in a process of their own', TIMEOUT, () => {
  const three = planned(async () => {
    let standIns: ChildProcess | undefined;
    let output = () => '';
    const simulating = run(['simulate', '--port', '0', '--pace', 'instant', '--json'], {
      watch: (child, read) => ([standIns, output] = [child, read]),
    });
    const baseUrl = await until('the stand-ins', () => /"url":"([^"]+)"/.exec(output())?.[1], WAIT_MS);
    const serving = await serve([], { SMALLEST_BASE_URL: baseUrl, SMALLEST_API_KEY: 'sk_x', PARLEY_PLAN: 'none' });
    const say = ['--voice', 'tones', '--say', 'Which appointments are free tomorrow?'];
    const called = await run(['call', '--url', serving.url, '--json', ...say]);
    serving.child.kill('SIGTERM');
    await serving.exited;
    standIns?.kill('SIGTERM');
    return { called, simulated: await simulating };
  });

  test('a worker with a key works against `parley simulate`: one address for hearing, thinking and speaking', async () => {
    const { called, simulated } = await three();
    expect([called.code, called.stderr]).toEqual([0, '']);
    const summary = JSON.parse(called.stdout.trim().split('\n').at(-1) ?? '') as CallSummary;
    const [greeting, answer] = summary.answers;
    expect(lettersApart('Hello, this is Acme Clinic. How can I help you?', greeting?.text ?? '')).toBeLessThan(5);
    expect(answer?.text).toMatch(/\d/); // the times that its tool has found
    expect(simulated.code).toBe(0);
  });
});

describe('what thinks, speaks and hears elsewhere', TIMEOUT, () => {
  const talked = async (url: string) => {
    const called = await run(['call', '--url', url, '--json', '--voice', 'tones', '--say', 'Pretty Polly.']);
    expect([called.code, called.stderr]).toEqual([0, '']);
    const { answers } = JSON.parse(called.stdout.trim().split('\n').at(-1) ?? '') as CallSummary;
    return answers.map(({ text }) => text);
  };

  const modelApart = planned(async () => {
    const speech = await startStandIns();
    const gateway = await startGateway({ host: '127.0.0.1', port: 0, routes: speech.routes });
    const model = await startElectronSimulator({ replies: [{ when: '.*', say: 'I am elsewhere.' }] });
    const serving = await serve(['--model', 'electron'], {
      ...{ SMALLEST_BASE_URL: `http://127.0.0.1:${gateway.port}/waves/v1`, SMALLEST_API_KEY: 'sk_x' },
      ...{ PARLEY_MODEL_BASE_URL: model.url, PARLEY_MODEL_API_KEY: 'sk_model' },
    });
    const heard = await talked(serving.url);
    serving.child.kill('SIGTERM');
    await serving.exited;
    const asked = [speech.servers.electron.requests().length, model.requests().length];
    await Promise.all([gateway.close(), speech.close(), model.close()]);
    return { heard, asked };
  });

  test('the model is asked at PARLEY_MODEL_BASE_URL, and the speech stays at SMALLEST_BASE_URL', async () => {
    const { heard, asked } = await modelApart();
    expect(heard.at(-1)).toBe('I am elsewhere.');
    expect(asked[0]).toBe(0);
    expect(asked[1]).toBeGreaterThan(0);
  });

  const own = planned(async () => {
    const serving = await serve(['--processes', '2'], { PARLEY_PLAN: 'none' }, 'test/cli/agents/own.ts');
    const heard = await talked(serving.url);
    serving.child.kill('SIGTERM');
    return { heard, code: (await serving.exited).code };
  });

  test('an agent file with a model, a voice and an ear of its own answers in every process, without a key', async () => {
    const { heard, code } = await own();
    expect(heard).toEqual(['Hello there.', 'I heard Pretty Polly.']);
    expect(code).toBe(0);
  });
});
