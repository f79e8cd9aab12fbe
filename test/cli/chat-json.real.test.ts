/**
 * `parley chat --json`, driven as a program drives it, against the simulator over real sockets.
 *
 * Real time: the command is a process, which is written to and read from.
 */
import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import type { ReplyRuleInput } from '../../src/simulate/electron/replies.ts';
import { startElectronSimulator, type ElectronSimulator } from '../../src/simulate/electron/server.ts';
import { LONGEST_SPEECH } from '../../src/lib/speech-length.ts';
import { eventsOf, parley, start, type CommandResult, type RunningCommand } from './helpers/command.ts';

const TROUBLE = ['chat', '--json', '--agent', 'test/cli/agents/trouble.ts'];

const TOOLS = [
  'throws_at_once',
  'rejects',
  'hangs',
  'returns_a_circle',
  'returns_a_function',
  'returns_nothing',
  'returns_much',
  'says_it_itself',
  'writes_slowly',
  'no_such_tool',
];

const REPLIES: ReplyRuleInput[] = [
  ...TOOLS.map((name) => ({ when: `^use ${name}$`, say: 'One moment.', call: { name } })),
  { when: '^use wants_a_number with (.*)$', say: 'One moment.', call: { name: 'wants_a_number', arguments: '$1' } },
  { when: '^use both$', say: 'Two at once.', call: [{ name: 'rejects' }, { name: 'writes_slowly' }] },
  { when: '^count$', say: 'one two three four five six seven eight nine ten', pace: { tokenMs: 40 } },
  { when: '^what happened', say: 'It was written.' },
  { when: '^bye', say: 'Goodbye.', call: { name: 'end_call' } },
  { after: '.*', say: 'That is what came of it.' },
];

async function simulator(): Promise<ElectronSimulator> {
  return startElectronSimulator({ replies: REPLIES });
}

const environment = ({ url }: ElectronSimulator) => ({ SMALLEST_BASE_URL: url, SMALLEST_API_KEY: 'sk_test_key_123' });

async function converse(lines: readonly string[], args: readonly string[] = []): Promise<CommandResult> {
  const electron = await simulator();
  try {
    return await parley([...TROUBLE, ...args], { input: `${lines.join('\n')}\n`, env: environment(electron) });
  } finally {
    await electron.close();
  }
}

async function withCommand(
  run: (command: RunningCommand, electron: ElectronSimulator) => Promise<void>,
): Promise<void> {
  const electron = await simulator();
  try {
    await run(start(TROUBLE, { env: environment(electron) }), electron);
  } finally {
    await electron.close();
  }
}

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

const anyNumber = expect.any(Number) as number;

const ofType = <Type extends CallEvent['type']>(events: readonly CallEvent[], type: Type): EventOf<Type>[] =>
  events.filter((event): event is EventOf<Type> => event.type === type);

const wordsOf = (events: readonly CallEvent[], turn: number): string =>
  ofType(events, 'text-delta')
    .filter((event) => event.turn === turn)
    .map(({ delta }) => delta)
    .join('');

test('tools that fail in every way end in events, and the call goes on', { timeout: 30_000 }, async () => {
  const used = [
    'throws_at_once',
    'rejects',
    'hangs',
    'returns_a_circle',
    'returns_a_function',
    'returns_nothing',
    'returns_much',
  ];
  const lines = [
    ...used.map((name) => `use ${name}`),
    'use no_such_tool',
    'use wants_a_number with {"count":"many"}',
    'bye',
  ];
  const { code, stdout, stderr } = await converse(lines);
  const events = eventsOf(stdout);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^parley: `throws_at_once` threw: Error: secret details\n/); // their author's alone

  const ends = ofType(events, 'tool-end');
  expect(ends.map(({ name, ok, failure }) => [name, ok, failure])).toEqual([
    ['throws_at_once', false, 'internal-error'],
    ['rejects', false, 'tool-error'],
    ['hangs', false, 'timeout'],
    ['returns_a_circle', false, 'invalid-result'],
    ['returns_a_function', false, 'invalid-result'],
    ['returns_nothing', true, undefined],
    ['returns_much', true, undefined],
    ['no_such_tool', false, 'unknown-tool'],
    ['wants_a_number', false, 'invalid-arguments'],
    ['end_call', true, undefined],
  ]);
  expect(ends[0]?.error).not.toContain('secret details');
  expect(ends[1]?.error).toBe('There is no such order.');
  expect(ends[2]?.durationMs).toBeGreaterThanOrEqual(190);
  expect(ends[5]?.result).toEqual({ done: true });
  expect(ends[6]?.result).toMatchObject({ truncated: true });
  expect(JSON.stringify(ends[6]?.result).length).toBeLessThan(8_300);
  expect(ends[8]?.error).toContain('count');
  const turns = ofType(events, 'turn-end');
  expect(turns.map(({ outcome }) => outcome)).toEqual(lines.map(() => 'replied'));
  expect(turns[2]?.heard).toBe('One moment. That is what came of it.');
  expect(events.at(-1)).toMatchObject({ type: 'call-end', reason: 'agent-hung-up' });
});

