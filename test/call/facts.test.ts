/** `facts`: what an agent says of each call, at once or within a while. */
import { expect, test } from 'vitest';
import type { AgentInput } from '../../src/call/agent.ts';
import { inspectAgent } from '../../src/call/agent.ts';
import { ofType, openWorld } from '../helpers/world.ts';

type Facts = NonNullable<AgentInput['facts']>;
/** A function that the types would not let through. */
const unchecked = (facts: () => unknown): Facts => facts as Facts;

async function ask(facts: Facts, factsMs?: number) {
  const { open, electron } = await openWorld({ agent: { facts, ...(factsMs === undefined ? {} : { factsMs }) } });
  const { call, events } = open();
  const turns = [await call.say('how are you?'), await call.say('and now?')];
  call.hangUp();
  await call.ended;
  const systems = electron
    .requests()
    .map(({ body }) => body?.messages.flatMap(({ role, content }) => (role === 'system' ? [content] : [])));
  return { outcomes: turns.map((turn) => turn?.outcome), systems, errors: ofType(events, 'error') };
}

test.each<[string, Facts]>([
  ["facts: async () => 'Today is Friday.'", async () => 'Today is Friday.'],
  ["facts: () => 'Today is Friday.'", () => 'Today is Friday.'],
  ['a promise that takes a while', () => new Promise((resolve) => setTimeout(() => resolve('Today is Friday.'), 50))],
])('%s works', async (_what, facts) => {
  const { outcomes, systems, errors } = await ask(facts);
  expect(outcomes).toEqual(['replied', 'replied']);
  expect(systems).toEqual(Array(2).fill(['You are a test.', 'Today is Friday.']));
  expect(errors).toEqual([]);
});

test.each<[string, () => unknown, RegExp]>([
  ['a number', () => 5, /`facts`.*a text.*got `5`/],
  ['a date', () => new Date(), /`facts`.*a text.*got a date/],
  ['an object', () => ({ day: 'Friday' }), /`facts`.*a text.*got an object/],
  ['a list', () => ['Friday'], /`facts`.*a text.*got a list/],
  ['a symbol', () => Symbol('Friday'), /`facts`.*a text.*got `Symbol\(Friday\)`/],
  ['5 MB', () => 'x'.repeat(5_000_000), /`facts`.*at most 32000 characters, got 5000000/],
  [
    'a promise of a proxy that throws',
    async () => [Proxy.revocable({}, {})].map(({ proxy, revoke }) => (revoke(), { then: undefined, proxy }))[0],
    /`facts`.*a text/,
  ],
  ['a promise of a number', async () => 5, /`facts`.*a text.*got `5`/],
  ['a promise of a date', async () => new Date(), /`facts`.*a text.*got a date/],
  [
    'a throw',
    () => {
      throw new Error('no calendar');
    },
    /`facts` failed: no calendar/,
  ],
  [
    'a rejection',
    async () => {
      throw new Error('no calendar');
    },
    /`facts` failed: no calendar/,
  ],
])('%s goes on without facts, and is reported once with the field named', async (_what, facts, message) => {
  const { outcomes, systems, errors } = await ask(unchecked(facts));
  expect(outcomes).toEqual(['replied', 'replied']);
  expect(systems).toEqual(Array(2).fill(['You are a test.']));
  expect(errors).toMatchObject([{ code: 'options-invalid', message: expect.stringMatching(message) as string }]);
});

test('facts that never come cost their time once, and are reported once', async () => {
  const { outcomes, systems, errors } = await ask(() => new Promise(() => {}), 100);
  expect(outcomes).toEqual(['replied', 'replied']);
  expect(systems).toEqual(Array(2).fill(['You are a test.']));
  expect(errors).toMatchObject([
    { code: 'options-invalid', message: expect.stringContaining('within 100 ms') as string },
  ]);
});

test.each([[undefined], [null], [''], ['  ']])('%j is no facts, and no fault', async (none) => {
  const { systems, errors } = await ask(unchecked(async () => none));
  expect(systems).toEqual(Array(2).fill(['You are a test.']));
  expect(errors).toEqual([]);
});

test.each([
  ['a number', 5],
  ['a date', new Date()],
  ['an object', {}],
  ['a text', 'Friday'],
])('%s instead of a function is refused at load', async (_what, facts) => {
  const { problems } = await inspectAgent({ name: 'a', instructions: 'b', facts }, '.');
  expect(problems).toMatchObject([
    { field: 'facts', message: expect.stringContaining('Expected `facts` to be a function') as string },
  ]);
});
