/** Lists in an agent file: how each is read and refused, who is asked, and what a call tells of it. */
import { expect, onTestFinished, test } from 'vitest';
import { createAgent, createLog, createParley, modelServer, type CallEvent } from '../../src/index.ts';
import { lineOfField } from '../../src/call/agent-faults.ts';
import { inspectAgent } from '../../src/call/agent.ts';
import { optionsOf } from '../../src/lib/succession.ts';
import { startElectronSimulator } from '../../src/simulate/electron/server.ts';
import { OWN_VENDORS, parrot, toneEar, toneVoice } from '../helpers/own-vendors.ts';
import { KEY, REPLIES } from '../helpers/world.ts';

const BASE = { name: 'listed', instructions: 'Be brief.' };

test('each of a list is read by its own schema, and the first is what goes on where nobody knows of lists', async () => {
  const agent = await createAgent({
    ...BASE,
    model: [{ temperature: 0.2 }, { vendor: parrot, opening: 'I heard' }],
    voice: [{ speed: 1.1 }, { vendor: toneVoice }],
    listen: [{ language: 'hi' }, { vendor: toneEar }],
  });
  expect(agent.model).toMatchObject({ temperature: 0.2 });
  expect(optionsOf(agent.model, 1)).toEqual({ opening: 'I heard' });
  expect(agent.voice).toMatchObject({ speed: 1.1 });
  expect(optionsOf(agent.voice, 1)).toEqual({ loudness: 1 });
  expect(agent.machine.language).toBe('hi');
  expect(agent.vendors).toEqual({
    model: 'electron, else parrots',
    voice: 'lightning, else tone-works',
    ear: 'pulse, else tone-works-too',
  });
});

test('a list of one is that one', async () => {
  const one = await createAgent({ ...BASE, model: [{ temperature: 0.2 }], voice: [{ vendor: toneVoice }] });
  const other = await createAgent({ ...BASE, model: { temperature: 0.2 }, voice: { vendor: toneVoice } });
  expect([one.model, one.vendors, one.own]).toEqual([other.model, other.vendors, other.own]);
});

const wrong: [what: string, given: object, message: RegExp][] = [
  ['an empty list', { model: [] }, /^Expected `model` to be one, or a list of one or more, got an empty list$/],
  [
    'a bad number',
    { model: [{}, { temperature: 9 }] },
    /^Expected `model\[1\]\.temperature` to be .* or less, got `9`$/,
  ],
  [
    'a vendor that is not known',
    { model: [{}, { vendor: 'gpt' }] },
    /^Expected `model\[1\]\.vendor` to be 'electron', got `"gpt"`$/,
  ],
  [
    'a misspelled field',
    { voice: [{}, { vendor: toneVoice, lowdness: 1 }] },
    /`voice\[1\]\.lowdness` is not a field of `voice\[1\]`: did you mean `loudness`\?/,
  ],
  ['a text in a list', { listen: ['pulse'] }, /^Expected `listen\[0\]` to be an object, got `"pulse"`$/],
  [
    'one of your own that lacks something',
    { model: [{}, { name: 'm', prewarm() {} }] },
    /^Expected `model\[1\]` to be a model of your own with/,
  ],
  ['a list in a list', { model: [[{}]] }, /^Expected `model\[0\]` to be an object, got a list of 1$/],
];
test.each(wrong)('%s is refused with its place', async (_, given, message) => {
  const { options, problems } = await inspectAgent({ ...BASE, ...given }, '.');
  expect(options).toBeUndefined();
  expect(problems.map((one) => one.message)).toEqual([expect.stringMatching(message)]);
});

