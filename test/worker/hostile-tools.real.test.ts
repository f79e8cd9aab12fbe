/**
 * Hostile tools (`test/cli/agents/hostile.ts`) on a real worker: each in a call of its own, while another call goes on and
 * must not notice. What a tool does may cost its own call's answer; never another call, never the process.
 *
 * Real time: what such a tool stands still is the process, and with it every other call.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dialMedia, type MediaCaller } from '../../src/simulate/twilio/media.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { understand, voiceOf } from '../../src/testing/phone.ts';
import hostile from '../cli/agents/hostile.ts';
import { logOf, serve, WAIT_MS, type Serving } from '../cli/helpers/serving.ts';
import { until } from '../helpers/until.ts';

const NUMBERS = { from: '+15550100', to: '+15550199' };
const TOOLS = (hostile.tools ?? []).map((tool) => (tool as { name: string }).name);
/** They do what nobody waits for, and are told by name. */
const TOLD = TOOLS.filter((name) =>
  /_in_microtask|_in_tick|emitter|abort|never_ends|stackless|_later|pollutes|replaces|exits/.test(name),
);

describe('a worker with hostile tools', { timeout: 300_000 }, () => {
  let serving: Serving;
  let other: MediaCaller;
  let answers = 0;
  let isDone = false;
  let talking: Promise<void>;

  beforeAll(async () => {
    serving = await serve(['--simulate'], { PARLEY_LOG_TEXT: 'true' }, 'test/cli/agents/hostile.ts');
    other = await dialMedia({ url: `${serving.url.replace('http', 'ws')}/twilio/media`, ...NUMBERS });
    await other.waitForSilence({ forMs: 500, fromMs: await other.waitForSpeech() });
    talking = talk();
  }, WAIT_MS);
  afterAll(() => void serving?.child.kill('SIGKILL'));

  /** The other caller asks, and is answered, again and again. */
  async function talk(): Promise<void> {
    while (!isDone) {
      const { toMs } = await other.say(voiceOf('How are you?'));
      const fromMs = await other.waitForSpeech({ fromMs: toMs, timeoutMs: 30_000 });
      await other.waitForSilence({ forMs: 500, fromMs, timeoutMs: 30_000 });
      expect(understand(other.heard, fromMs).length).toBeGreaterThan(0);
      answers++;
    }
  }

  test.concurrent.each(TOOLS)('%s: its call is answered, and goes on', async (tool) => {
    const caller = await dialRelay({
      url: `${serving.url.replace('http', 'ws')}/twilio/relay`,
      ...NUMBERS,
      progress: true,
    });
    await until('the greeting', () => caller.heardText.includes('Hello.'), WAIT_MS);
    const before = caller.heardText.length;
    await caller.say(`use ${tool}`);
    await until(`an answer to ${tool}`, () => caller.heardText.length > before, WAIT_MS);
    expect(caller.isOver).toBe(false);
    expect(serving.child.exitCode).toBeNull();
    expect((await fetch(`${serving.url}/readyz`)).status).toBe(200);
    await caller.hangUp();
  });

  test('the other call has not noticed; the worker takes calls, and tells which tool did it; nobody stood still', async () => {
    isDone = true;
    await talking;
    expect(answers).toBeGreaterThan(1); // of several seconds each
    expect(other.isOver).toBe(false);
    const metrics = await (await fetch(`${serving.url}/metrics`)).text();
    expect(metrics).not.toContain('parley_process_faults_total{');
    for (const name of TOLD) expect(metrics).toContain(`parley_tool_faults_total{tool="${name}"`);
    expect(metrics).not.toContain('kind="blocked"');
    await other.hangUp();
    serving.child.kill('SIGTERM');
    const result = await serving.exited;
    expect(result.code).toBe(0);
    const lines = logOf(result);
    for (const line of lines) expect(JSON.stringify(line).length).toBeLessThan(60_000);
    expect(lines.filter(({ level }) => level === 60)).toEqual([]);
    const told = new Set(lines.flatMap(({ level, tool }) => (level === 50 ? [tool] : [])));
    for (const name of TOLD) expect(told).toContain(name);
  });
});
