/** What people see: words wrapped at the edge, whatever the script; lines read whole; the conversation as it happens. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { EventBody } from '../../src/call/events.ts';
import { readChatLine } from '../../src/cli/chat-json.ts';
import { ChatView } from '../../src/cli/chat-view.ts';
import { readLines } from '../../src/cli/lines.ts';
import { fitText, textWidth, WordWrap, wrapText } from '../../src/cli/text-width.ts';

const TEXT = 'I have nine thirty and eleven on Tuesday, and there is more later in the day.';

test('words that stream in break before the edge, the same however they were cut', () => {
  const wrapped = (pieces: string[]): string => {
    const wrap = new WordWrap({ columns: 30, indent: '    ' });
    return pieces.map((piece) => wrap.add(piece)).join('') + wrap.flush();
  };
  const whole = wrapped([TEXT]);
  expect(whole.split('\n').every((line, index) => textWidth(line) + (index === 0 ? 4 : 0) <= 30)).toBe(true);
  expect(whole.replace(/\n {4}/g, ' ')).toBe(TEXT);
  for (let at = 1; at < TEXT.length; at++) expect(wrapped([TEXT.slice(0, at), TEXT.slice(at)])).toBe(whole);
  expect(wrapped([...TEXT])).toBe(whole);
});

test('without an edge every piece is shown at once', () => {
  const wrap = new WordWrap({ columns: undefined, indent: '  ' });
  expect(wrap.add('half a wo')).toBe('half a wo');
  expect(wrap.add('rd\nnext')).toBe('rd\n  next');
  expect(wrap.flush()).toBe('');
});

test('a word longer than the line stands on its own, and a line break is kept', () => {
  const wrap = new WordWrap({ columns: 10, indent: '' });
  expect(wrap.add('ab abcdefghijklmno c\nd') + wrap.flush()).toBe('ab\nabcdefghijklmno\nc\nd');
});

test.each([
  ['plain', 5],
  ['नमस्ते', 4], // the joiner and the vowel sign stand on letters
  ['日本', 4],
  ['é', 1],
  ['👍', 2],
])('%s takes %i columns', (text, columns) => expect(textWidth(text.normalize('NFD'))).toBe(columns));

test('80 columns: lines are broken between their words, whatever colours them, and what goes on is set in', () => {
  const lines = wrapText(`  error   \u001b[31mone\u001b[39m two three\nnext ${TEXT}`, 20).split('\n');
  expect(lines.slice(0, 3)).toEqual(['  error   \u001b[31mone\u001b[39m two', '    three', 'next I have nine']);
  expect(lines.every((line) => textWidth(line) <= 20)).toBe(true);
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain(TEXT);
  expect(wrapText('as it is, without an edge', undefined)).toBe('as it is, without an edge');
});

test('what does not fit ends in dots, and no word is cut that need not be', () => {
  expect(fitText('short', 10)).toBe('short');
  expect(fitText('a bit too long', 10)).toBe('a bit ...');
  expect(fitText('{"free":["09:30","11:00"]}', 16)).toBe('{"free":["09:...');
  expect(fitText('internationalisation', 10)).toBe('interna...');
  expect(fitText(`one ${'x'.repeat(50)}`, 10)).toBe('one xxx...');
  expect(fitText('日本日本日本', 9)).toBe('日本日...');
  expect(fitText('two\nlines', 20)).toBe('two lines');
});

test('lines are read whole, wherever their bytes are cut', async () => {
  const bytes = Buffer.from('\uFEFFनमस्ते\r\n\n{"a":"x\u2028y"}\nlast');
  for (let at = 0; at <= bytes.length; at++) {
    const input = new PassThrough();
    const lines: string[] = [];
    const read = readLines(input, (line) => lines.push(line));
    input.write(bytes.subarray(0, at));
    input.end(bytes.subarray(at));
    await read;
    expect(lines).toEqual(['नमस्ते', '', '{"a":"x\u2028y"}', 'last']);
  }
});

test('a long line costs no more for coming in pieces', async () => {
  const input = new PassThrough();
  let length = 0;
  const read = readLines(input, (line) => (length = line.length));
  for (let piece = 0; piece < 2_000; piece++) input.write('x'.repeat(1_000));
  input.end('\n');
  await read;
  expect(length).toBe(2_000_000);
});

test('input that fails or is closed has ended', async () => {
  for (const end of [
    (input: PassThrough) => input.destroy(),
    (input: PassThrough) => input.destroy(new Error('gone')),
  ]) {
    const input = new PassThrough();
    const read = readLines(input, () => {});
    end(input);
    await read;
  }
});

test.each<[string, object | undefined]>([
  ['hello', { type: 'say', text: 'hello' }],
  ['  ', undefined],
  ['{"type":"say","text":"hi"}', { type: 'say', text: 'hi' }],
  ['{"type":"interrupt"}', { type: 'interrupt' }],
  [' {"type":"hang-up"} ', { type: 'hang-up' }],
  ['{curly}', { type: 'say', text: '{curly}' }],
  ['[1]', { type: 'say', text: '[1]' }],
])('the line %j is %j', (line, expected) => expect(readChatLine(line)).toEqual(expected));

test.each(['{"type":"say"}', '{"type":"say","text":5}', '{"type":"shout","text":"hi"}', '{}'])(
  'the line %s is refused',
  (line) => expect(() => readChatLine(line)).toThrow(/expected \{"type":"say","text":"..."\}.*got \{/),
);

const usage = { promptTokens: 400, completionTokens: 20, cachedTokens: 256 };
const silence = { endpointingMs: 0, queueMs: 0, modelMs: 0, toolMs: 0, speechMs: 0 };
const STORY: [atMs: number, event: EventBody][] = [
  [0, { type: 'call-start', version: 1, bridge: 'text', from: undefined, to: undefined, agent: 'clinic' }],
  [0, { type: 'text-delta', turn: 0, step: undefined, kind: 'greeting', delta: 'Hello.' }],
  [1_000, { type: 'turn-start', turn: 1, text: 'Anything tomorrow?' }],
  [1_300, { type: 'text-delta', turn: 1, step: 1, kind: 'answer', delta: 'Let me' }],
  [1_310, { type: 'text-delta', turn: 1, step: 1, kind: 'answer', delta: ' look.' }],
  [
    1_350,
    { type: 'tool-start', turn: 1, step: 1, id: 'a', name: 'find', arguments: { day: 'tomorrow' }, effect: 'read' },
  ],
  [
    1_400,
    {
      type: 'step-end',
      turn: 1,
      step: 1,
      finishReason: 'tool_calls',
      textKind: 'filler',
      usage,
      requestId: 'r',
      firstTokenMs: 300,
      queueMs: 0,
      attempts: 1,
    },
  ],
  [
    1_500,
    {
      type: 'tool-end',
      turn: 1,
      step: 1,
      id: 'a',
      name: 'find',
      ok: true,
      result: { free: ['x'.repeat(80)] },
      durationMs: 150,
    },
  ],
  [
    1_800,
    { type: 'text-delta', turn: 1, step: 2, kind: 'answer', delta: 'I have nine thirty, ten and eleven tomorrow' },
  ],
  [
    1_900,
    { type: 'interruption', turn: 1, heard: 'Let me look. I have nine thirty, ten and eleven tomorrow', unheard: '' },
  ],
  [
    1_900,
    {
      type: 'turn-end',
      turn: 1,
      outcome: 'interrupted',
      heard: '',
      latency: { firstWordMs: 300, totalMs: 900, silence },
    },
  ],
  [2_000, { type: 'error', turn: 1, code: 'stream-cut', message: 'electron: it broke', requestId: 'r-1' }],
  [3_000, { type: 'call-end', reason: 'caller-hung-up', durationMs: 3_000, usage }],
];

test('80 columns: words are not cut, times are of one kind: a conversation as it happens, with the times since the turn', () => {
  let shown = '';
  const view = new ChatView(
    (text) => (shown += text),
    () => 60,
  );
  for (const [atMs, event] of STORY) view.show({ callId: 'c', atMs, ...event });
  expect(shown.split('\n')).toEqual([
    ' 0.00  agent   Hello.',
    ' 0.00  caller  Anything tomorrow?',
    ' 0.30  agent   Let me look.',
    ' 0.35    > find {"day":"tomorrow"}',
    ' 0.50    < find, 0.15 s {"free":["xxxxxxxxxxxxxxxxxxxxxxx...',
    ' 0.80  agent   I have nine thirty, ten and eleven tomorrow -',
    ' 0.90  cut in',
    '               interrupted, first word 0.30 s, 0.90 s in',
    '               all, 1 request, 420 tokens (256 cached)',
    '',
    ' 1.00  error   stream-cut: electron: it broke (request r-1)',
    ' 3.00  end     caller-hung-up, 3.00 s, 400 tokens in (256',
    '               cached), 20 out',
    '',
  ]);
});

test('what was spoken has how long the caller waited, and for what', () => {
  let shown = '';
  const view = new ChatView((text) => (shown += text));
  const spent = { ...silence, endpointingMs: 500, modelMs: 256, speechMs: 240 };
  const latency = { firstWordMs: 497, totalMs: 6_040, silence: spent };
  view.show({ type: 'turn-end', callId: 'c', atMs: 0, turn: 1, outcome: 'interrupted', heard: '', latency });
  expect(shown.split('\n')).toEqual([
    "               first word 1.00 s after the caller's last; silence: endpointing 0.50 s, model 0.26 s, speech 0.24 s",
    '               interrupted, 6.04 s in all, 0 requests',
    '',
    '',
  ]);
});

test('what the caller has typed on the screen is not shown again; what waited is', () => {
  let shown = '';
  const view = new ChatView((text) => (shown += text));
  view.wasTyped('typed');
  view.show({ type: 'turn-start', callId: 'c', atMs: 0, turn: 1, text: 'typed' });
  expect(shown).toBe('');
  view.show({ type: 'turn-start', callId: 'c', atMs: 0, turn: 2, text: 'waited' });
  expect(shown).toBe(' 0.00  caller  waited\n');
});
