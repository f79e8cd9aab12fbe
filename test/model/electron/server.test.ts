/** Where the model is asked is its own matter: neither the speech services nor the account's key go with it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { requestLimitsOf } from '../../../src/call/vendors.ts';
import { createAgent } from '../../../src/call/agent.ts';
import { createParley } from '../../../src/worker/create-parley.ts';
import { requireKey, serverOf } from '../../../src/model/electron/server.ts';
import { readSettings } from '../../../src/worker/settings.ts';

const AGENT = { PARLEY_AGENT: 'agent.ts' };
const KEY = { SMALLEST_API_KEY: 'sk_account' };
const serverFor = (env: NodeJS.ProcessEnv) => serverOf(readSettings({ ...AGENT, ...env }));

test('the model has an address, a key and a name of its own, and speech stays where it is', () => {
  const settings = readSettings({
    ...AGENT,
    ...KEY,
    PARLEY_MODEL_BASE_URL: 'https://models.example.com/v1',
    PARLEY_MODEL_API_KEY: 'mk_1',
    PARLEY_MODEL_NAME: 'qwen3',
  });
  expect(settings.baseUrl).toBe('https://api.smallest.ai/waves/v1');
  expect(serverOf(settings)).toEqual({
    baseUrl: 'https://models.example.com/v1',
    apiKey: 'mk_1',
    model: 'qwen3',
    isElsewhere: true,
  });
});

test.each([
  ['https://models.example.com/v1', undefined],
  ['http://10.0.0.7:8000/v1', undefined],
  ['http://localhost.example.com/v1', undefined],
  ['http://127.0.0.1:11434/v1', 'sk_account'],
  ['http://localhost:11434/v1', 'sk_account'],
  ['http://[::1]:11434/v1', 'sk_account'],
  ['https://eu.smallest.ai/waves/v1', 'sk_account'],
])("the account's key goes to nobody else: %s is shown %s", (url, shown) => {
  expect(serverFor({ ...KEY, PARLEY_MODEL_BASE_URL: url }).apiKey).toBe(shown);
});

test('with no address of its own the model is where the other services are, with their key', () => {
  expect(serverFor({ ...KEY, SMALLEST_BASE_URL: 'https://gateway.example.com/v1' })).toMatchObject({
    baseUrl: 'https://gateway.example.com/v1',
    apiKey: 'sk_account',
    isElsewhere: false,
  });
});

test('a server of its own has limits of its own; the plan is that of Smallest AI, unless it is set', () => {
  const limitsFor = (env: NodeJS.ProcessEnv) => requestLimitsOf(readSettings({ ...AGENT, ...env }));
  const elsewhere = { PARLEY_MODEL_BASE_URL: 'http://localhost:11434/v1' };
  expect(limitsFor({})).toMatchObject({ requestsPerMinute: 10, concurrent: 3 });
  expect(limitsFor(elsewhere)).toMatchObject({ requestsPerMinute: Infinity });
  expect(limitsFor({ ...elsewhere, PARLEY_PLAN: 'enterprise' })).toMatchObject({ requestsPerMinute: 200 });
});

test('what is wrong with them is said by the name of the setting, and no key is shown', () => {
  const wrong = {
    PARLEY_MODEL_BASE_URL: 'localhost:11434',
    PARLEY_MODEL_API_KEY: 'mk_secret with blanks',
  };
  let message = '';
  try {
    readSettings({ ...AGENT, ...wrong });
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('PARLEY_MODEL_BASE_URL: expected an address such as https://voice.example.com, got');
  expect(message).toContain('PARLEY_MODEL_API_KEY: expected a key, one word of plain letters');
  expect(message).not.toContain('mk_secret');
});

test('without a key the error names SMALLEST_API_KEY and the stand-ins', () => {
  const { baseUrl } = serverFor({});
  const ask = () => requireKey({ baseUrl, apiKey: undefined, model: undefined, isElsewhere: false });
  expect(ask).toThrow(
    /SMALLEST_API_KEY is not set.*simulators with --simulate.*simulate: true.*startElectronSimulator/,
  );
});

test('a program without a key is told so by its first call, and needs none for a model of its own', async () => {
  for (const name of ['SMALLEST_API_KEY', 'SMALLEST_API_KEY_FILE']) delete process.env[name];
  const parley = createParley();
  onTestFinished(() => parley.close());
  const agent = await createAgent({ name: 'keyless', instructions: 'Be brief.' });
  expect(() => parley.startCall(agent)).toThrow(/SMALLEST_API_KEY is not set.*startElectronSimulator/);
});

test("what stands in the environment is a program's default, and its options count more", async () => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.end();
    void text(request).then((body) => {
      const { model } = JSON.parse(body) as { model: string };
      asked.push([request.headers.authorization, model]);
      response.writeHead(400, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const env = { BASE_URL: urlOf(server), API_KEY: 'mk_of_the_environment', NAME: 'a-model-of-ours' };
  for (const [name, value] of Object.entries(env)) process.env[`PARLEY_MODEL_${name}`] = value;
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[`PARLEY_MODEL_${name}`];
  });
  const agent = await createAgent({ name: 'anybody', instructions: 'Be brief.' });
  for (const options of [{}, { apiKey: 'mk_given', modelName: 'another' }]) {
    const parley = createParley(options);
    await parley.startCall(agent).say('hello');
    await parley.close();
  }
  expect(asked).toEqual([
    ['Bearer mk_of_the_environment', 'a-model-of-ours'],
    ['Bearer mk_given', 'another'],
  ]);
});

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
