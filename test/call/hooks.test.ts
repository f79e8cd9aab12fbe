/** An agent's hooks around its calls, in virtual time: told once, waited for within bounds, and never in a caller's way. */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createAgent, createParley, defineTool, type AgentInput, type CallSummary } from '../../src/index.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { replay } from '../../src/record/machine-log.ts';
import { ScriptedModel } from '../helpers/scripted-model.ts';
import { until } from '../helpers/until.ts';

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks something up.',
  input: z.object({ what: z.string() }),
  effect: 'read',
  run: ({ what }) => ({ found: what }),
});

/** One call in virtual time; `pass` lets so much of it go by, and everything that is due with it. */
async function open(hooks: Pick<AgentInput, 'onStart' | 'onEnd' | 'hooksMs'>, record?: (line: string) => void) {
  const clock = new VirtualClock();
  const logs: Record<string, unknown>[] = [];
  const log = createLog({ stream: { write: (line) => void logs.push(JSON.parse(line) as Record<string, unknown>) } });
  const model = new ScriptedModel(
    ({ messages }, number) =>
      number === 1
        ? { say: 'Let me look.', calls: [{ name: 'look_up', arguments: '{"what":"it"}' }] }
        : { say: `Here you are, after ${messages.length}.` },
    { clock },
  );
  const agent = await createAgent({
    ...{ name: 'desk', instructions: 'Be brief.', greeting: 'Hello.', tools: [lookUp], model },
    ...hooks,
  });
  const parley = createParley({ clock, log });
  const caller = { carrierCallId: 'CA1', from: '+15550100', to: '+15550199', parameters: { plan: 'gold' } };
  const call = parley.startCall(agent, { caller, record });
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 10) {
      clock.advanceBy(10);
      await new Promise(setImmediate);
    }
  };
  const say = async (text: string) => {
    const answered = call.say(text);
    let isAnswered = false;
    void answered.then(() => (isAnswered = true));
    while (!isAnswered) await pass(10);
    return answered;
  };
  onTestFinished(async () => {
    const closed = parley.close();
    await pass(70_000);
    await closed;
  });
  return { call, parley, logs, pass, say };
}

test('onStart is told who calls, and onEnd what became of it: times, turns, words as heard, parameters, tool runs', async () => {
  const told: unknown[] = [];
  const { call, pass, say } = await open({
    onStart: (started) => void told.push(started),
    onEnd: async (summary, { signal }) => {
      signal.throwIfAborted();
      await Promise.resolve();
      told.push(summary);
    },
  });
  await pass(10);
  const started = { callId: call.id, carrierCallId: 'CA1', agent: 'desk', bridge: 'text', from: '+15550100' };
  expect(told).toMatchObject([{ ...started, parameters: { plan: 'gold' } }]);
  await say('Where is it?');
  call.hangUp();
  await until('the summary', () => told.length === 2);
  const summary = told[1] as CallSummary;
  expect(summary).toMatchObject({
    ...started,
    reason: 'caller-hung-up',
    turns: [{ turn: 1, text: 'Where is it?', outcome: 'replied' }],
    tools: [{ turn: 1, name: 'look_up', arguments: { what: 'it' }, outcome: 'ok', result: { found: 'it' } }],
  });
  expect(summary.transcript[0]).toEqual({ who: 'agent', text: 'Hello.' });
  expect(summary.transcript[1]).toEqual({ who: 'caller', text: 'Where is it?' });
  expect(summary.transcript.at(-1)?.text).toMatch(/^Here you are/);
  expect(Date.parse(summary.endedAt) - Date.parse(summary.startedAt)).toBe(summary.durationMs);
  expect(JSON.parse(JSON.stringify(summary))).toMatchObject({ callId: call.id });
});

test('a hook that hangs keeps neither the greeting nor an answer nor the end waiting, and is let go of after its time', async () => {
  const aborted: unknown[] = [];
  const hang =
    (name: string) =>
    (_: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<never>(() => signal.addEventListener('abort', () => aborted.push(name)));
  const { call, parley, logs, pass, say } = await open({
    onStart: hang('onStart'),
    onEnd: hang('onEnd'),
    hooksMs: 1_000,
  });
  expect(call.messages.at(-1)).toMatchObject({ role: 'assistant', content: 'Hello.' });
  expect((await say('Where is it?'))?.outcome).toBe('replied');
  call.hangUp();
  await call.ended;
  let isClosed = false;
  const closing = parley.close().then(() => (isClosed = true));
  await pass(900);
  expect([isClosed, aborted]).toEqual([false, []]); // still within its bound
  await pass(1_300);
  await closing;
  expect(aborted).toEqual(['onStart', 'onEnd']);
  const blamed = logs.filter(({ hook }) => hook !== undefined);
  expect(blamed.map(({ hook, msg, callId }) => [hook, msg, callId])).toEqual([
    ['onStart', "the agent's `onStart` has not ended after 1000 ms, and is waited for no more (hooksMs)", call.id],
    ['onEnd', "the agent's `onEnd` has not ended after 1000 ms, and is waited for no more (hooksMs)", call.id],
  ]);
});

test('a hook that throws, in whatever way, is blamed in the log, and the call goes on', async () => {
  const { call, parley, logs, say } = await open({
    onStart: () => {
      throw new Error('the CRM is away');
    },
    onEnd: async () => {
      await Promise.resolve();
      throw new TypeError('so is the sheet');
    },
  });
  expect((await say('Where is it?'))?.outcome).toBe('replied');
  call.hangUp();
  await parley.close();
  const blamed = logs.filter(({ hook }) => hook !== undefined);
  expect(blamed.map(({ hook, msg }) => [hook, msg])).toEqual([
    ['onStart', "the agent's `onStart` failed"],
    ['onEnd', "the agent's `onEnd` failed"],
  ]);
});

test('onEnd comes behind onStart, however long that takes within its bound', async () => {
  const order: string[] = [];
  let begin = () => {};
  const { call, parley } = await open({
    onStart: () =>
      new Promise<void>((resolve) => {
        begin = () => {
          order.push('onStart');
          resolve();
        };
      }),
    onEnd: () => void order.push('onEnd'),
  });
  await Promise.resolve();
  call.hangUp();
  await call.ended;
  expect(order).toEqual([]);
  begin();
  await parley.close();
  expect(order).toEqual(['onStart', 'onEnd']);
});

test('a replay runs no hook', async () => {
  let runs = 0;
  const lines: string[] = [];
  const { call, parley, say } = await open({ onStart: () => void runs++, onEnd: () => void runs++ }, (line) =>
    lines.push(line),
  );
  await say('Where is it?');
  call.hangUp();
  await parley.close();
  expect(runs).toBe(2);
  expect(replay(lines.join('')).callId).toBe(call.id);
  expect(runs).toBe(2);
});

test('what is no function, or out of range, is refused by its field', async () => {
  const wrong = { name: 'x', instructions: 'y', onEnd: 'https://crm.example.com', hooksMs: 5 } as unknown as AgentInput;
  await expect(createAgent(wrong)).rejects.toThrow(
    /`onEnd` to be a function of the call.*\n.*`hooksMs` to be 100 or more/s,
  );
});
