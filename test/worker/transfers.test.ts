/** Whether callers can be handed over: said when a worker begins. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endCall, transferCall } from '../../src/tool/builtin/index.ts';
import { defineTool, hangUp, transferTo, type ToolDefinition } from '../../src/tool/define.ts';
import { SIGNED, withStandIns } from '../helpers/worker.ts';

const start = withStandIns();

const own = (name: string, run: () => unknown): ToolDefinition =>
  defineTool({ name, description: 'Ends it.', input: z.object({}), effect: 'terminal', run });
/** Whose code does not show what it does. */
const elsewhere: () => unknown = Function.prototype.bind.call(() => transferTo('+1'), undefined) as () => unknown;

const AGENTS: [what: string, agent: { tools?: ToolDefinition[]; turn?: object }, by: string[] | undefined][] = [
  ['with transfer_call', { tools: [transferCall()] }, ['transfer_call']],
  ['with a tool that returns transferTo()', { tools: [own('to_sales', () => transferTo('+1'))] }, ['to_sales']],
  ['with a terminal tool of which nobody can tell', { tools: [own('finish', elsewhere)] }, ['finish']],
  ['with turn.transferTo', { turn: { transferTo: '+1' } }, ['turn.transferTo']],
  ['that only hangs up', { tools: [endCall, own('enough', () => hangUp('enough'))] }, undefined],
];

test.each(AGENTS)('transfer: an agent %s is told at start where its line cannot', async (_what, agent, by) => {
  const { logs } = await start({}, { agent });
  const warnings = logs.filter(({ msg }) => msg.includes('PARLEY_TWILIO_ACCOUNT_SID'));
  expect(warnings.map((line) => line['by'])).toEqual(by === undefined ? [] : [by]);
});

test.each([
  ['an account', { ...SIGNED, PARLEY_TWILIO_ACCOUNT_SID: 'AC1' }],
  ['text, by which it needs none', { PARLEY_TWILIO_LINE: 'relay' }],
])('transfer: with %s nothing is to be said', async (_what, env) => {
  const { logs } = await start(env, { agent: { tools: [transferCall()] } });
  expect(logs.filter(({ msg }) => msg.includes('hand callers over'))).toEqual([]);
});

test('transfer: what Asterisk lacks is said to whoever has one', async () => {
  const { logs } = await start(
    { PARLEY_ASTERISK_PASSWORD: 'a-password-of-asterisk' },
    { agent: { tools: [transferCall()] } },
  );
  expect(logs.some(({ msg }) => msg.includes('set PARLEY_ASTERISK_TRANSFER'))).toBe(true);
});
