import { afterEach, expect, test } from 'vitest';
import { inspectTools } from '../../../src/tool/load.ts';
import { openApi } from '../../../src/tool/openapi/open-api.ts';
import type { OpenApiOptions } from '../../../src/tool/openapi/options.ts';
import { toParameters } from '../../../src/tool/schema.ts';
import { createFolder } from '../../helpers/folder.ts';
import { ask, json, serve } from '../helpers/ask.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

const SHOP = `openapi: 3.1.0
info: { title: Shop, version: '1' }
servers: [{ url: 'https://{region}.shop.example.com/v1/', variables: { region: { default: eu } } }]
security: [{ bearerAuth: [] }]
paths:
  /orders/{order-id}:
    parameters:
      - { $ref: '#/components/parameters/OrderId' }
    get:
      operationId: getOrder
      summary: Finds an order.
      parameters:
        - { name: expand, in: query, schema: { type: array, items: { type: string } } }
        - { name: 'filter[state]', in: query, description: Only these., schema: { enum: [open, closed] } }
        - { name: X-Locale, in: header, schema: { type: string, examples: [en] } }
        - { name: Accept, in: header, required: true, schema: { type: string } }
        - { name: session, in: cookie, schema: { type: string } }
    delete:
      summary: Cancels an order.
  /orders:
    post:
      operationId: createOrder
      description: Orders something.
      security: [{ basicAuth: [] }, {}]
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/NewOrder' } }
    put:
      operationId: uploadOrders
      requestBody: { required: true, content: { text/csv: { schema: { type: string } } } }
  /search:
    post:
      operationId: searchOrders
      security: [{ apiKey: [] }]
      requestBody: { content: { application/json: { schema: { oneOf: [{ type: string }, { type: integer }] } } } }
  /tree:
    post:
      operationId: growTree
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Tree' } } } }
  /strange/{id}:
    get:
      operationId: strange
      parameters: [{ name: id, in: path, required: true, style: matrix, schema: { type: string } }]
  /elsewhere:
    get: { operationId: elsewhere, parameters: [{ $ref: 'other.yaml#/a' }] }
  /nothing:
    get: { operationId: nothing, parameters: [{ $ref: '#/components/parameters/Gone' }] }
  /object:
    get: { operationId: object, parameters: [{ name: by, in: query, required: true, schema: { properties: { day: { type: string } } } }] }
  /commas:
    get:
      operationId: commas
      parameters: [{ name: ids, in: query, required: true, explode: false, schema: { type: [array, 'null'], items: { type: string } } }]
  /cookie:
    get: { operationId: cookie, security: [{ inCookie: [] }] }
components:
  parameters:
    OrderId: { name: order-id, in: path, required: true, description: As read out., schema: { type: string, pattern: '^[0-9]+$' } }
  schemas:
    NewOrder:
      type: object
      required: [item, count]
      properties:
        id: { type: string, readOnly: true }
        item: { type: string, minLength: 1 }
        count: { type: integer, minimum: 1 }
        note: { type: [string, 'null'] }
    Tree: { type: object, properties: { children: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
    basicAuth: { type: http, scheme: basic }
    apiKey: { type: apiKey, in: header, name: X-Api-Key }
    inCookie: { type: apiKey, in: cookie, name: sid }
`;

const ENV = {
  BEARER_AUTH: 'bearer-token',
  BASIC_AUTH_USER: 'ann',
  BASIC_AUTH_PASSWORD: 'secret',
  API_KEY: 'key-of-shop',
};

async function make(options: OpenApiOptions, text = SHOP, file = 'shop.yaml') {
  const { path: from, remove } = createFolder({ [file]: text });
  cleanups.push(remove);
  const { tools, problems, list } = await inspectTools([openApi(`./${file}`, options)], { from, env: ENV });
  const named = (name: string) => {
    const found = tools.find(({ definition }) => definition.name === name);
    if (!found) throw new Error(`no ${name}`);
    return found.definition;
  };
  return {
    tools: tools.map(({ definition }) => definition),
    named,
    problems: problems.map(({ message }) => message),
    list,
  };
}

