/** What a program does with a call: says, interrupts, announces, hangs up, listens, logs and records. */
import { expect, test, vi } from 'vitest';
import type { CallerFacts } from '../../src/bridge/contract.ts';
import { replay } from '../../src/record/machine-log.ts';
import { createLog } from '../../src/lib/log.ts';
import { KEY, next, ofType, openWorld, wordsOf } from '../helpers/world.ts';

const caller: CallerFacts = { carrierCallId: 'line-1', from: '+15550100', to: '+15550199', parameters: {} };

test('what is said while a turn runs waits for it, in order; each promise tells what became of it', async () => {
  const { open } = await openWorld();
  const { call, events } = open();
  const results = await Promise.all([call.say('how are you?'), call.say('look'), call.say('  '), call.say('and now?')]);
  expect(results).toEqual([
    { turn: 1, outcome: 'replied', heard: 'All is well, thank you.' },
    { turn: 2, outcome: 'replied', heard: 'Let me look. Here is what I found.' },
    undefined, // nothing was said
    { turn: 3, outcome: 'replied', heard: 'All is well, thank you.' },
  ]);
  expect(ofType(events, 'turn-start').map(({ text }) => text)).toEqual(['how are you?', 'look', 'and now?']);
  call.hangUp();
  await call.ended;
});

test('an interruption ends the turn that runs, and what waited is next', async () => {
  const { open, electron } = await openWorld({ electron: { pace: { tokenMs: 1_000 } } });
  const { call } = open();
  const first = call.say('a story');
  const second = call.say('how are you?');
  await next(call, 'text-delta');
  electron.configure({ pace: 'instant' });
  call.interrupt();
  expect(await first).toMatchObject({
    turn: 1,
    outcome: 'interrupted',
    heard: expect.stringMatching(/^Once/) as string,
  });
  expect(await second).toMatchObject({ turn: 2, outcome: 'replied' });
  call.interrupt(); // nobody speaks
  expect(await call.say('look')).toMatchObject({ turn: 3, outcome: 'replied' });
});

test('a hang-up ends what runs, answers what waits, and says why; afterwards nothing is taken', async () => {
  const { open } = await openWorld({ electron: { pace: { tokenMs: 1_000 } } });
  const { call, events } = open();
  const first = call.say('a story');
  const second = call.say('never');
  await next(call, 'text-delta');
  call.hangUp('line-dropped');
  expect(await first).toMatchObject({ outcome: 'interrupted' });
  expect(await second).toBeUndefined();
  expect(await call.ended).toMatchObject({ reason: 'line-dropped' });
  const count = events.length;
  call.hangUp();
  call.interrupt();
  call.announce('Hello?');
  expect(await call.say('hello?')).toBeUndefined();
  expect(events).toHaveLength(count);
  expect(events.at(-1)).toMatchObject({ type: 'call-end', reason: 'line-dropped' });
});

test('an agent that ends the call does so after its words; the line is told', async () => {
  const hangUp = vi.fn();
  const { open } = await openWorld();
  const { textSpeaker } = await import('../../src/call/text-speaker.ts');
  const { call, events } = open({ medium: { bridge: 'mine', heardBy: 'emitted', speaker: () => textSpeaker, hangUp } });
  expect(events[0]).toMatchObject({ type: 'call-start', bridge: 'mine' });
  expect(await call.say('bye')).toMatchObject({ outcome: 'replied', heard: 'Goodbye.' });
  expect(await call.ended).toMatchObject({ reason: 'agent-hung-up' });
  expect(hangUp).toHaveBeenCalledOnce();
});

test('announce is spoken as it is and kept in the history; sayGoodbye ends the call', async () => {
  const { open, electron } = await openWorld();
  const { call, events } = open();
  call.announce('The doctor is ready for you.');
  await call.say('how are you?');
  expect(JSON.stringify(electron.requests().at(-1)?.body?.messages)).toContain('The doctor is ready for you.');
  call.sayGoodbye('We close now. Goodbye.', 'closing-time');
  expect(await call.ended).toMatchObject({ reason: 'closing-time' });
  const verbatim = ofType(events, 'text-delta').filter(({ kind }) => kind === 'verbatim');
  expect(verbatim.map(({ turn, step, delta }) => [turn, step, delta])).toEqual([
    [0, undefined, 'The doctor is ready for you.'],
    [1, undefined, 'We close now. Goodbye.'],
  ]);
});

test('facts come after the instructions and know the caller; facts that throw are told, and the call goes on', async () => {
  const told = await openWorld({ agent: { facts: ({ from }) => `The caller is ${from}.` } });
  const { call } = told.open({ caller });
  await call.say('how are you?');
  const messages = told.electron.requests()[0]?.body?.messages;
  expect(messages?.[0]).toEqual({ role: 'system', content: 'You are a test.' });
  expect(JSON.stringify(messages?.[1])).toContain('The caller is +15550100.');

  const broken = await openWorld({
    agent: {
      facts: () => {
        throw new Error('no database');
      },
    },
  });
  const { call: other, events } = broken.open();
  expect(ofType(events, 'error')).toMatchObject([
    { turn: 0, code: 'options-invalid', message: expect.stringContaining('no database') as string },
  ]);
  expect(await other.say('how are you?')).toMatchObject({ outcome: 'replied' });
});

