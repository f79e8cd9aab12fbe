/** Whole calls on servers with manners of their own: what one refuses is found out once, and then kept to. */
import { expect, test } from 'vitest';
import type { ElectronOptionsInput } from '../../src/simulate/electron/options.ts';
import { ofType, openWorld, RECOVERY, REPLIES, wordsOf, type WorldOptions } from '../helpers/world.ts';

const server = (manners: ElectronOptionsInput['manners'], options: ElectronOptionsInput = {}) => ({
  electron: { manners, ...options },
});

/** A call with a tool in each of two turns, and what was asked for it. */
async function talk(options: WorldOptions, says = ['look', 'look again', 'how are you?']) {
  const world = await openWorld(options);
  const { call, events } = world.open();
  const outcomes = [];
  for (const text of says) outcomes.push((await call.say(text))?.outcome);
  const messages = call.messages;
  call.hangUp();
  await call.ended;
  return { ...world, events, outcomes, messages };
}
const REPLIED = ['replied', 'replied', 'replied'];
const statusesOf = ({ electron }: Awaited<ReturnType<typeof talk>>) => electron.requests().map(({ status }) => status);

test('a call with "extra_content":{"google":{"thought_signature":"c2ln…"}} is sent back as it came, in this turn and in every later one', async () => {
  const world = await talk(server({ signatures: true }));
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([200, 200, 200, 200, 200]);
  const bodies = world.electron.requests().map(({ body }) => JSON.stringify(body?.messages));
  for (const [at, body] of bodies.entries())
    // R23
    expect(body.startsWith((bodies[at - 1] ?? '[]').slice(0, -1))).toBe(true);
});

test.each(['whole', 'piece', 'empty'] as const)(
  'and so it is wherever the stream is cut, with a first fragment that is %s',
  async (firstFragment) => {
    for (const splitBytes of [1, 7, 64]) {
      const world = await talk(server({ signatures: true }, { shape: { firstFragment, splitBytes } }));
      expect(world.outcomes).toEqual(REPLIED);
    }
  },
);

test('signatures outlive a compaction', async () => {
  const world = await talk(
    { ...server({ signatures: true }), agent: { turn: { silenceMs: 30_000, compactAtMessages: 10 } } },
    ['look', 'look', 'look', 'look', 'look'],
  );
  expect(new Set(world.outcomes)).toEqual(new Set(['replied']));
  expect(ofType(world.events, 'compaction').length).toBeGreaterThan(0);
  expect(new Set(statusesOf(world))).toEqual(new Set([200]));
});

test('reasoning_content goes back once a server has missed it, which is asked once more at once', async () => {
  const world = await talk(server({ reasoning: 'wanted' }));
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([200, 400, 200, 200, 200, 200]);
  expect(ofType(world.events, 'error')).toEqual([]);
});

test('reasoning_content does not go back to a server that refuses it', async () => {
  const world = await talk(server({ reasoning: 'refused' }));
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([200, 200, 200, 200, 200]);
});

const facts = () => 'Today is Friday.';

test('servers whose template takes one system message at the front and alternating roles: found out by one 400, with facts', async () => {
  const world = await talk({ ...server({ roles: 'alternating' }), agent: { facts, greeting: 'Hello.' } });
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([400, 200, 200, 200, 200, 200]);
  expect(world.electron.requests()[1]?.body?.messages[0]).toEqual({
    role: 'system',
    content: 'You are a test.\n\nToday is Friday.',
  });
});

test('it is remembered for the process, for every client of that server and model', async () => {
  const world = await talk({ ...server({ roles: 'alternating' }), agent: { facts } });
  const { call } = world.open();
  expect(await call.say('how are you?')).toMatchObject({ outcome: 'replied' });
  expect(statusesOf(world).filter((status) => status === 400)).toHaveLength(1);
});

test("messages: 'merged' says so beforehand", async () => {
  const world = await talk({
    ...server({ roles: 'alternating' }),
    agent: { facts, greeting: 'Hello.', model: { messages: 'merged' } },
  });
  expect(world.outcomes).toEqual(REPLIED);
  expect(new Set(statusesOf(world))).toEqual(new Set([200]));
});

test('a server that takes no system message at all gets its words with the first of the caller', async () => {
  const world = await talk({ ...server({ roles: 'no-system' }), agent: { facts } });
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([400, 200, 200, 200, 200, 200]);
});