test('an operation is a tool: path, query and header parameters, and the secret of its scheme', async () => {
  const server = await serve(json({ state: 'open', internal: 1 }));
  const { named, problems, list } = await make({
    operations: { getOrder: { pick: '{state: state}', filler: 'One moment.' } },
    prefix: 'shop_',
    server: server.url,
    allowPrivate: true,
  });
  expect(problems).toEqual([]);
  expect(list.origins.map(({ summary, files }) => [summary, files?.length])).toEqual([
    ['openApi ./shop.yaml: 1 tool', 1],
  ]);
  const tool = named('shop_get_order');
  expect(tool).toMatchObject({ description: 'Finds an order.', effect: 'read', filler: 'One moment.' });
  expect(toParameters(tool.input).schema).toEqual({
    type: 'object',
    properties: {
      'order-id': { type: 'string', pattern: '^[0-9]+$', description: 'As read out.' },
      expand: { type: 'array', items: { type: 'string' } },
      filter_state_: { type: 'string', enum: ['open', 'closed'], description: 'Only these.' },
      'X-Locale': { type: 'string' },
    },
    required: ['order-id'],
  });
  const input = { 'order-id': '12', expand: ['a', 'b&c'], filter_state_: 'open', 'X-Locale': 'en' };
  expect((await ask(tool, input, ENV)).result).toEqual({ state: 'open' });
  expect(server.asked).toMatchObject([
    {
      method: 'GET',
      url: '/orders/12?expand=a&expand=b%26c&filter%5Bstate%5D=open',
      headers: { authorization: 'Bearer bearer-token', 'x-locale': 'en' },
    },
  ]);
});

test('a JSON body is told field by field, without what only the server writes; another is one field', async () => {
  const server = await serve(json({ id: 1 }));
  const operations = ['createOrder', 'searchOrders', 'DELETE /orders/{order-id}'];
  const { named, problems } = await make({
    operations,
    server: server.url,
    allowPrivate: true,
    effects: { searchOrders: 'read' },
  });
  expect(problems).toEqual([]);
  const create = named('create_order');
  expect(Object.keys(toParameters(create.input).schema['properties'] as object)).toEqual(['item', 'count', 'note']);
  expect(toParameters(create.input).schema['required']).toEqual(['item', 'count']);
  await ask(create, { item: 'Tea', count: 2 }, ENV);
  await ask(named('search_orders'), { body: 'tea' }, ENV);
  await ask(named('delete_orders_order-id'), { 'order-id': '7' }, ENV);
  expect(server.asked).toMatchObject([
    {
      method: 'POST',
      url: '/orders',
      body: '{"item":"Tea","count":2}',
      headers: { authorization: 'Basic YW5uOnNlY3JldA==' },
    },
    { method: 'POST', url: '/search', body: '"tea"', headers: { 'x-api-key': 'key-of-shop' } },
    { method: 'DELETE', url: '/orders/7', body: '' },
  ]);
  expect(server.asked.map(({ headers }) => headers['idempotency-key'] !== undefined)).toEqual([true, false, true]);
  expect(named('search_orders').effect).toBe('read');
});

test('what cannot be made is refused with the operation and the reason, beside what can', async () => {
  const operations = [
    'getOrder',
    'uploadOrders',
    'growTree',
    'strange',
    'elsewhere',
    'nothing',
    'object',
    'commas',
    'cookie',
    'missing',
  ];
  const { tools, problems } = await make({ operations, effects: { other: 'read' } });
  expect(tools.map(({ name }) => name)).toEqual(['get_order']);
  const none = (name: string, why: string) => `There is no tool of the operation \`${name}\`: ${why}`;
  expect(problems).toEqual([
    none('uploadOrders', 'its body is `text/csv`, and only JSON can be sent'),
    none('growTree', 'it refers to itself, which cannot be told to a model'),
    none('strange', 'its parameter `id` has the style `matrix`, and only `simple` can be sent'),
    none('elsewhere', '`other.yaml#/a` lies in another file: put all into one document'),
    none('nothing', '`#/components/parameters/Gone` is not in the document'),
    none('object', 'its parameter `by` is an object, which cannot be sent there'),
    none('commas', 'its parameter `ids` is a list between commas, which cannot be sent'),
    none('cookie', 'its security scheme `inCookie` is a key in a cookie, and only headers and queries can hold one'),
    expect.stringContaining(
      none('missing', 'the document has none of that name: it has getOrder, DELETE /orders/{order-id},'),
    ),
    'Expected `effects.other` to be of an operation that is asked for, got `other`',
  ]);
});

