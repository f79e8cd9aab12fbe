import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAgent, type AgentInput } from '../../../src/call/agent.ts';
import { inspectTools, loadTools } from '../../../src/tool/load.ts';
import { toParameters } from '../../../src/tool/schema.ts';
import { startTestCall } from '../../../src/testing/test-call.ts';
import { createFolder, toolFile } from '../../helpers/folder.ts';
import { ask, json, serve } from '../helpers/ask.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

function folder(files: Record<string, string>): string {
  const { path, remove } = createFolder(files);
  cleanups.push(remove);
  return path;
}

const ORDER = `# Where is an order?
name: order_status
description: Finds an order by its number.
input:
  orderNumber:
    type: string
    pattern: '^\\d{6,10}$'
    description: Digits only.
  detail?: [short, long]
  since?: date
url: '{$ORDERS_URL}/orders/{orderNumber}'
query: { detail: '{detail}', limit: 5 }
headers:
  authorization: 'Bearer {$ORDERS_TOKEN}'
pick: { status: order.status }
statuses: { 404: Ask for the number again. }
allowPrivate: true
filler: One moment while I look.
`;

test('a YAML file beside tool modules is a tool', async () => {
  const from = folder({ 'tools/a.ts': toolFile('from_ts'), 'tools/order.yaml': ORDER, 'tools/_shared.yml': 'x: 1' });
  const tools = await loadTools(['./tools'], { from, mayLackEnv: true });
  expect(tools.map(({ definition, file }) => [definition.name, file])).toEqual([
    ['from_ts', './tools/a.ts'],
    ['order_status', './tools/order.yaml'],
  ]);
  const [, order] = tools;
  if (!order) return;
  expect(toParameters(order.definition.input).schema).toEqual({
    type: 'object',
    properties: {
      orderNumber: { type: 'string', pattern: '^\\d{6,10}$', description: 'Digits only.' },
      detail: { type: 'string', enum: ['short', 'long'] },
      since: expect.objectContaining({ type: 'string', format: 'date' }) as object,
    },
    required: ['orderNumber'],
  });
  const server = await serve(json({ order: { status: 'shipped' } }));
  const env = { ORDERS_URL: server.url, ORDERS_TOKEN: 'token-of-orders' };
  expect((await ask(order.definition, { orderNumber: '123456' }, env)).result).toEqual({ status: 'shipped' });
  expect(server.asked).toMatchObject([
    { url: '/orders/123456?limit=5', headers: { authorization: 'Bearer token-of-orders' } },
  ]);
  expect((await ask(order.definition, { orderNumber: '12' }, env)).outcome).toMatchObject({
    failure: 'invalid-arguments',
  });
});

test('a file may hold several, and a whole JSON Schema is an input too', async () => {
  const whole = `name: two
description: Two.
input: { type: object, properties: { n: { $ref: '#/$defs/n' } }, required: [n], $defs: { n: { type: integer, minimum: 1 } } }
url: https://a.example.com/{n}`;
  const from = folder({ 'tools.yml': `name: one\ndescription: One.\nurl: https://a.example.com/\n---\n${whole}\n` });
  const tools = await loadTools(['./tools.yml'], { from, mayLackEnv: true });
  expect(tools.map(({ definition }) => definition.name)).toEqual(['one', 'two']);
  expect(tools.map(({ definition }) => toParameters(definition.input).schema)).toMatchObject([
    { type: 'object', properties: {} },
    { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, required: ['n'] },
  ]);
});

