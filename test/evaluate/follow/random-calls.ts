/** Calls of several agents with callers who do by chance what callers do: cut in, hesitate, press keys, fall silent, hang up. */
import { createAgent, loadAgent, type Agent } from '../../../src/call/agent.ts';
import { collectCard } from '../../../src/call/collect/collectors.ts';
import { seededRandom } from '../../../src/simulate/electron/random.ts';
import type { TestCallOptions } from '../../../src/testing/call-options.ts';
import type { CallResult } from '../../../src/testing/result.ts';
import { startTestCall, type TestCall } from '../../../src/testing/test-call.ts';
import { defineTool } from '../../../src/tool/define.ts';
import { z } from 'zod';

/** An agent, what its model answers, and what its callers say. */
export interface Desk {
  agent: Agent;
  says: readonly string[];
  options: TestCallOptions;
}

const ANSWERED = ['Yes.', 'No, thank you.', 'Wait, stop, something else', 'That is all. Goodbye.'];

const charge = defineTool({
  name: 'charge',
  description: 'Takes an amount from the card.',
  input: z.object({ amount: z.number() }),
  filler: 'I am charging it.',
  run: () => ({ charged: true }),
});
const find = defineTool({
  name: 'find_invoice',
  description: 'Finds an invoice.',
  input: z.object({}),
  effect: 'read',
  filler: 'I am opening your invoice.',
  run: () => ({ total: 80 }),
});

const LONG = 'On Tuesday I have nine, ten, or half past two in the afternoon, and there is more on Friday.';
const TEAM_REPLIES = [
  { when: 'bill', after: 'hand_off', call: { name: 'find_invoice', arguments: {} } },
  { after: 'find_invoice', say: 'Your bill is 80 euros, 50 for the visit on Monday, and 30 for the blood test.' },
  { when: 'bill', say: 'I bring in billing.', call: { name: 'hand_off', arguments: { to: 'billing' } } },
  { say: LONG },
];
const PAY_REPLIES = [
  { when: 'card', call: { name: 'collect_card', arguments: {} } },
  { when: 'pay', say: 'One moment.', call: { name: 'charge', arguments: { amount: 12 } } },
  { when: 'pin', say: 'Please enter it.', call: { name: 'collect_digits', arguments: { terminator: '#' } } },
  { after: 'charge', say: 'It is paid. Is there anything else that I can do for you today?' },
  { after: 'collect', say: 'Thank you, that is fine, and now we can go on with what you called for.' },
  { say: LONG },
];

export async function openDesks(): Promise<Record<string, Desk>> {
  const billing = { name: 'billing', instructions: 'You are billing.', voice: { id: 'jordan' }, tools: [find] };
  const team = await createAgent({
    ...{ name: 'desk', instructions: 'You are the desk.', greeting: 'Acme, hello.', tools: ['hand_off'] },
    team: { billing },
  });
  const pay = await createAgent({
    ...{ name: 'pay', instructions: 'You take payments.', tools: [charge, collectCard(), 'collect_digits'] },
  });
  const clinic = await loadAgent('examples/clinic.ts', { mayLackEnv: true });
  return {
    clinic: {
      agent: clinic,
      says: ['What is free tomorrow?', 'Please book ten for Ada Lovelace', 'When are you open?', ...ANSWERED],
      options: { writes: 'run' },
    },
    team: {
      agent: team,
      says: ['Why is my bill so high?', 'My bill, please', 'What is free tomorrow?', ...ANSWERED],
      options: { model: { replies: TEAM_REPLIES }, tools: { find_invoice: { returns: { total: 80 }, takes: 900 } } },
    },
    pay: {
      agent: pay,
      says: ['I want to pay', 'Take my card', 'Here is my pin', ...ANSWERED],
      options: { model: { replies: PAY_REPLIES }, tools: { charge: { returns: { charged: true }, takes: 2_500 } } },
    },
  };
}

const FAULTS: TestCallOptions['faults'][] = [
  undefined,
  { model: [{ type: 'status', status: 429, retryAfter: 3 }] },
  {
    model: [
      { type: 'status', status: 500 },
      { type: 'slow', firstTokenMs: 4_000 },
    ],
  },
  { model: [{ type: 'cut', afterChunks: 3 }], voice: [{ type: 'cut', afterMs: 700 }] },
  { hearing: [{ type: 'close', afterMs: 3_000 }], line: [{ type: 'stall', afterMs: 5_000, forMs: 900 }] },
];

/** The same seed, the same call. */
export async function callByChance({ agent, says, options }: Desk, seed: number): Promise<CallResult> {
  const random = seededRandom(seed);
  const faults = FAULTS[seed % FAULTS.length];
  await using call = await startTestCall(agent, { seed, greeting: 'running', ...options, ...(faults && { faults }) });
  const acts = 3 + Math.floor(random() * 3);
  for (let act = 0; act < acts && !isOver(call); act++) await actByChance(call, says, random);
  if (!isOver(call)) await call.hangUp();
  return call.result();
}

const isOver = ({ events }: TestCall) => events.at(-1)?.type === 'call-end';

async function actByChance(call: TestCall, says: readonly string[], random: () => number): Promise<void> {
  const dice = random();
  if (dice < 0.75) call.say(says[Math.floor(random() * says.length)]!).catch(() => {});
  else if (dice < 0.85) call.press(['4711#', '1', '4000000000000002'][Math.floor(random() * 3)]!).catch(() => {});
  else call.make(dice < 0.95 ? 'mm-hm' : 'cough').catch(() => {});
  const isPatient = random() < 0.4;
  await call.wait(500 + random() * (random() < 0.15 ? 40_000 : 4_500)).catch(() => {});
  if (isPatient && !isOver(call)) await call.settles().catch(() => {});
}
