/** Ways to ask the simulator: over a raw socket, to see every byte, and as whole conversations with real tools. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import { readConversation } from '../../../src/simulate/electron/brain/conversation.ts';
import { think } from '../../../src/simulate/electron/brain/think.ts';
import { startElectronSimulator, type ElectronSimulator } from '../../../src/simulate/electron/server.ts';
import type { ElectronOptionsInput } from '../../../src/simulate/electron/options.ts';
import { readRequest, type ChatRequest } from '../../../src/simulate/electron/request.ts';

export const KEY = 'sk_test';

/** Closed when the test is over. */
export async function simulator(options: ElectronOptionsInput = {}, clock?: Clock): Promise<ElectronSimulator> {
  const started = await startElectronSimulator(options, clock);
  onTestFinished(() => started.close());
  return started;
}

export interface ToolForTest {
  name: string;
  description: string;
  parameters: object;
  run: (input: Record<string, unknown>) => unknown;
}

export function toolsOf(tools: readonly ToolForTest[]): Record<string, unknown>[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, description, parameters },
  }));
}

export const WEATHER: ToolForTest = {
  name: 'weather',
  description: 'The weather in a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  run: ({ city }) => ({ city, forecast: 'sunny', high: 31 }),
};

/** A request that any test may bend. */
export function ask(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'electron', messages: [{ role: 'user', content: text }], ...more };
}

export function askStream(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return ask(text, { stream: true, stream_options: { include_usage: true }, ...more });
}

/** A filler, then a call: words and fragments both. */
export function askWeather(
  text = 'What is the weather in Pune?',
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const messages = [
    { role: 'system', content: 'Say a short phrase before you use a tool.' },
    { role: 'user', content: text },
  ];
  return { ...askStream(text), messages, tools: toolsOf([WEATHER]), ...more };
}

export interface RawAnswer {
  status: number | undefined;
  headers: Record<string, string>;
  /** With the chunk framing taken off. */
  bytes: Buffer;
  body: string;
  /** The body was ended as HTTP ends it, or the connection broke: a reset may look like a close to a busy reader. */
  ended: 'end' | 'broken';
}

export interface RawExchange {
  socket: Socket;
  /** Settles when the body or the connection has ended. */
  answer: Promise<RawAnswer>;
  /** Settles when the body holds this text. */
  has(text: string): Promise<string>;
  /** All bytes so far, headers included. */
  received(): string;
}