test('the caller goes on early, or speaks over a tool: the roles alternate all the same', async () => {
  const { open, electron } = await openWorld({ ...server({ roles: 'alternating' }), run: () => new Promise(() => {}) });
  const { call } = open();
  const first = call.say('look');
  await expect.poll(() => electron.stats().completed).toBe(1);
  call.interrupt();
  expect(await first).toMatchObject({ outcome: 'interrupted' });
  for (const text of ['how are you?', 'and now?']) expect(await call.say(text)).toMatchObject({ outcome: 'replied' });
  const roles = electron
    .requests()
    .at(-1)
    ?.body?.messages.map(({ role }) => role);
  expect(roles).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'user', 'assistant', 'user']);
});

test('every manner at once', async () => {
  const world = await talk({
    ...server({ roles: 'alternating', signatures: true, reasoning: 'wanted' }),
    agent: { facts, greeting: 'Hello.' },
  });
  expect(world.outcomes).toEqual(REPLIED);
  expect(statusesOf(world)).toEqual([400, 200, 400, 200, 200, 200, 200]);
});

const LONG = 'word '.repeat(200);
test.each([
  ['prompt is too long: 226360 tokens > 200000 maximum', 'anthropic'],
  ['413 `Request too large`', 'too-large'],
  ['request (9411 tokens) exceeds the available context size, as a 500', 'llama.cpp'],
] as const)('%s: history compacted, asked once more', async (_words, overflow) => {
  const world = await talk(server({ contextTokens: 900, overflow }), [LONG, LONG, LONG, 'look', LONG, 'how are you?']);
  expect(new Set(world.outcomes)).toEqual(new Set(['replied']));
  expect(ofType(world.events, 'compaction').length).toBeGreaterThan(0);
  expect(wordsOf(world.events, 4)).toBe('Let me look.Here is what I found.');
});

test.each(['anthropic', 'llama.cpp', 'too-large'] as const)(
  'what a server has refused once it is not asked again in this call, in the words of %s: compacted before asking',
  async (overflow) => {
    const says = Array.from({ length: 24 }, (_, turn) => `how are you, the ${turn}? ${'word '.repeat(40)}`);
    const world = await talk(
      { ...server({ contextTokens: 900, overflow }), agent: { turn: { silenceMs: 30_000 } } },
      says,
    );
    expect(new Set(world.outcomes)).toEqual(new Set(['replied']));
    expect(statusesOf(world).filter((status) => status !== 200)).toHaveLength(1);
    expect(ofType(world.events, 'compaction').length).toBeGreaterThanOrEqual(3);
  },
);

test('an overflow in the second step of a turn, with a long result: the turns before go, and the answer comes', async () => {
  const world = await talk({ ...server({ contextTokens: 700, overflow: 'anthropic' }), run: () => LONG.repeat(2) }, [
    LONG,
    LONG,
    'look',
  ]);
  expect(world.outcomes).toEqual(REPLIED);
  expect(ofType(world.events, 'error').map(({ code, turn, step }) => ({ code, turn, step }))).toContainEqual({
    code: 'context-overflow',
    turn: 3,
    step: 2,
  });
});

test('an overflow with nothing left to drop ends in words, and the next turn is well', async () => {
  const world = await talk(server({ contextTokens: 900, overflow: 'anthropic' }), [LONG.repeat(5), 'how are you?']);
  expect(wordsOf(world.events, 1)).toBe(RECOVERY);
  expect(world.outcomes).toEqual(['failed', 'replied']);
});

test('arguments with null for what is left out run the tool: {"what":"x","note":null}', async () => {
  const { z } = await import('zod');
  const { defineTool } = await import('../../src/tool/define.ts');
  const seen: unknown[] = [];
  const book = defineTool({
    name: 'book',
    description: 'Books.',
    input: z.object({ day: z.string(), note: z.string().optional() }),
    run: (input) => void seen.push(input),
  });
  const replies = [{ when: 'book', call: { name: 'book', arguments: { day: 'Friday', note: null } } }, ...REPLIES];
  const world = await talk({ electron: { replies }, agent: { tools: [book] } }, ['book']);
  expect(world.outcomes).toEqual(['replied']);
  expect(seen).toEqual([{ day: 'Friday' }]);
});
