/** Agents are read whole: every mistake in one go, with the field, what was expected and what is there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createAgent, defineAgent, inspectAgent, loadAgent, type AgentInput } from '../../src/call/agent.ts';

const GOOD: AgentInput = { name: 'good', instructions: 'You are good.' };

const messagesOf = async (input: unknown): Promise<string[]> =>
  (await inspectAgent(input, import.meta.dirname)).problems.map(({ message }) => message);

test('a name and instructions are enough; everything else has its default', async () => {
  const agent = await createAgent(defineAgent(GOOD));
  expect(agent).toMatchObject({
    name: 'good',
    machine: { instructions: 'You are good.', tools: [] },
    voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en', speed: 1 },
    listen: { language: 'en', keywords: [] },
  });
});

test.for<[what: string, input: object, message: string]>([
  ['a missing field', { name: undefined }, 'Expected `name` to be a text, got nothing'],
  ['an empty text', { name: '' }, 'Expected `name` to be a text that is not empty, got `""`'],
  ['a wrong type', { instructions: 7 }, 'Expected `instructions` to be a text, got `7`'],
  ['a number too small', { turn: { endpointMs: 3 } }, 'Expected `turn.endpointMs` to be 100 or more, got `3`'],
  ['a number too large', { model: { temperature: 9 } }, 'Expected `model.temperature` to be 2 or less, got `9`'],
  ['a fraction', { turn: { nudges: 1.5 } }, 'Expected `turn.nudges` to be a whole number, got `1.5`'],
  [
    'an empty list',
    { phrases: { nudge: [] } },
    'Expected `phrases.nudge` to be a list that is not empty, got an empty list',
  ],
  ['neither of two types', { phrases: { nudge: 5 } }, 'Expected `phrases.nudge` to be a text or a list, got `5`'],
  [
    'a value of a short list',
    { model: { responseFormat: 'xml' } },
    "Expected `model.responseFormat` to be 'text' or 'json_object', got `\"xml\"`",
  ],
  [
    'a typing mistake',
    { turn: { interuptMs: 5 } },
    '`turn.interuptMs` is not a field of `turn`: did you mean `interruptMs`?',
  ],
  [
    'the name of another library',
    { systemPrompt: 'x' },
    '`systemPrompt` is not a field of an agent: did you mean `instructions`?',
  ],
  [
    'an unknown field',
    { voice: { pitch: 2 } },
    '`voice.pitch` is not a field of `voice`: those are id, model, language, speed, pronunciations, livePronunciations, unlisted',
  ],
  [
    'a voice of another model',
    { voice: { id: 'kaitlyn' } },
    'Expected `voice.id` to be a voice of `lightning_v3.1`, such as `jordan` or `robert`, got `kaitlyn`, a voice of `lightning_v3.1_pro`: set `voice.model` to that, or take another voice',
  ],
  [
    'a model with hyphens',
    { voice: { model: 'lightning-v3.1' } },
    'Expected `voice.model` to be `lightning_v3.1` or `lightning_v3.1_pro` (with an underscore: `lightning_v3.1`), got `lightning-v3.1`',
  ],
  [
    'a tool that is none',
    { tools: [7] },
    'Expected `tools.0` to be a folder, a file, a tool or the name of a built-in one, got `7`',
  ],
  ['facts that are no function', { facts: 'x' }, 'Expected `facts` to be a function of the caller, got `"x"`'],
])('%s is named', async ([, input, message]) => {
  expect(await messagesOf({ ...GOOD, ...input })).toEqual([message]);
});

test('a language that nobody hears is refused with those that are', async () => {
  const [message] = await messagesOf({ ...GOOD, listen: { language: 'klingon' } });
  expect(message).toMatch(/^Expected `listen\.language` to be one that Pulse hears live \(en hi .*\), got `klingon`$/);
});

test.for<[unknown, string]>([
  [undefined, 'no default export'],
  [null, '`null`'],
  [5, '`5`'],
  [[], 'a list'],
  [() => GOOD, 'a function'],
])('%o is no agent', async ([input, got]) => {
  expect(await messagesOf(input)).toEqual([`Expected \`export default defineAgent({...})\`, got ${got}`]);
});

test('mistakes of the fields and of the tools are told in one go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-agent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'tools/broken.js'), 'export default 5;\n');
  const file = join(folder, 'agent.mjs');
  writeFileSync(file, `export default { name: '', tools: ['./tools', 'end_cal'] };\n`);
  const error: unknown = await loadAgent(file).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'options-invalid' });
  const { message } = error as Error;
  for (const part of ['`name`', '`instructions`', './tools/broken.js', '`defineTool({...})`, got `5`', 'end_cal']) {
    expect(message).toContain(part);
  }

  const tools: unknown = await createAgent({ ...GOOD, tools: ['./nowhere'] }).catch((thrown: unknown) => thrown);
  expect(tools).toMatchObject({ code: 'tool-invalid', message: expect.stringContaining('./nowhere') as string });
});

test.each(['plain', 'with spaces', '100% sure', 'ünïcode #1?'])(
  'loadAgent(new URL(…)) and a `file:` address: a folder named `%s`',
  async (name) => {
    const root = mkdtempSync(join(tmpdir(), 'parley-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const folder = join(root, name);
    mkdirSync(join(folder, 'my tools'), { recursive: true });
    const tool = (called: string) =>
      `import { z } from 'zod'; import { defineTool } from 'parley-voice'; export default defineTool({ name: '${called}', description: 'x', input: z.object({}), run: () => 1 });`;
    writeFileSync(join(folder, 'my tools', 'one.ts'), tool('one'));
    writeFileSync(join(folder, 'two.mjs'), tool('two'));
    const agent =
      "export default { name: 'here', instructions: 'x', tools: ['./my tools', new URL('./two.mjs', import.meta.url)] };";
    for (const file of ['agent.ts', 'agent.mjs']) {
      writeFileSync(join(folder, file), agent);
      const url = pathToFileURL(join(folder, file));
      for (const named of [url, url.href, join(folder, file)]) {
        const loaded = await loadAgent(named);
        expect(loaded.machine.tools.map((one) => one.name)).toEqual(['one', 'two']);
      }
    }
  },
);

test.each([new URL('https://example.com/agent.ts'), 'file://host/agent.ts', new URL('file:///nowhere/agent.ts')])(
  '%s is no file',
  async (named) => {
    await expect(loadAgent(named)).rejects.toMatchObject({ code: 'file-unreadable' });
  },
);