test('every event has its type, its call and its time; turns and steps count from 1, the greeting is turn 0', async () => {
  const { code, stdout } = await converse([
    'use returns_nothing',
    'use says_it_itself',
    '{"type":"say","text":"use wants_a_number with {\\"count\\":3}"}',
  ]);
  const events = eventsOf(stdout);
  expect(code).toBe(0);
  expect(new Set(events.map(({ callId }) => callId)).size).toBe(1);
  const times = events.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.every(Number.isInteger)).toBe(true);
  expect(Object.keys(events[0] ?? {}).slice(0, 3)).toEqual(['type', 'callId', 'atMs']);

  expect(events[0]).toMatchObject({ type: 'call-start', bridge: 'text', agent: 'trouble' });
  const greeting = ofType(events, 'text-delta')[0];
  expect(greeting).toMatchObject({ turn: 0, kind: 'greeting', delta: 'Hello.' });
  expect(greeting).not.toHaveProperty('step');
  expect(ofType(events, 'turn-start').map(({ turn, text }) => [turn, text])).toEqual([
    [1, 'use returns_nothing'],
    [2, 'use says_it_itself'],
    [3, 'use wants_a_number with {"count":3}'],
  ]);
  const steps = ofType(events, 'step-start').map(({ turn, step, attempt }) => [turn, step, attempt]);
  expect(steps).toEqual([
    [1, 1, 1],
    [1, 2, 1],
    [2, 1, 1],
    [3, 1, 1],
    [3, 2, 1],
  ]);

  const step = ofType(events, 'step-end')[0];
  expect(step).toMatchObject({ turn: 1, step: 1, finishReason: 'tool_calls', textKind: 'filler' });
  expect(step?.usage).toEqual({
    promptTokens: anyNumber,
    completionTokens: anyNumber,
    cachedTokens: 0,
  });
  expect(step?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(step?.firstTokenMs).toBeGreaterThanOrEqual(0);

  expect(ofType(events, 'tool-start')[2]).toMatchObject({
    turn: 3,
    step: 1,
    name: 'wants_a_number',
    arguments: { count: 3 },
    effect: 'write',
  });
  expect(ofType(events, 'tool-end')[2]).toMatchObject({
    turn: 3,
    step: 1,
    name: 'wants_a_number',
    ok: true,
    result: { count: 3 },
  });
  expect(
    ofType(events, 'text-delta')
      .filter(({ turn }) => turn === 2)
      .at(-1),
  ).toMatchObject({ kind: 'verbatim', delta: 'Straight from the tool.' });
  const end = ofType(events, 'turn-end')[0];
  expect(end).toMatchObject({ turn: 1, outcome: 'replied', heard: 'One moment. That is what came of it.' });
  expect(end?.latency).toEqual({
    firstWordMs: anyNumber,
    totalMs: anyNumber,
    silence: { endpointingMs: 0, queueMs: anyNumber, modelMs: anyNumber, toolMs: anyNumber, speechMs: 0 },
  });
  const last = events.at(-1);
  expect(last).toMatchObject({ type: 'call-end', reason: 'end-of-input', durationMs: anyNumber });
  expect(last).toHaveProperty('usage.promptTokens');
});

test('an interruption keeps what was shown, and the line right after it is the next turn', () =>
  withCommand(async (command) => {
    command.send('count');
    await command.event('text-delta', ({ delta }) => delta.includes('three'));
    command.send({ type: 'interrupt' });
    command.send('what happened?');
    const interruption = await command.event('interruption');
    expect(interruption.turn).toBe(1);
    expect(interruption.heard).toMatch(/^one two three/);
    expect(interruption.heard).not.toContain('ten');
    expect(interruption.unheard).toBe('');
    const end = await command.event('turn-end', ({ turn }) => turn === 2);
    command.end();
    const { code, stdout } = await command.exited;
    const events = eventsOf(stdout);
    expect(code).toBe(0);
    expect(ofType(events, 'turn-end')[0]).toMatchObject({ turn: 1, outcome: 'interrupted', heard: interruption.heard });
    expect(wordsOf(events, 1)).toBe(interruption.heard);
    expect(end).toMatchObject({ outcome: 'replied', heard: 'It was written.' });
  }));