/** Sends one request over its own socket. */
export function raw(
  { host, port }: { host: string; port: number },
  body: unknown,
  headers: Record<string, string> = {},
): RawExchange {
  const socket = connect(port, host);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = {
    Host: 'localhost',
    Authorization: `Bearer ${KEY}`,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(text)),
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /waves/v1/chat/completions HTTP/1.1\r\n${head.join('')}\r\n${text}`);
  let received = Buffer.alloc(0);
  const watchers = new Set<() => void>();
  const waitFor = <T>(read: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const look = (): void => {
        const value = read();
        if (value === undefined) return;
        watchers.delete(look);
        resolve(value);
      };
      watchers.add(look);
      look();
    });
  let isBroken = false;
  const tell = (): void => [...watchers].forEach((look) => look());
  socket.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    tell();
  });
  socket.on('error', () => {}); // `close` follows
  socket.on('close', () => {
    isBroken = true;
    tell();
  });
  onTestFinished(() => {
    socket.destroy();
  });
  const answer = waitFor((): RawAnswer | undefined => {
    const read = readHttp(received);
    const [bytes, headers] = [read?.bytes ?? Buffer.alloc(0), read?.headers ?? {}];
    if (!read?.isComplete && !isBroken) return undefined;
    return { status: read?.status, headers, bytes, body: bytes.toString(), ended: read?.isComplete ? 'end' : 'broken' };
  });
  return {
    socket,
    answer,
    has: (wanted) => waitFor(() => (received.toString().includes(wanted) ? received.toString() : undefined)),
    received: () => received.toString(),
  };
}

function readHttp(
  bytes: Buffer,
): { status: number; headers: Record<string, string>; bytes: Buffer; isComplete: boolean } | undefined {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, split).toString().split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = bytes.subarray(split + 4);
  const facts = { status: Number(first.split(' ')[1]), headers };
  const length = headers['content-length'];
  if (length !== undefined) return { ...facts, bytes: rest, isComplete: rest.length >= Number(length) };
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at);
    const size = end < 0 ? NaN : parseInt(rest.subarray(at, end).toString(), 16);
    const isWhole = !Number.isNaN(size) && rest.length >= end + 2 + size + 2;
    if (isWhole && size > 0) parts.push(rest.subarray(end + 2, end + 2 + size));
    if (!isWhole || size === 0) return { ...facts, bytes: Buffer.concat(parts), isComplete: isWhole };
    at = end + 2 + size + 2;
  }
}

export interface Chunk {
  id?: string;
  choices: {
    index: number;
    delta?: { role?: string; content?: string | null; tool_calls?: Fragment[] };
    finish_reason?: string | null;
    logprobs?: { content: { token: string; logprob: number }[] };
  }[];
  usage?: Usage | null;
  error?: { message: string; type: string; request_id: string };
}

interface Fragment {
  index?: number;
  id?: string;
  type?: string;
  function: { name?: string; arguments: string };
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
}

/** Payloads of the data lines, parsed, `[DONE]` left out. */
export function chunksOf(body: string): Chunk[] {
  return payloadsOf(body)
    .filter((payload) => payload !== '[DONE]')
    .map((payload) => JSON.parse(payload) as Chunk);
}

export function payloadsOf(body: string): string[] {
  return body
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim());
}

export interface ReadAnswer {
  text: string;
  calls: { name: string | undefined; arguments: string }[];
  finishReason: string | undefined;
  usage: Usage | undefined;
}

/** What a careful client makes of a stream. */
export function readAnswer(body: string): ReadAnswer {
  const answer: ReadAnswer = { text: '', calls: [], finishReason: undefined, usage: undefined };
  const byIndex = new Map<number, ReadAnswer['calls'][number]>();
  for (const { choices, usage } of chunksOf(body)) {
    const [choice] = choices;
    answer.usage = usage ?? answer.usage;
    answer.finishReason = choice?.finish_reason ?? answer.finishReason;
    answer.text += choice?.delta?.content ?? '';
    for (const { index, function: part } of choice?.delta?.tool_calls ?? []) {
      const at = index ?? (part.name === undefined ? answer.calls.length - 1 : answer.calls.length);
      const call = byIndex.get(at) ?? { name: part.name, arguments: '' };
      if (!byIndex.has(at)) answer.calls.push(call);
      byIndex.set(at, call);
      call.arguments += part.arguments;
    }
  }
  return answer;
}

/** The one `usage` of a stream. */
export function usageOf(body: string): Usage {
  const { usage } = readAnswer(body);
  if (!usage) throw new Error('Expected a usage chunk, got none');
  return usage;
}

/** One thing that happened in a conversation: what was said, or a call as `name {"json":1}`. */
export type Said = string;

/** Carries on a whole conversation with the brain alone; what it said and called, per line of the caller. */
export function converse(
  {
    instructions,
    tools,
    today = '2026-08-21',
  }: { instructions: string; tools: readonly ToolForTest[]; today?: string },
  lines: readonly string[],
): Said[][] {
  const messages: Record<string, unknown>[] = [{ role: 'system', content: instructions }];
  let made = 0;
  return lines.map((line) => {
    messages.push({ role: 'user', content: line });
    const said: Said[] = [];
    for (let step = 0; step < 6; step++) {
      const reply = think(readConversation(checked({ messages, tools })), { today });
      if (reply.text !== '') said.push(reply.text);
      const calls = reply.calls.map((call) => ({ id: `call_${made++}`, type: 'function', function: call }));
      messages.push({ role: 'assistant', content: reply.text || null, ...(calls.length > 0 && { tool_calls: calls }) });
      if (calls.length === 0) return said;
      for (const { id, function: called } of calls) {
        said.push(`${called.name} ${called.arguments}`);
        const tool = tools.find(({ name }) => name === called.name);
        const result = tool?.run(JSON.parse(called.arguments) as Record<string, unknown>);
        messages.push({ role: 'tool', tool_call_id: id, content: JSON.stringify(result ?? null) });
      }
    }
    throw new Error(`The brain does not come to an end: ${said.join(' | ')}`);
  });
}

/** Every request of a conversation is one that the service would take. */
function checked({ messages, tools }: { messages: unknown[]; tools: readonly ToolForTest[] }): ChatRequest {
  const body = { model: 'electron', messages, ...(tools.length > 0 && { tools: toolsOf(tools) }) };
  const read = readRequest(JSON.stringify(body));
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.request;
}
