/** A model, a voice or an ear of one's own in an agent file: what meets the contract is taken, the rest is told what it lacks. */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createAgent, createParley, type LanguageModel } from '../../src/index.ts';
import { inspectAgent } from '../../src/call/agent.ts';
import { OWN_VENDORS, parrot, toneEar, toneVoice } from '../helpers/own-vendors.ts';

const BASE = { name: 'own', instructions: 'Be brief.' };

/** Says the same to everybody. */
class Echo implements LanguageModel {
  readonly name = 'echo';
  closed = 0;
  async prewarm(): Promise<void> {}
  startStep(...[, listener]: Parameters<LanguageModel['startStep']>) {
    const end = {
      ...{ finishReason: 'stop' as const, isTruncated: false, usage: undefined, requestId: undefined },
      ...{ firstTokenMs: 0, queueMs: 0, attempts: 1 },
    };
    queueMicrotask(() => {
      listener({ type: 'text-delta', delta: 'Echo.' });
      listener({ type: 'step-end', end });
    });
    return { abort() {} };
  }
  async close(): Promise<void> {
    this.closed++;
  }
}

test('a model that is an object of one class answers, and is made and closed once for all calls', async () => {
  const model = new Echo();
  const [one, other] = await Promise.all([createAgent({ ...BASE, model }), createAgent({ ...BASE, model })]);
  const parley = createParley();
  for (const agent of [one, other, one]) {
    const call = parley.startCall(agent);
    expect(await call.say('hello')).toMatchObject({ outcome: 'replied', heard: 'Echo.' });
    call.hangUp();
  }
  expect(parley.modelOf(one)).toBe(parley.modelOf(other));
  await parley.close();
  expect(model.closed).toBe(1);
});

test('two models of one name are two', async () => {
  const [one, other] = [
    await createAgent({ ...BASE, model: new Echo() }),
    await createAgent({ ...BASE, model: new Echo() }),
  ];
  const parley = createParley();
  onTestFinished(() => parley.close());
  expect(parley.modelOf(one)).not.toBe(parley.modelOf(other));
});

test('a vendor in the agent file reads its own options, as one that is named does', async () => {
  const parley = createParley();
  onTestFinished(() => parley.close());
  const agent = await createAgent({ ...BASE, model: { vendor: parrot, opening: 'I heard' } });
  const call = parley.startCall(agent);
  expect(await call.say('hello')).toMatchObject({ heard: 'I heard hello' });
  const { problems } = await inspectAgent({ ...BASE, model: { vendor: parrot, opening: 5 } }, '.');
  expect(problems).toEqual([{ field: 'model.opening', message: 'Expected `model.opening` to be a text, got `5`' }]);
  const { problems: unknown } = await inspectAgent({ ...BASE, voice: { vendor: toneVoice, lowdness: 1 } }, '.');
  expect(unknown[0]?.message).toContain('did you mean `loudness`?');
});

test('all three may stand in the agent: what it has is listed by their names', async () => {
  const { own, vendors } = await createAgent({
    ...BASE,
    model: { vendor: parrot },
    voice: { vendor: toneVoice },
    listen: { vendor: toneEar },
  });
  expect(vendors).toEqual({ model: 'parrots', voice: 'tone-works', ear: 'tone-works-too' });
  expect(own).toEqual({
    models: { parrots: parrot },
    voices: { 'tone-works': toneVoice },
    ears: { 'tone-works-too': toneEar },
  });
});

const open = () => {};
const format = { encoding: 'linear16', sampleRateHz: 8_000 };
const wrong: [what: string, field: string, given: unknown, lacks: string][] = [
  ['a model without prewarm', 'model', { name: 'm', startStep: open, close: open }, '`prewarm` (a function)'],
  ['a model without a name', 'model', { prewarm: open, startStep: open, close: open }, '`name` (a text)'],
  ['a voice without render', 'voice', { name: 'v', format, open, close: open }, '`render` (a function)'],
  ['a voice without a format', 'voice', { name: 'v', open, render: open, close: open }, '`format` (such as'],
  [
    'a format that is none',
    'voice',
    { name: 'v', format: 'pcm', open, render: open, close: open },
    '`format` (such as',
  ],
  ['an ear that cannot close', 'listen', { name: 'e', open }, '`close` (a function)'],
  ['a vendor without options', 'voice', { vendor: { provider: 'x', create: open } }, '`options` (an object of zod 4)'],
  [
    'options that are no object',
    'voice',
    { vendor: { provider: 'x', create: open, options: z.string() } },
    '`options`',
  ],
  ['a vendor without a provider', 'model', { vendor: { create: open, options: z.object({}) } }, '`provider` (a text)'],
  ['a class', 'model', { vendor: Echo }, 'a function: give the object'],
];
test.each(wrong)('%s is refused: the field, what was expected, what it lacks', async (_, field, given, lacks) => {
  const { problems, options } = await inspectAgent({ ...BASE, [field]: given }, '.');
  expect(options).toBeUndefined();
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toMatch(
    new RegExp(`^Expected \`${field}(\\.vendor)?\` to be an? \\w+ of your own with`),
  );
  expect(problems[0]?.message).toContain(lacks);
});

test('what is neither is read as options, and refused as those are', async () => {
  const { problems } = await inspectAgent({ ...BASE, model: 'gpt-4', voice: { id: 7 }, listen: { vendor: 3 } }, '.');
  expect(problems.map(({ field }) => field).sort()).toEqual(['listen.vendor', 'model', 'voice.id']);
  const hostile = new Proxy({}, { get: () => { throw new Error('no'); } }); // prettier-ignore
  expect((await inspectAgent({ ...BASE, model: { vendor: hostile } }, '.')).problems).toHaveLength(1);
});

test('a named vendor of the program and one of the file live side by side', async () => {
  const agent = await createAgent({ ...BASE, model: new Echo(), voice: { vendor: 'tones' } }, { vendors: OWN_VENDORS });
  expect(agent.vendors).toEqual({ model: 'echo', voice: 'tones', ear: 'pulse' });
});