test("the server is the document's own unless another is named; secrets may have other names", async () => {
  const { problems } = await make({ operations: ['getOrder'], secrets: { bearerAuth: 'SHOP_TOKEN' } });
  expect(problems).toEqual(['`headers.authorization` needs `SHOP_TOKEN` from the environment, and it is not set']);
  const relative = JSON.stringify({
    openapi: '3.0.3',
    servers: [{ url: '/v1' }],
    paths: {
      '/a': {
        get: {
          operationId: 'a',
          parameters: [{ name: 'n', in: 'query', schema: { type: 'integer', nullable: true } }],
        },
      },
    },
  });
  expect((await make({ operations: ['a'] }, relative, 'a.json')).problems).toEqual([
    'There is no tool of the operation `a`: its server is `/v1`: say which with `server`, such as `https://api.example.com` or `{$ORDERS_URL}`',
  ]);
  const made = await make({ operations: ['a'], server: 'https://a.example.com' }, relative, 'a.json');
  expect([made.problems, made.tools.length]).toEqual([[], 1]);
});

test.each<[string, unknown, string, string]>([
  [
    'an unknown option',
    { operations: [], tools: [] },
    SHOP,
    '`tools` is not an option of openApi(): those are operations,',
  ],
  [
    'no operations',
    {},
    SHOP,
    'Expected `operations` to be a list of operations, or an object with their changes, got nothing',
  ],
  ['no options', undefined, SHOP, 'Expected an object of options, got nothing'],
  [
    'an older document',
    { operations: ['a'] },
    'swagger: "2.0"',
    './shop.yaml: expected an OpenAPI document, 3.0 or 3.1, got Swagger 2.0',
  ],
  ['something else', { operations: ['a'] }, 'a: 1', 'got something else'],
  ['broken YAML', { operations: ['a'] }, 'a: [1', './shop.yaml: line 1: it is no YAML'],
  [
    'what the document says',
    { operations: { getOrder: { url: 'x' } } },
    SHOP,
    '`url` is what the document says, and cannot be another',
  ],
  [
    'a change that is none',
    { operations: { getOrder: { fillers: 'x' } } },
    SHOP,
    '`fillers` is not a field of a tool that asks a server',
  ],
])('a mistake is told: %s', async (_what, options, text, message) => {
  const { problems } = await make(options as OpenApiOptions, text);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(message);
});

test('a file that is not there is told by its name', async () => {
  const { problems } = await inspectTools([openApi('./gone.yaml', { operations: ['a'] })], { from: '/nowhere' });
  expect(problems.map(({ message }) => message)).toEqual(['cannot read ./gone.yaml: there is no such file or folder']);
});

test('a YAML file of tools may name a document, too', async () => {
  const { path: from, remove } = createFolder({
    'shop.yaml': SHOP,
    'tools/shop.yaml':
      'openApi: ../shop.yaml\nprefix: shop_\noperations:\n  getOrder:\n    filler: One moment.\n  createOrder:\n    timeoutMs: soon\n  gone:\n',
  });
  cleanups.push(remove);
  const { tools, problems, list } = await inspectTools(['./tools'], { from, env: ENV });
  expect(tools.map(({ definition, file }) => [definition.name, file])).toEqual([
    ['shop_get_order', './tools/shop.yaml'],
    ['shop_create_order', './tools/shop.yaml'],
  ]);
  expect(problems.map(({ file, line, message }) => [file, line, message])).toEqual([
    ['./tools/shop.yaml', 8, expect.stringContaining('There is no tool of the operation `gone`')],
    ['./tools/shop.yaml', 7, expect.stringContaining('Expected `timeoutMs` to be a whole number')],
  ]);
  expect(list.files.map((file) => file.slice(from.length))).toEqual(['/tools/shop.yaml', '/shop.yaml']);
});