test('events come under their own type too, and in the order of the story', async () => {
  const { open } = await openWorld();
  const own: string[] = [];
  const { call, events } = open({
    listen: (started) => {
      started.on('call-start', ({ type }) => own.push(type));
      started.on('tool-end', ({ type, name }) => own.push(`${type} ${name}`));
      started.on('call-end', ({ type }) => own.push(type));
    },
  });
  await call.say('look');
  call.hangUp();
  await call.ended;
  expect(own).toEqual(['call-start', 'tool-end look_up', 'call-end']);
  const story = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
  // The model may say that it has finished before or after its tool has answered.
  const [end, tool] = [story.indexOf('step-end'), story.indexOf('tool-end')];
  if (tool < end) [story[end], story[tool]] = ['tool-end', 'step-end'];
  expect(story).toEqual([
    'call-start',
    'turn-start',
    'step-start',
    'text-delta',
    'tool-start',
    'step-end',
    'tool-end',
    'step-start',
    'text-delta',
    'step-end',
    'turn-end',
    'call-end',
  ]);
});

test('what a listener throws is told, and the call goes on', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { open } = await openWorld();
  const { call } = open({
    listen: (started) =>
      started.on('turn-start', () => {
        throw new Error('my own fault');
      }),
  });
  expect(await call.say('how are you?')).toMatchObject({ outcome: 'replied' });
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('my own fault'), expect.anything());
  warned.mockRestore();
});

test('logs name the call, the turn, the step and the request, and hold no key, no words and no number', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', stream: { write: (line: string) => void lines.push(line) } });
  const { open, electron } = await openWorld({ log });
  const { call } = open({ caller });
  await call.say('look');
  electron.fault({ type: 'status', status: 401 });
  await call.say('how are you?');
  call.hangUp();
  await call.ended;

  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ended = entries.filter(({ msg }) => msg === 'model step ended');
  const ids = electron.requests().map(({ requestId }) => requestId);
  expect(ended.map(({ callId, turn, step, requestId }) => [callId, turn, step, requestId])).toEqual([
    [call.id, 1, 1, ids[0]],
    [call.id, 1, 2, ids[1]],
  ]);
  expect(entries.find(({ msg }) => msg === 'model step failed')).toMatchObject({
    callId: call.id,
    turn: 2,
    requestId: ids[2],
  });
  const text = lines.join('');
  for (const secret of [KEY, '15550100', 'Let me look', 'what I found', 'an order', 'how are you']) {
    expect(text).not.toContain(secret);
  }
});

test('a recording holds the whole call and replays to the same effects', async () => {
  const { open } = await openWorld({ run: () => new Promise((resolve) => setTimeout(resolve, 10, { done: true })) });
  let text = '';
  const { call } = open({ callId: 'recorded', record: (line) => (text += line) });
  await call.say('look');
  void call.say('write it down');
  await next(call, 'tool-start');
  call.interrupt();
  await call.say('how are you?');
  call.hangUp();
  await call.ended;
  const result = replay(text);
  expect(result).toMatchObject({ callId: 'recorded', difference: undefined });
  expect(result.events).toBe(text.trim().split('\n').length - 1);
  expect(text).not.toContain(KEY);
});

test('a recording that was changed differs where it was changed; what is none is refused with its line', async () => {
  const { open } = await openWorld();
  let text = '';
  const { call } = open({ record: (line) => (text += line) });
  await call.say('look');
  call.hangUp();
  await call.ended;
  const lines = text.split('\n');
  const changed = lines.findIndex((line) => line.includes('"event":{"type":"text-delta"'));
  lines[changed] = (lines[changed] ?? '').replace('"event":{"type":"text-delta"', '"event":{"type":"interrupt"');
  expect(replay(text).difference).toBeUndefined();
  expect(replay(lines.join('\n')).difference).toMatchObject({ line: changed + 1 });
  expect(() => replay('')).toThrow('line 1: expected a header {"parley":3,...}, got nothing');
  expect(() => replay('{"parley":9}')).toThrow(
    'line 1: expected a header {"parley":3,...}, got one of format 9, which',
  );
  const garbled = text.split('\n').toSpliced(2, 0, 'garbage').join('\n');
  expect(() => replay(garbled)).toThrow('line 3: expected {"atMs","event","effects"}, got `garbage`');
});

test('a promise of our own that is broken ends that call with `internal`; its recording shows the same fault', async () => {
  const { open, parley } = await openWorld();
  const hangUp = vi.fn();
  const { textSpeaker } = await import('../../src/call/text-speaker.ts');
  const medium = { bridge: 'mine', heardBy: 'emitted', speaker: () => textSpeaker, hangUp } as const;
  let text = '';
  const { call, events } = open({ medium, record: (line) => (text += line) });
  const { call: other } = open();
  await call.say('look');
  call.start(); // a line is opened once
  await expect(call.ended).rejects.toMatchObject({ code: 'internal', message: 'Expected a call to start once' });
  expect(hangUp).toHaveBeenCalledOnce();
  expect(events.slice(-2)).toMatchObject([
    { type: 'error', code: 'internal', message: 'Expected a call to start once' },
    { type: 'call-end', reason: 'internal-error' },
  ]);
  expect(text.trim().split('\n').at(-1)).toContain(
    '"event":{"type":"call-start"},"broke":"Expected a call to start once"',
  );
  const { difference, broke } = replay(text);
  expect([difference, broke?.line]).toEqual([undefined, text.trim().split('\n').length]);
  expect(await other.say('how are you?')).toMatchObject({ outcome: 'replied' });
  await parley.close();
});

test('isTurnRunning and whenQuiet tell when the agent has finished', async () => {
  const { open } = await openWorld();
  const { call, events } = open();
  await call.say('a story');
  expect(wordsOf(events, 1)).toBe('Once upon a time there was a small clinic by the sea.');
  expect(call.isTurnRunning).toBe(false);
  await call.whenQuiet();
  void call.say('look');
  expect(call.isTurnRunning).toBe(true);
  await call.whenQuiet();
  expect(ofType(events, 'turn-end')).toHaveLength(2);
});