test('agents that list the same vendors share them, and what is known of them', async () => {
  const parley = createParley({ apiKey: KEY, baseUrl: 'http://127.0.0.1:1/v1', vendors: OWN_VENDORS });
  onTestFinished(() => parley.close());
  const list = [{}, { vendor: 'parrot' as const }];
  const [one, other] = [
    await createAgent({ ...BASE, model: list }, { vendors: OWN_VENDORS }),
    await createAgent({ ...BASE, model: list }, { vendors: OWN_VENDORS }),
  ];
  expect(parley.modelOf(one)).toBe(parley.modelOf(other));
  const alone = await createAgent(BASE);
  expect(parley.modelOf(alone)).not.toBe(parley.modelOf(one));
});

test('in the middle of a call the next is asked, its events say so, and the first is asked again when it is well', async () => {
  const [one, two] = [
    await startElectronSimulator({ replies: REPLIES }),
    await startElectronSimulator({ replies: [{ when: '.*', say: 'The second is here.' }] }),
  ];
  const lines: { msg: string }[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push(JSON.parse(line) as { msg: string }) } });
  const parley = createParley({ apiKey: KEY, baseUrl: one.url, plan: 'none', log });
  onTestFinished(async () => {
    await parley.close();
    await Promise.all([one.close(), two.close()]);
  });
  const agent = await createAgent({
    ...BASE,
    model: [{}, { vendor: modelServer({ baseUrl: two.url, apiKey: KEY, name: 'spare' }) }],
    turn: { silenceMs: 30_000 },
  });
  const events: CallEvent[] = [];
  const call = parley.startCall(agent, { listen: (it) => it.on('event', (event) => events.push(event)) });
  expect(await call.say('hello')).toMatchObject({ heard: 'All is well, thank you.' });
  one.fault({ type: 'status', status: 500 });
  expect(await call.say('and now?')).toMatchObject({ outcome: 'replied', heard: 'The second is here.' });
  expect(await call.say('and again?')).toMatchObject({ heard: 'All is well, thank you.' });
  call.hangUp();
  await call.ended;
  expect(events.filter(({ type }) => type === 'vendor-change')).toMatchObject([
    { kind: 'model', from: 'electron', to: 'spare', code: 'provider-failed' },
    { kind: 'model', from: 'spare', to: 'electron' },
  ]);
  expect(events.filter(({ type }) => type === 'error')).toEqual([]);
  expect(lines.filter(({ msg }) => /vendor asked/.test(msg))).toMatchObject([
    { msg: 'next vendor asked', kind: 'model', vendor: 'spare', insteadOf: 'electron', code: 'provider-failed' },
    { msg: 'vendor asked again', kind: 'model', vendor: 'electron', insteadOf: 'spare' },
  ]);
  const steps = events.filter((event) => event.type === 'step-end' && event.attempts > 1);
  expect(steps).toHaveLength(1);
});

test('a server of one’s own says what is wrong with its address, and keeps its own limits', () => {
  expect(() => modelServer({ baseUrl: 'ten.zero' })).toThrow(/Expected `baseUrl` to be an http or https address/);
  const server = modelServer({
    baseUrl: 'http://10.0.0.5:8000/v1',
    model: 'qwen3',
    requestsPerMinute: 60,
  });
  expect(server.resources?.({})).toEqual({
    '10.0.0.5:8000': { type: 'requests', requestsPerMinute: 60, concurrent: Infinity },
  });
  expect(server.asks?.({}, {})).toBe('qwen3 at http://10.0.0.5:8000/v1');
});

test('a mistake in a list is found in its file at the element that holds it', () => {
  const source = [
    'export default defineAgent({',
    "  model: [{ stop: ['a', 'b'] }, {",
    '    vendor: other(1, 2),',
    '    temperature: 9,',
    '  }],',
    '  voice: mine,',
    '});',
  ].join('\n');
  expect(lineOfField(source, 'model[1].temperature')).toBe(4);
  expect(lineOfField(source, 'model[1].vendor')).toBe(3);
  expect(lineOfField(source, 'model[0].temprature')).toBe(2);
  expect(lineOfField(source, 'voice[1].id')).toBe(6);
});
