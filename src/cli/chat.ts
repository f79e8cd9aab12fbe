/** `parley chat`: the caller types, the agent answers; for people on a terminal, for programs as JSON lines. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import pc from 'picocolors';
import { loadAgent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { Parley } from '../call/parley.ts';
import type { Agent } from '../call/agent.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { ChatView } from './chat-view.ts';
import { connect, type ConnectOptions } from './connect.ts';
import { print, say } from './report.ts';

export interface ChatOptions extends ConnectOptions {
  agent: string;
  json?: boolean;
  record?: string;
  from?: string;
}

export async function chat(options: ChatOptions): Promise<void> {
  const agent = await loadAgent(options.agent);
  const recording = options.record === undefined ? undefined : await openRecording(options.record);
  const connection = await connect(options);
  try {
    const start = (listen: (call: Call) => void) =>
      startCall(connection.parley, agent, options, recording?.write, listen);
    if (options.json) await chatInJson(start);
    else await chatOnTerminal(start, agent.name, connection.isSimulated);
  } finally {
    await connection.close();
    await recording?.close();
  }
}

type Start = (listen: (call: Call) => void) => Call;

function startCall(
  parley: Parley,
  agent: Agent,
  { from }: ChatOptions,
  record: ((line: string) => void) | undefined,
  listen: (call: Call) => void,
): Call {
  const caller = from === undefined ? undefined : { bridgeCallId: 'chat', from, to: undefined, parameters: {} };
  return parley.startCall(agent, { caller, record, listen });
}

// ---- JSON lines -----------------------------------------------------------------------------------------------------

/** One line of standard input: what the caller says, or does. */
type ChatLine = { type: 'say'; text: string } | { type: 'interrupt' } | { type: 'hang-up' };

/** @throws {VoiceError} `frame-invalid` for a JSON object that is none of the three. */
export function readChatLine(line: string): ChatLine | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  if (!isRecord(value)) return { type: 'say', text };
  if (value['type'] === 'say' && typeof value['text'] === 'string') return { type: 'say', text: value['text'] };
  if (value['type'] === 'interrupt' || value['type'] === 'hang-up') return { type: value['type'] };
  throw new VoiceError(
    'frame-invalid',
    `expected {"type":"say","text":"..."}, {"type":"interrupt"} or {"type":"hang-up"}, got ${text.slice(0, 200)}`,
  );
}

async function chatInJson(start: Start): Promise<void> {
  const call = start((started) => started.on('event', (event) => print(JSON.stringify(event))));
  process.once('SIGINT', () => call.hangUp('interrupted-by-signal'));
  process.stdout.once('error', () => call.hangUp('output-closed'));
  const input = createInterface({ input: process.stdin });
  void call.ended.finally(() => input.close());
  const turns: Promise<unknown>[] = [];
  for await (const line of input) {
    try {
      const read = readChatLine(line);
      if (read?.type === 'say') turns.push(call.say(read.text));
      if (read?.type === 'interrupt') call.interrupt();
      if (read?.type === 'hang-up') call.hangUp();
    } catch (error) {
      say(`parley: ${messageOf(error)}`); // the caller's other lines still count
    }
  }
  await Promise.all(turns);
  call.hangUp('end-of-input');
  await call.ended;
  process.stdin.destroy();
}

// ---- a person on a terminal -----------------------------------------------------------------------------------------

async function chatOnTerminal(start: Start, agentName: string, isSimulated: boolean): Promise<void> {
  print(pc.dim(`${agentName}, ${isSimulated ? 'simulated Electron' : 'Electron'}. Ctrl-C cuts in, again hangs up.\n`));
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: pc.cyan('   you  > ') });
  const isTerminal = process.stdin.isTTY;
  let isPrompted = false;
  let isSpeaking = false;
  const hidePrompt = () => {
    if (isPrompted && isTerminal) process.stdout.write('\r\u001b[2K');
    isPrompted = false;
  };
  const showPrompt = () => {
    if (isTerminal) lines.prompt(true);
    isPrompted = true;
  };
  const view = new ChatView((text) => {
    hidePrompt();
    process.stdout.write(text);
  });
  const call = start((started) =>
    started.on('event', (event) => {
      if (event.type === 'turn-start') isSpeaking = true;
      if (event.type === 'turn-end') isSpeaking = false;
      view.show(event);
      const isRest = event.type === 'turn-end' || (event.type === 'text-delta' && !isSpeaking);
      if (!isRest) return;
      view.breakLine();
      showPrompt();
    }),
  );
  const cutIn = () => (isSpeaking ? call.interrupt() : call.hangUp());
  lines.on('SIGINT', cutIn);
  process.on('SIGINT', cutIn);
  void call.ended.finally(() => lines.close());
  if (!isPrompted) showPrompt();
  const turns: Promise<unknown>[] = [];
  for await (const line of lines) {
    // The view shows what is typed, in its place; the terminal's own copy of it goes.
    if (isTerminal) process.stdout.write('\u001b[1A\r\u001b[2K');
    isPrompted = false;
    if (line.trim() === '') showPrompt();
    else turns.push(call.say(line));
  }
  await Promise.all(turns);
  call.hangUp();
  await call.ended;
  process.removeListener('SIGINT', cutIn);
  process.stdin.destroy();
}

// ---- the recording --------------------------------------------------------------------------------------------------

async function openRecording(file: string) {
  const stream = createWriteStream(file);
  await once(stream, 'open').catch((error: unknown) => {
    throw new VoiceError('file-unreadable', `cannot write ${file}: ${messageOf(error)}`);
  });
  return {
    write: (line: string) => void stream.write(line),
    close: () => new Promise<void>((resolve) => stream.end(resolve)),
  };
}
