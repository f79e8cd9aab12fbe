import { afterEach, expect, test } from 'vitest';
import { inspectAgent, type AgentInput } from '../../src/call/agent.ts';
import { wholeTeam } from '../../src/call/team.ts';
import { lackedKeys, tellLacked } from '../../src/cli/check-keys.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What an agent and its team lack, as `parley check` tells it. */
async function lackedBy(agent: AgentInput, env: Record<string, string>): Promise<string[]> {
  const all = wholeTeam(await inspectAgent(agent, process.cwd()));
  closing.push(
    ...all.map(
      ({ list }) =>
        () =>
          list.close(),
    ),
  );
  return lackedKeys(all, env).map(tellLacked);
}

const plain = (name: string, more: Partial<AgentInput> = {}): AgentInput => ({
  name,
  instructions: 'You answer the phone.',
  ...more,
});
const OWN_SPEECH = {
  voice: [{ id: 'magnus' }, { vendor: 'openai-speech', id: 'nova' }],
  listen: { vendor: 'openai-transcriptions' },
} satisfies Partial<AgentInput>;

test('each key that is not set is named once, with the fields and the agents that need it, and what to do', async () => {
  const billing = plain('billing', OWN_SPEECH);
  const desk = plain('desk', { tools: ['hand_off'], team: { billing, booking: plain('booking') } });
  expect(await lackedBy(desk, {})).toEqual([
    'SMALLEST_API_KEY, for model (Electron), voice (Lightning), listen (Pulse) of desk, booking; ' +
      'for model (Electron), voice[0] (Lightning) of billing: set it, or try the simulators with --simulate',
    'PARLEY_SPEECH_API_KEY, for voice[1] (OpenAI-compatible speech) of billing: set it, or set PARLEY_SPEECH_BASE_URL ' +
      'to a server of your own, such as http://localhost:8000/v1, or try the simulators with --simulate',
    'PARLEY_TRANSCRIPTIONS_API_KEY, for listen (OpenAI-compatible transcriptions) of billing: set it, or set ' +
      'PARLEY_TRANSCRIPTIONS_BASE_URL to a server of your own, such as http://localhost:8000/v1, or try the simulators ' +
      'with --simulate',
  ]);
});

test('a server of your own needs no key, and a key that is set is not asked for', async () => {
  const agent = plain('desk', OWN_SPEECH);
  const elsewhere = {
    PARLEY_MODEL_BASE_URL: 'http://10.0.0.5:8000/v1',
    PARLEY_SPEECH_BASE_URL: 'http://10.0.0.5:8001/v1',
    PARLEY_TRANSCRIPTIONS_API_KEY: 'sk-1',
  };
  expect(await lackedBy(agent, elsewhere)).toEqual([
    'SMALLEST_API_KEY, for voice[0] (Lightning) of desk: set it, or try the simulators with --simulate',
  ]);
  expect(await lackedBy(agent, { ...elsewhere, SMALLEST_API_KEY: 'sk-2' })).toEqual([]);
});
