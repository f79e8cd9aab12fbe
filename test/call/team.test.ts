/** R27 in a call: agents of a team as a person writes them, handed to each other in virtual time. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createAgent, inspectAgent, loadAgent, type AgentInput } from '../../src/call/agent.ts';
import { renderPage } from '../../src/page/page.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { turnsOf } from '../../src/testing/turns.ts';
import { defineTool, handOff } from '../../src/tool/define.ts';

const book = defineTool({
  name: 'book',
  description: 'Books.',
  input: z.object({ day: z.string() }),
  run: ({ day }) => ({ booked: day }),
});
const find = defineTool({
  name: 'find_invoice',
  description: 'Finds an invoice.',
  input: z.object({}),
  effect: 'read',
  run: () => ({ total: '80 euros' }),
});

const BILLING: AgentInput = {
  name: 'acme-billing',
  description: 'Invoices and refunds.',
  instructions: 'You are billing.',
  voice: { id: 'jordan' },
  listen: { language: 'de' },
  tools: [find, book],
};
const DESK: AgentInput = {
  name: 'desk',
  instructions: 'You are the desk.',
  greeting: 'Acme, hello.',
  tools: ['hand_off', book],
  team: { billing: BILLING },
};

const REPLIES = [
  {
    when: 'bill',
    say: 'I bring in billing.',
    call: { name: 'hand_off', arguments: { to: 'billing', about: 'A bill.' } },
  },
  { after: 'hand_off', call: { name: 'find_invoice', arguments: {} } },
  { after: 'find_invoice', say: 'Your bill is 80 euros.' },
  { when: 'thanks', say: 'Goodbye then.' },
];

const RUN = { find_invoice: 'run', book: 'run' } as const;

test('R27: by voice, the caller is answered by the other agent, with its prompt, its tools and its voice', async () => {
  await using call = await startTestCall(DESK, { model: { replies: REPLIES }, tools: RUN });
  await call.say('Why is my bill so high?');
  await call.hears('80 euros');
  await call.say('thanks');
  const result = await call.hangUp();
  expect(result.events.filter(({ type }) => type === 'agent-change')).toMatchObject([
    { turn: 1, from: 'desk', to: 'acme-billing', context: 'all' },
  ]);
  const prompts = call.requests.map(({ messages }) => messages[0]?.content);
  expect(prompts).toEqual(['You are the desk.', 'You are billing.', 'You are billing.', 'You are billing.']);
  expect(JSON.stringify(call.requests[1]?.messages)).toContain('You should know: A bill.');
  const turns = result.events.flatMap((event) => (event.type === 'turn-end' ? [[event.turn, event.outcome]] : []));
  expect(turns).toEqual([[1, 'replied'], [2, 'replied'], [3, 'replied']]); // prettier-ignore
});

test('R27: what a call was is told whole, though the new agent was shown nothing: its turns by agent, its page, its summary', async () => {
  const said: string[] = [];
  const route = defineTool({
    name: 'route',
    description: 'Routes.',
    input: z.object({}),
    run: () => handOff('billing', { context: 'none', about: 'A bill.' }),
  });
  const desk: AgentInput = {
    ...DESK,
    tools: [route],
    onEnd: ({ transcript }) => void said.push(...transcript.map(({ who, text }) => `${who}: ${text}`)),
  };
  const replies = [
    { when: 'bill', call: { name: 'route', arguments: {} } },
    { when: '.*', say: 'Your bill is 80 euros.' },
  ];
  await using call = await startTestCall(desk, {
    line: 'text',
    hooks: 'run',
    tools: { route: 'run' },
    model: { replies },
  });
  await call.say('My bill?');
  await call.wait(3_000);
  const result = await call.hangUp();
  expect(turnsOf(result).map(({ number, agent }) => [number, agent])).toEqual([[0, 'desk'], [1, 'desk'], [2, 'acme-billing']]); // prettier-ignore
  expect(call.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(['system', 'system']);
  expect(said).toEqual(['agent: Acme, hello.', 'caller: My bill?', 'agent: Your bill is 80 euros.']);
  const page = renderPage(result.events, { audio: undefined });
  expect(page).toContain('<bdi>acme-billing</bdi> has the caller, in place of <bdi>desk</bdi>');
});

test('R27: in text too, and a second agent that has the same tool does nothing twice', async () => {
  const replies = [
    { when: 'bill', call: { name: 'book', arguments: { day: 'Monday' } } },
    { after: 'book', call: { name: 'hand_off', arguments: { to: 'billing' } } },
    { after: 'hand_off', call: { name: 'book', arguments: { day: 'Monday' } } },
  ];
  await using call = await startTestCall(DESK, { line: 'text', model: { replies }, tools: RUN });
  await call.say('my bill');
  await call.wait(3_000);
  const result = await call.hangUp();
  expect((result.runs ?? []).filter(({ name }) => name === 'book')).toHaveLength(1);
  const ends = result.events.flatMap((event) =>
    event.type === 'tool-end' && event.name === 'book' ? [event.result] : [],
  );
  expect(ends.slice(0, 2)).toMatchObject([
    { booked: 'Monday' },
    { note: expect.stringContaining('Already done') as string },
  ]);
});

test('`hand_off` offers the team with what each is for', async () => {
  const agent = await createAgent(DESK);
  expect(agent.toolbox.toolsJson).toContain('"enum":["billing"]');
  expect(agent.toolbox.toolsJson).toContain('billing: Invoices and refunds.');
  expect(agent.toolbox.handovers).toEqual([]);
});

test('handOff() says what is wrong with it', () => {
  expect(() => handOff('')).toThrow("Expected `to` of handOff() to be a name in the agent's team, got ``");
  expect(() => handOff('a', { context: 'some' as 'all' })).toThrow("to be 'all' or 'summary' or 'none', got `some`");
  expect(() => handOff('a', { say: ' ' })).toThrow('Expected `say` of handOff() to be words, got ` `');
});

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-team-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('files of a team may name each other, and each is loaded once', async () => {
  const folder = folderWith({
    'desk.mjs': `export default { name: 'desk', instructions: 'a', tools: ['hand_off'], team: { billing: './more/billing.mjs' } };`,
    'more/billing.mjs': `export default { name: 'billing', instructions: 'b', tools: ['hand_off'], team: { front: '../desk.mjs' } };`,
  });
  const desk = await loadAgent(join(folder, 'desk.mjs'));
  expect(desk.team['billing']?.name).toBe('billing');
  expect(desk.team['billing']?.team['front']).toBe(desk);
});

test('every mistake of a team is named, with the file that it is in', async () => {
  const folder = folderWith({
    'desk.mjs': `export default { name: 'desk', instructions: 'a', team: { billing: './billing.mjs', gone: './gone.mjs' } };`,
    'billing.mjs': `export default { name: 'billing', instructions: '' };`,
  });
  await expect(loadAgent(join(folder, 'desk.mjs'))).rejects.toThrow(
    /desk\.mjs is not a valid agent:\n {2}- `team\.gone`: .*gone\.mjs[^]*billing\.mjs is not a valid agent:\n {2}- Expected `instructions`/,
  );
});

test.for<[what: string, input: object, message: string]>([
  [
    'a name that stands twice',
    { team: { billing: { ...BILLING, name: 'desk' } } },
    'Expected `name` to be one that no other agent of the team has, got `desk` twice',
  ],
  [
    '`hand_off` without a team',
    { team: {} },
    "Expected `team` to name whom `'hand_off'` can hand the caller to, got nobody",
  ],
  [
    'a name that no tool can have',
    { team: { 'the bills': BILLING } },
    'Expected `team.the bills` to be under a name of 1 to 64 letters, digits, `_` or `-`, got an object',
  ],
  [
    'a member that is none',
    { team: { billing: 7 } },
    'Expected `team.billing` to be an agent file or an agent, got `7`',
  ],
])('%s is refused', async ([, input, message]) => {
  await expect(createAgent({ ...DESK, ...input })).rejects.toThrow(message);
});

test('an agent is not its own colleague', async () => {
  const alone: AgentInput = { ...DESK, team: {} };
  Object.assign(alone, { team: { me: alone } });
  const { problems } = await inspectAgent(alone, '.');
  expect(problems.map(({ message }) => message)).toContain('`team.me` is the agent itself');
});

test('a mistake in an agent that stands in a team as a value is told by where it stands', async () => {
  const second = { name: 'second', tools: ['hand_off'] } as unknown as AgentInput;
  const billing: AgentInput = { ...BILLING, team: { second_line: second } };
  await expect(createAgent({ ...DESK, team: { billing } })).rejects.toThrow(
    /^`team\.second_line` of `team\.billing` of agent is not a valid agent:\n {2}- Expected `instructions`/,
  );
});
