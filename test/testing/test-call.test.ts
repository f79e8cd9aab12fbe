/** A call in virtual time, as a test of a user's plays it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CallResult } from '../../src/testing/result.ts';
import type { StubRun } from '../../src/testing/stubs.ts';
import { startTestCall, type TestCall, type TestCallOptions } from '../../src/testing/test-call.ts';
import { defineTool, ToolError } from '../../src/tool/define.ts';
import { defineTask } from '../../src/tool/task.ts';
import { checks } from '../../src/testing/checks/index.ts';
import { readRecording } from '../../src/evaluate/recording.ts';
import { layDown } from '../evaluate/lay-down.ts';
import { createFolder } from '../helpers/folder.ts';
import { BOOKED, FOUND, startClinic } from './helpers/clinic.ts';

describe('by voice', () => {
  test('the caller asks, the tool runs under the filler, and the answer is heard', async () => {
    await using call = await startClinic();
    const turn = await call.say('What is free tomorrow?');
    expect(turn).toMatchObject({ number: 1, said: 'What is free tomorrow?', outcome: 'replied' });
    expect(turn.filler).toBe('Let me check that for you.');
    expect(turn.heard).toBe(`Let me check that for you. ${FOUND}`);
    const find = { name: 'find_appointments', ok: true, isStubbed: true, result: { free_times: ['10:00', '14:30'] } };
    expect(turn.tools).toMatchObject([{ ...find, arguments: { date: '2026-11-24' } }]);
    expect(call.requests.map(({ turn, step }) => [turn, step])).toEqual([[1, 1], [1, 2]]); // prettier-ignore
    const [said] = call.result().caller;
    expect(said).toMatchObject({ kind: 'utterance', text: 'What is free tomorrow?', toMs: turn.fromMs });
    expect(turn.fromMs - (said?.fromMs ?? 0)).toBeCloseTo((22 * 1_000) / 15, 0);
  });

  test.each(['booking', 'it'])('the caller cuts in at "%s": it is the very sample of that word', async (word) => {
    await using call = await startClinic();
    const first = call.say('Book ten for Jane Doe');
    const atMs = await call.hears(word);
    expect(call.atMs).toBe(atMs);
    const second = await call.say('Wait, is that with Doctor Lee?');
    const result = await call.hangUp();
    const heard = result.heard?.find(({ text }) => text.replace('.', '') === word);
    expect(Math.abs((heard?.toMs ?? 0) - atMs)).toBeLessThan(word === 'it' ? 80 : 0.2); // a full stop is a sound as well
    expect(result.caller[1]).toMatchObject({ kind: 'utterance', cutsIn: true });
    expect((result.caller[1]?.fromMs ?? 0) - atMs).toBeLessThan(0.126);
    expect(await first).toMatchObject({ outcome: 'interrupted', number: 1 });
    expect(second).toMatchObject({ outcome: 'replied', number: 2 });
    expect(result.runs).toMatchObject([{ name: 'book_appointment', isDone: true, isStubbed: true }]);
    expect(result.end).toMatchObject({ reason: 'caller-hung-up' });
    expect(JSON.stringify(call.requests.at(-1)?.messages)).not.toContain(BOOKED);
  });

  test('keys with a pause over the question are collected', async () => {
    const replies = [
      { when: 'pay', say: 'Please enter your PIN and the hash key.', call: { name: 'collect_digits', arguments: { terminator: '#' } } }, // prettier-ignore
      { after: 'collect', say: 'Thank you, that is fine.' },
    ];
    const pay = { name: 'pay', instructions: 'Take the PIN.', tools: ['collect_digits'] };
    await using call = await startTestCall(pay, { model: { replies } });
    const turn = call.say('I want to pay');
    await call.hears('PIN');
    await call.press('47');
    await call.wait(3_000);
    await call.press('11#');
    expect((await turn).tools).toMatchObject([{ ok: true, result: { digits: '4711' }, waitsForCaller: true }]);
    expect(call.result().caller.filter(({ kind }) => kind === 'keys')).toMatchObject([{ keys: '47' }, { keys: '11#' }]);
  });

  test('a caller who says nothing is asked, and then the call ends', async () => {
    await using call = await startClinic();
    await call.say('What is free tomorrow?');
    const end = await call.until('call-end');
    expect(end.reason).toBe('caller-away');
    expect(call.atMs).toBeGreaterThan(40_000);
    await expect(call.say('Are you there?')).rejects.toThrow(/the call ended|within/);
  });

  test.each(['mm-hm', 'cough'] as const)('%s under the answer stops nothing', async (sound) => {
    await using call = await startClinic();
    const turn = call.say('What is free tomorrow?');
    await call.hears('Tuesday');
    await call.make(sound);
    expect(await turn).toMatchObject({ outcome: 'replied' });
    expect((await turn).heard).toContain(FOUND);
    expect(call.result().caller.at(-1)).toMatchObject({
      kind: sound === 'cough' ? 'noise' : 'backchannel',
      what: sound,
    });
  });

  test('a pause in the middle of what is said is no end of it, and stands in the result', async () => {
    await using call = await startClinic();
    const turn = await call.say('Book ten for ... Jane Doe', { pauseMs: 400 });
    expect(turn.said).toMatch(/^Book ten for Jane Doe/);
    const [said] = call.result().caller;
    expect(said).toMatchObject({ pauses: [{ fromMs: expect.any(Number) as number }] });
    const { fromMs = 0, toMs = 0 } = said?.kind === 'utterance' ? (said.pauses?.[0] ?? {}) : {};
    expect(toMs - fromMs).toBe(400);
  });

  test('what is mumbled is understood otherwise, and the script still knows what was said', async () => {
    await using call = await startClinic();
    const turn = await call.say('What is free tomorrow?', { mumbled: 'Book ten for Jane Doe' });
    expect(turn.said).toBe('Book ten for Jane Doe');
    expect(call.result().caller).toMatchObject([{ text: 'What is free tomorrow?' }]);
  });

  test('the model refuses once, and is slow: its client asks again, all in the time of the call', async () => {
    const model = [
      { type: 'status' as const, status: 503 },
      { type: 'slow' as const, firstTokenMs: 2_000 },
    ];
    await using call = await startClinic({ faults: { model } });
    const turn = await call.say('What is free tomorrow?');
    expect(turn.heard).toContain(FOUND);
    expect(call.requests.map(({ step }) => step)).toEqual([1, 1, 2]);
    expect(turn.latencyMs).toBeGreaterThan(1_500);
  });

  test('the ear is cut off while the caller speaks: every word is understood all the same', async () => {
    await using call = await startClinic({ faults: { hearing: [{ type: 'close', afterMs: 2_300 }] } });
    const turn = await call.say('What is free tomorrow?');
    expect(turn).toMatchObject({ said: 'What is free tomorrow?', outcome: 'replied' });
  });

  test('the ear is gone for good: the agent says so, and ends the call', async () => {
    await using call = await startClinic({ faults: { hearing: [{ type: 'refuse', afterMs: 2_000 }] } });
    const end = await call.until('call-end');
    expect(end.reason).toBe('transcriber-failed');
    expect(call.events.some((event) => event.type === 'error' && event.code === 'unauthorized')).toBe(true);
  });

  test('the voice is cut off in the middle: it goes on, and all of it is heard once', async () => {
    await using call = await startClinic({ faults: { voice: [{ type: 'cut', afterMs: 500 }] } });
    const turn = await call.say('What is free tomorrow?');
    expect(turn.heard.replace(/\W/g, '')).toBe(`Let me check that for you. ${FOUND}`.replace(/\W/g, ''));
  });

  test('the greeting may be spoken over', async () => {
    await using call = await startClinic({ greeting: 'running' });
    expect(call.atMs).toBe(0);
    await call.hears('Hello');
    const turn = await call.say('What is free tomorrow?');
    expect(turn.heard).toContain(FOUND);
    expect(call.turns[0]?.heard).not.toContain('clinic');
  });
});

test('a long call in text whose time stands still: each turn is answered, and has its own words alone', async () => {
  const replies = Array.from({ length: 100 }, (_, at) => ({ when: `^number ${at}$`, say: `This is ${at}.` }));
  await using call = await startClinic({ line: 'text', model: { replies, pace: 'instant' } });
  for (let at = 0; at < replies.length; at++) {
    const turn = await call.say(`number ${at}`);
    expect(turn).toMatchObject({ outcome: 'replied', text: `This is ${at}.`, heard: `This is ${at}.` });
  }
  expect(call.atMs).toBe(0);
});

test('in text: words, tools and keys, and no sound', async () => {
  await using call = await startClinic({ line: 'text' });
  const turn = await call.say('What is free tomorrow?');
  expect(turn).toMatchObject({ heard: `Let me check that for you. ${FOUND}`, outcome: 'replied' });
  const booked = call.say('Book ten for Jane Doe');
  expect(await call.hears('booked for Tuesday')).toBe(call.atMs);
  expect((await booked).tools).toMatchObject([{ name: 'book_appointment', ok: true }]);
  expect(() => call.make('cough')).toThrow(/line with sound/);
  expect(() => call.say(' ')).toThrow(/words to say/);
  expect(call.result()).not.toHaveProperty('sound');
});

describe('tools', () => {
  const answerTo = async (stubs: Parameters<typeof startClinic>[0]) => {
    await using call = await startClinic({ line: 'text', ...stubs });
    return { turn: await call.say('Book ten for Jane Doe'), result: await call.hangUp() };
  };

  test('a stub for a tool that the agent lacks is refused, with those that it has', async () => {
    const tools = { find_apointments: { returns: 1 } };
    await expect(startClinic({ tools })).rejects.toThrow(
      'Expected `tools` to stub tools of the agent, got `find_apointments`: the agent has `find_appointments`, `book_appointment`',
    );
  });

  test('R28: the tools inside of a task are stubbed by their names, too, and refuse to write without', async () => {
    const input = z.object({ item: z.string() });
    const inner = (name: string, effect: 'read' | 'write') =>
      defineTool({ name, description: 'Of the stock.', input, effect, run: () => ({ in: 'earnest' }) });
    const order = defineTask({
      ...{ name: 'take_order', description: 'Takes an order.', instructions: 'Take it.', result: input },
      ...{ ask: 'What would you like?', tools: [inner('check_stock', 'read'), inner('reserve', 'write')] },
    });
    const replies = [
      { when: 'order', say: 'Gladly.', call: { name: 'take_order', arguments: {} } },
      { after: 'check_stock', call: { name: 'reserve', arguments: { item: 'bike' } } },
      { after: 'reserve', call: { name: 'finish', arguments: { item: 'bike' } } },
      { when: 'bike', call: { name: 'check_stock', arguments: { item: 'bike' } } },
      { say: 'It is yours.' },
    ];
    const play = async (tools: TestCallOptions['tools']) => {
      const agent = { name: 'shop', instructions: 'Sell.', tools: [order] };
      await using call = await startTestCall(agent, { line: 'text', model: { replies }, tools });
      await call.say('I want to order.');
      await call.settles();
      await call.say('A bike, please.');
      return call.hangUp();
    };
    const stubbed = await play({ check_stock: { returns: { left: 2 } }, reserve: [{ returns: { reserved: true } }] });
    expect(stubbed.tools.map(({ name, result }) => [name, result])).toEqual([
      ['take_order', { item: 'bike' }],
      ['check_stock', { left: 2 }],
      ['reserve', { reserved: true }],
      ['finish', { done: 'finished' }],
    ]);
    await expect(play({ check_stock: { returns: 2 } })).rejects.toThrow(/`reserve` writes and has no stub/);
    await expect(play({ reserv: { returns: 2 } })).rejects.toThrow(
      'got `reserv`: the agent has `take_order`, `check_stock`, `reserve`',
    );
  });

  test("while a colleague's tool waits for keys, silence is the caller's, and in a recording of it too", async () => {
    const bank = { name: 'bank', instructions: 'You ask for PINs.', tools: ['collect_digits'] };
    const desk = { name: 'desk', instructions: 'You hand over.', tools: ['hand_off'], team: { bank } };
    const replies = [
      { when: 'bank', say: 'I bring them in.', call: { name: 'hand_off', arguments: { to: 'bank' } } },
      {
        when: 'pin',
        say: 'Please type it, and hash.',
        call: { name: 'collect_digits', arguments: { terminator: '#' } },
      },
      { after: 'collect', say: 'Thank you.' },
      { say: 'Yes?' },
    ];
    await using call = await startTestCall(desk, { model: { replies } });
    await call.say('The bank, please');
    await call.settles();
    const turn = call.say('Here is my pin');
    await call.hears('hash');
    await call.wait(4_000);
    await call.press('12#');
    await turn;
    const result = await call.hangUp();
    expect(checks.noDeadAirOver(result, 2_000)).toEqual([]);
    const { path, remove } = createFolder({});
    layDown(path, result);
    expect(checks.noDeadAirOver(await readRecording(path), 2_000)).toEqual([]);
    remove();
  });

  test('a write without a stub fails the test where it waits, and the call is void', async () => {
    const call = await startClinic({ tools: {} });
    await expect(call.say('Book ten for Jane Doe')).rejects.toThrow(/`book_appointment` writes and has no stub/);
    expect(call.result()).toMatchObject({ runs: [{ isDone: false }], troubles: [{ what: expect.stringMatching(/no stub/) as string }] }); // prettier-ignore
    await call[Symbol.asyncDispose]();
  });

  test('a write may be run in earnest, by the test or one by one', async () => {
    const all = await answerTo({ tools: {}, writes: 'run' });
    const one = await answerTo({ tools: { book_appointment: 'run' } });
    for (const { turn, result } of [all, one]) {
      expect(turn.tools).toMatchObject([{ ok: true, isStubbed: false, result: { booked: 'in earnest' } }]);
      expect(result.runs).toMatchObject([{ isDone: true, isStubbed: false }]);
    }
  });

  test('a stub throws, hangs, takes its time, answers one after the other, and may be a function', async () => {
    const refused = await answerTo({
      tools: { book_appointment: { throws: new ToolError('That time was just taken.') } },
    });
    expect(refused.turn.tools).toMatchObject([{ ok: false, error: 'That time was just taken.' }]);
    const broken = await answerTo({ tools: { book_appointment: { throws: 'ECONNRESET 10.0.0.7', takes: 300 } } });
    expect(broken.turn.tools[0]).toMatchObject({ ok: false, failure: 'internal-error' });
    expect(broken.result.runs?.[0]?.toMs).toBe((broken.result.runs?.[0]?.fromMs ?? 0) + 300);
    const hung = await answerTo({ tools: { book_appointment: { hangs: true } } });
    expect(hung.turn.tools).toMatchObject([{ ok: false, failure: 'timeout' }]);
    expect(hung.result.runs?.[0]).not.toHaveProperty('toMs');
    const asked: unknown[] = [];
    await using call = await startClinic({
      tools: {
        book_appointment: [
          { returns: { booked: 1 } },
          async ({ name }: { name: string }, { nth, wait }) => {
            await wait(700);
            asked.push(name, nth);
            return { booked: nth };
          },
        ],
      },
    });
    await call.say('Book ten for Jane Doe');
    await call.wait(31_000).catch(() => {}); // longer than a repeated write is answered from memory
    expect(asked).toEqual([]);
    expect(call.events.some(({ type }) => type === 'call-end')).toBe(false);
  });

  test('the schema is checked before a stub', async () => {
    const replies = [
      { when: 'book', call: { name: 'book_appointment', arguments: { date: 7 } } },
      { after: '.', say: 'Hm.' },
    ];
    const { turn, result } = await answerTo({ model: { replies } });
    expect(turn.tools).toMatchObject([{ ok: false, failure: 'invalid-arguments' }]);
    expect(result.runs).toEqual([]);
  });

  test('the world is looked at before, after each run and at the end', async () => {
    const booked: string[] = [];
    await using call = await startClinic({
      line: 'text',
      tools: { book_appointment: (input: { name: string }) => booked.push(input.name) },
      world: () => ({ booked }),
    });
    await call.say('Book ten for Jane Doe');
    const { world } = await call.hangUp();
    expect(world).toMatchObject([
      { when: 'before', state: { booked: [] } },
      { when: 'after', tool: 'book_appointment', effect: 'write', state: { booked: ['Jane Doe'] } },
      { when: 'end', state: { booked: ['Jane Doe'] } },
    ]);
  });
});

const realSetTimeout = setTimeout;
const KEEPS_TIMERS = `
import { promisify } from 'node:util';
import { defineTool } from 'parley-voice';
import { z } from 'zod';
const [sleep, later] = [promisify(setTimeout), setTimeout];
const run = () => sleep(2_000).then(() => new Promise((resolve) => later(() => resolve('seen'), 2_000)));
const look = defineTool({ name: 'look', description: 'Looks.', input: z.object({}), effect: 'read', run });
export default { name: 'timely', instructions: 'You are on time.', tools: [look] };
`;

describe('time', () => {
  const agentWith = (run: () => unknown, facts?: () => Promise<string>) => ({
    name: 'timely',
    instructions: 'You are on time.',
    tools: [
      defineTool({ name: 'look', description: 'Looks.', input: z.object({}), effect: 'read', timeoutMs: 5_000, run }),
    ],
    ...(facts && { facts }),
  });
  const replies = [
    { when: 'look', say: 'One moment.', call: { name: 'look' } },
    { after: 'look', say: 'There it is.' },
  ];
  const startWith = (...parts: Parameters<typeof agentWith>) =>
    startTestCall(agentWith(...parts), { model: { replies }, now: '2026-11-23T09:00:00Z' });

  test('tools and facts see the time of the call, and their timers take none of ours', async () => {
    const began = performance.now();
    const look = async () => {
      await sleep(3_000);
      return new Date().toISOString();
    };
    const facts = () => sleep(500).then(() => `It is ${new Date().toISOString()}.`);
    await using call = await startWith(look, facts);
    const { tools } = await call.say('Please look');
    expect(tools[0]?.result).toMatch(/^2026-11-23T09:00:0[4-9]/);
    expect((tools[0]?.toMs ?? 0) - (tools[0]?.fromMs ?? 0)).toBe(3_000);
    expect(JSON.stringify(call.requests[0]?.messages)).toContain('It is 2026-11-23T09:00:00.500Z.');
    expect(performance.now() - began).toBeLessThan(2_500);
  });

  test('a tool that really reads a file holds time, although it has set itself a bound', async () => {
    await using call = await startWith(async () => {
      const signal = AbortSignal.timeout(50);
      for (let times = 0; times < 20; times++) await readFile(import.meta.filename, { signal });
      return 'read';
    });
    const { tools } = await call.say('Please look');
    expect(tools).toMatchObject([{ ok: true, result: 'read' }]);
    expect((tools[0]?.toMs ?? 0) - (tools[0]?.fromMs ?? 0)).toBeLessThanOrEqual(20);
  });

  test('facts that really read files hold time, too', async () => {
    const facts = async () => {
      for (let times = 0; times < 50; times++) await readFile(import.meta.filename);
      return 'The caller is known.';
    };
    await using call = await startWith(() => 'seen', facts);
    await call.say('Please look');
    expect(JSON.stringify(call.requests[0]?.messages)).toContain('The caller is known.');
  });

  test('a stub that is a function has the time of the call, and holds it while it works outside', async () => {
    const look = async (_input: unknown, { wait }: StubRun) => {
      await sleep(700);
      await readFile(import.meta.filename);
      await wait(300);
      return new Date().toISOString();
    };
    const options = { model: { replies }, now: '2026-11-23T09:00:00Z', tools: { look } };
    await using call = await startTestCall(
      agentWith(() => 'in earnest'),
      options,
    );
    const [use] = (await call.say('Please look')).tools;
    expect((use?.toMs ?? 0) - (use?.fromMs ?? 0)).toBe(1_000);
    expect(use?.result).toMatch(/^2026-11-23T09:00:0/);
  });

  test("a tool that has kept the system's timer from before holds time while that runs", async () => {
    await using call = await startWith(() => new Promise((resolve) => realSetTimeout(() => resolve('late'), 300)));
    expect((await call.say('Please look')).tools).toMatchObject([{ ok: true, result: 'late' }]);
  });

  test('an agent file may keep a timer for later: it is the one of each call', async () => {
    const { path, remove } = createFolder({ 'agent.mjs': KEEPS_TIMERS });
    for (let times = 0; times < 2; times++) {
      await using call = await startTestCall(join(path, 'agent.mjs'), { model: { replies } });
      const [use] = (await call.say('Please look')).tools;
      expect((use?.toMs ?? 0) - (use?.fromMs ?? 0)).toBe(4_000);
    }
    remove();
  });

  test('a tool that never ends, and does nothing outside, holds nothing: its time-out is met at once', async () => {
    await using call = await startWith(() => new Promise(() => {}));
    expect((await call.say('Please look')).tools).toMatchObject([{ ok: false, failure: 'timeout' }]);
  });

  test('who waits for what never comes is told what the call is doing', async () => {
    await using call = await startClinic({ line: 'text', tools: { find_appointments: { hangs: true } } });
    const turn = call.say('What is free tomorrow?');
    await call.until('tool-start');
    const stuck = call.hears('banana');
    await expect(Promise.all([stuck, turn])).rejects.toThrow(/banana/);
  });

  test('nothing moves while the test does not wait, and what is not waited for goes on when it does', async () => {
    await using call = await startWith(() => 1);
    const turn = call.say('Please look');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(call.atMs).toBe(0);
    await call.wait(100);
    expect(call.atMs).toBe(100);
    expect((await turn).heard).toBe('One moment. There it is.');
  });
});

describe('the same call twice', () => {
  const play = async (): Promise<string> => {
    await using call = await startClinic({ seed: 7 });
    const first = call.say('What is free tomorrow?');
    await call.hears('half');
    await call.make('mm-hm');
    await first;
    const second = call.say('Book ten for Jane Doe');
    await call.hears('booking');
    await call.say('Wait, is that with Doctor Lee?');
    await second;
    return written(await call.hangUp());
  };
  const written = ({ sound, ...result }: CallResult): string =>
    JSON.stringify([result, ...[sound?.agent, sound?.caller].map((samples) => bytesOf(samples).toString('base64'))]);
  const bytesOf = (samples: Int16Array = new Int16Array()) =>
    Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

  // 15 s of work, and a busy machine takes several times as long
  test(
    'is the same to the last byte, a hundred times, however many run side by side',
    { timeout: 240_000 },
    async () => {
      const once = await play();
      for (const atOnce of [1, 3, 16, 79]) {
        const all = await Promise.all(Array.from({ length: atOnce }, play));
        expect(all.filter((one) => one !== once)).toEqual([]);
      }
    },
  );

  test('and another with another seed', async () => {
    const idOf = async (call: Promise<TestCall>) => {
      await using begun = await call;
      return begun.result().callId;
    };
    expect(await idOf(startClinic({ seed: 1 }))).not.toBe(await idOf(startClinic({ seed: 2 })));
  });
});