test('a write that is spoken over goes on, happens once, and its result is told with the next turn', () =>
  withCommand(async (command, electron) => {
    command.send('use both');
    await command.event('tool-start', ({ name }) => name === 'writes_slowly');
    command.send({ type: 'interrupt' });
    const late = await command.event('tool-end', ({ name }) => name === 'writes_slowly');
    expect(late).toMatchObject({ ok: true, isLate: true, turn: 1, result: { written: true } });
    command.send('what happened?');
    await command.event('turn-end', ({ turn }) => turn === 2);
    command.end();
    expect((await command.exited).code).toBe(0);
    const told = JSON.stringify(electron.requests().at(-1)?.body?.messages);
    expect(told).toContain('written');
    expect(ofType(eventsOf(command.stdout), 'tool-start').filter(({ name }) => name === 'writes_slowly')).toHaveLength(
      1,
    );
  }));

test('a late result is told by itself when the caller says nothing', () =>
  withCommand(async (command) => {
    command.send('use writes_slowly');
    await command.event('tool-start');
    command.send({ type: 'interrupt' });
    const turn = await command.event('turn-start', (event) => event.turn === 2);
    expect(turn.text).toBe('');
    expect(await command.event('turn-end', (event) => event.turn === 2)).toMatchObject({ outcome: 'replied' });
    command.end();
    expect((await command.exited).code).toBe(0);
  }));

test('a line that comes while a turn runs waits for it; a hang-up does not, and a write still ends and is told of', () =>
  withCommand(async (command) => {
    command.send('use returns_nothing');
    command.send('use writes_slowly');
    command.send('never said');
    await command.event('tool-start', ({ name }) => name === 'writes_slowly');
    command.send({ type: 'hang-up' });
    const { code, stdout } = await command.exited;
    const events = eventsOf(stdout);
    expect(code).toBe(0);
    expect(ofType(events, 'turn-start').map(({ text }) => text)).toEqual(['use returns_nothing', 'use writes_slowly']);
    expect(ofType(events, 'turn-end')[0]).toMatchObject({ turn: 1, outcome: 'replied' });
    expect(ofType(events, 'tool-end').at(-1)).toMatchObject({ name: 'writes_slowly', ok: true, isLate: true });
    expect(events.at(-1)).toMatchObject({ type: 'call-end', reason: 'caller-hung-up' });
  }));

test('input of every kind is read: blank lines, CRLF, Hindi, line separators within JSON, no end of line at the end', async () => {
  const lines = [
    '\uFEFFनमस्ते, आप कैसे हैं?\r',
    '',
    '   ',
    '{"type":"say","text":"one\u2028two"}',
    '{not json',
    '{"type":"sing"}',
    'last line',
  ];
  const electron = await simulator();
  const { code, stdout, stderr } = await parley(TROUBLE, { input: lines.join('\n'), env: environment(electron) });
  await electron.close();
  expect(code).toBe(0);
  expect(ofType(eventsOf(stdout), 'turn-start').map(({ text }) => text)).toEqual([
    'नमस्ते, आप कैसे हैं?',
    'one\u2028two',
    '{not json',
    'last line',
  ]);
  expect(stderr).toContain('got {"type":"sing"}');
});

test('a line too long for the model is read as far as anybody would say it, and answered', async () => {
  const { code, stdout } = await converse([`read this: ${'word '.repeat(60_000)}`, 'what happened?']);
  const events = eventsOf(stdout);
  expect(code).toBe(0);
  expect(ofType(events, 'turn-start')[0]?.text.length).toBeLessThanOrEqual(LONGEST_SPEECH);
  expect(ofType(events, 'error')).toEqual([]);
  expect(ofType(events, 'turn-end').map(({ outcome }) => outcome)).toEqual(['replied', 'replied']);
});

test('logs go to standard error, with the key and the words left out', async () => {
  const { code, stdout, stderr } = await converse(
    ['use writes_slowly'],
    ['--log-level', 'info', '--from', '+15550100'],
  );
  expect(code).toBe(0);
  expect(() => eventsOf(stdout)).not.toThrow();
  expect(eventsOf(stdout)[0]).toMatchObject({ from: '+15550100' });
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['call started', 'turn ended', 'call ended']));
  expect(lines.every(({ callId }) => callId !== undefined)).toBe(true);
  expect(stderr).not.toMatch(/sk_test|use writes_slowly|15550100|came of it/); // the tool's name is there
  expect(lines.find(({ msg }) => msg === 'turn ended')).toMatchObject({ tools: [{ name: 'writes_slowly', ok: true }] });
});

test('SIGINT hangs up: the call ends with its event', () =>
  withCommand(async (command) => {
    await command.event('call-start');
    command.send('count');
    await command.event('text-delta', ({ turn }) => turn === 1);
    command.child.kill('SIGINT');
    const { code, stdout } = await command.exited;
    expect(code).toBe(0);
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'call-end', reason: 'stopped' });
  }));

test('a reader that goes away ends the call quietly', () =>
  withCommand(async (command) => {
    await command.event('call-start');
    command.child.stdout.destroy();
    command.send('count');
    const { code, stderr } = await command.exited;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }));