test('each mistake is told with its file, its line and its field', async () => {
  const from = folder({
    'tools/a.yaml': `name: order status
description: Finds an order.
input:
  id: strin
url: https://a.example.com/{id}
`,
    'tools/b.yaml': `name: b
description: B.
input: { id: string }
url: https://a.example.com/{number}
headers:
  authorization: 'Bearer {$B_TOKEN}'
endpoint: x
timeoutMs: soon
`,
    'tools/c.yaml': 'name: [1\n',
    'tools/cc.yaml': 'name: c\nurl: {$BASE}/orders\n',
    'tools/d.yaml': 'openapi: 3.1.0\ninfo: {}\n',
    'tools/e.yaml': '',
    'tools/f.yaml': '- 1\n',
    'tools/g.yaml': "name: g\ndescription: G.\nurl: '{$G_URL}/g'\nheaders:\n  x-key: '{$G_KEY}'\n",
  });
  const { problems } = await inspectTools(['./tools'], { from, env: { G_URL: 'https://g.example.com' } });
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    './tools/a.yaml: Line 4: Expected `input.id` to be a type (string, number, integer, boolean, date, date-time, email), a list of words to choose from, or a JSON Schema with its `type`, got `"strin"`',
    expect.stringContaining('./tools/c.yaml: Line 2: It is no YAML: Flow sequence in block collection must be'),
    "./tools/cc.yaml: Line 2: It is no YAML: Unexpected scalar at node end. Where `{` begins a text, it is in quotes: `url: '{$ORDERS_URL}/orders'`",
    './tools/d.yaml: Line 1: Expected a tool that asks a server: `name`, `description`, `url` and what else docs/http-tools.md has, got an OpenAPI document: hand it to `openApi(file, { operations })`',
    './tools/e.yaml: Expected a tool that asks a server: `name`, `description`, `url` and what else docs/http-tools.md has, got an empty file',
    './tools/f.yaml: Line 1: Expected a tool that asks a server: `name`, `description`, `url` and what else docs/http-tools.md has, got a list',
    expect.stringMatching(/^\.\/tools\/b\.yaml: Line 8: Expected `timeoutMs` to be a whole number/),
    './tools/b.yaml: Line 7: `endpoint` is not a field of a tool that asks a server: did you mean `url`?',
    './tools/b.yaml: Line 4: `url` has a place for `number`, which is no field of `input`: those are `id`',
    './tools/g.yaml: Line 5: `headers.x-key` needs `G_KEY` from the environment, and it is not set',
  ]);
});

test('an agent with such tools starts when its environment has what they need', async () => {
  const from = folder({ 'tools/order.yaml': ORDER });
  const agent: AgentInput = { name: 'a', instructions: 'You are.', tools: ['./tools'] };
  const env = { ORDERS_URL: 'https://orders.example.com', ORDERS_TOKEN: 'token-of-orders' };
  expect((await createAgent(agent, { directory: from, env })).toolbox.has('order_status')).toBe(true);
  await expect(createAgent(agent, { directory: from, env: {} })).rejects.toThrow(
    /order\.yaml, tool `order_status`\n.*Line 11: `url` needs `ORDERS_URL`/,
  );
  expect((await createAgent(agent, { directory: from, env: {}, mayLackEnv: true })).toolbox.has('order_status')).toBe(
    true,
  );
});

test('a test stubs such a tool by its name, and needs none of its secrets', async () => {
  const from = folder({
    'tools/order.yaml': ORDER,
    'agent.ts': `import { defineAgent } from 'parley-voice';
export default defineAgent({ name: 'desk', instructions: 'You find orders.', tools: ['./tools'] });`,
  });
  const replies = [
    { when: 'where', call: { name: 'order_status', arguments: { orderNumber: '123456' } } },
    { after: 'order', say: 'It is shipped.' },
  ];
  await using call = await startTestCall(join(from, 'agent.ts'), {
    line: 'text',
    model: { replies },
    tools: { order_status: { returns: { status: 'shipped' } } },
  });
  const turn = await call.say('Where is it?');
  expect(turn.tools).toMatchObject([{ name: 'order_status', isStubbed: true, ok: true }]);
  expect(turn.heard).toBe('It is shipped.');
});

test('the example file is a tool as it stands', async () => {
  const [tool] = await loadTools(['examples/tools/order-status.yaml'], { from: process.cwd(), mayLackEnv: true });
  const server = await serve(json({ order: { status: 'shipped', lines: [{ title: 'Tea' }] } }), json({}, 404));
  const env = { ORDERS_URL: server.url, ORDERS_TOKEN: 'token-of-orders' };
  if (!tool) throw new Error('no tool');
  expect((await ask(tool.definition, { orderNumber: '123456' }, env)).log).toContain('only `allowPrivate: true`');
});
