/**
 * Tools that do harm when nobody waits for them, in a worker that goes on: `test/cli/agents/rogue.ts`.
 *
 * Real time: what such a tool may bring down is the process.
 */
import { describe, expect, test } from 'vitest';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { until } from '../helpers/until.ts';
import { plan } from './helpers/processes.ts';
import { logOf, serve, WAIT_MS } from './helpers/serving.ts';

const planned = plan();
const TOOLS = ['throws_later', 'rejects_aside', 'blocks_at_once', 'blocks_in_the_middle'];

describe('a worker with rogue tools', { timeout: 120_000 }, () => {
  const run = planned(async () => {
    const serving = await serve(['--simulate'], { PARLEY_LOG_TEXT: 'true' }, 'test/cli/agents/rogue.ts');
    const url = `${serving.url.replace('http', 'ws')}/twilio/relay`;
    const faultsOf = async () =>
      (await (await fetch(`${serving.url}/metrics`)).text())
        .split('\n')
        .filter((line) => /^parley_(tool|process)_faults_total{/.test(line));
    const callers = await Promise.all(
      TOOLS.map(async (tool) => {
        const caller = await dialRelay({ url, from: '+15550100', to: '+15550199', progress: true });
        await caller.say(`use ${tool}`);
        return caller;
      }),
    );
    const heard = (index: number) => callers[index]?.heard.map(({ text }) => text).join('') ?? '';
    await until(
      'every caller to hear their answer',
      () => TOOLS.every((_, index) => heard(index).includes('done')),
      WAIT_MS,
    );
    const faults = await faultsOf();
    const callsAfterFaults = callers.filter(({ isOver }) => !isOver).length;

    serving.child.kill('SIGUSR2'); // makes it throw where no tool is to blame
    await until('the error to be told', () => serving.output().includes('an error that nobody caught'), WAIT_MS);
    const ready = await (await fetch(`${serving.url}/readyz`)).json();
    const callsAfterError = callers.filter(({ isOver }) => !isOver).length;
    const faultsAfterError = await faultsOf();
    await Promise.all(callers.map((caller) => caller.hangUp()));
    const result = await serving.exited;
    return { faults, callsAfterFaults, ready, callsAfterError, faultsAfterError, result };
  });

  test('every call goes on; the log names the tool and its call, and a metric counts what it did', async () => {
    const { faults, callsAfterFaults, result } = await run();
    expect(callsAfterFaults).toBe(TOOLS.length);
    expect(faults.sort()).toEqual([
      'parley_tool_faults_total{tool="blocks_at_once",kind="blocked"} 1',
      'parley_tool_faults_total{tool="blocks_in_the_middle",kind="blocked"} 1',
      'parley_tool_faults_total{tool="rejects_aside",kind="unhandled-rejection"} 1',
      'parley_tool_faults_total{tool="throws_later",kind="uncaught"} 1',
    ]);
    const log = logOf(result);
    const lineOf = (tool: string) => log.find((line) => line['tool'] === tool);
    const callId = expect.stringMatching(/^call-/) as string;
    const carrierCallId = expect.stringMatching(/^CA/) as string;
    expect(lineOf('throws_later')).toMatchObject({
      callId,
      carrierCallId,
      turn: 1,
      err: { message: 'nobody waits for this' },
    });
    expect(lineOf('rejects_aside')).toMatchObject({
      callId,
      carrierCallId,
      turn: 1,
      err: { message: 'nobody looks at this' },
    });
    for (const tool of ['blocks_at_once', 'blocks_in_the_middle']) {
      expect(lineOf(tool)).toMatchObject({
        callId,
        carrierCallId,
        turn: 1,
        msg: 'a tool blocked the event loop, and every call with it',
      });
      expect(lineOf(tool)?.['forMs']).toBeGreaterThanOrEqual(400);
    }
  });

  test('an error of unknown origin: no new calls, the running ones may end, then the process does, with exit code 1', async () => {
    const { ready, callsAfterError, faultsAfterError, result } = await run();
    expect(ready).toMatchObject({ status: 'draining', calls: TOOLS.length });
    expect(callsAfterError).toBe(TOOLS.length);
    expect(faultsAfterError).toContain('parley_process_faults_total{kind="uncaught"} 1');
    expect(result.code).toBe(1);
    expect(logOf(result).find(({ level }) => level === 60)).toMatchObject({ err: { message: 'of unknown origin' } });
  });
});
