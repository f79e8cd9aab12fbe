/** `parley chat`: the caller types, the agent answers; for people on a terminal, for programs as JSON lines. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { loadAgent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { vendorsWith } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { chatInJson } from './chat-json.ts';
import type { StartCall } from './start-call.ts';
import { chatOnTerminal } from './chat-terminal.ts';
import { connect, type ConnectOptions } from './connect.ts';
import { fileError, paint, print, say } from './report.ts';

export interface ChatOptions extends ConnectOptions {
  agent: string;
  json?: boolean;
  record?: string;
  from?: string;
}

/** @throws {VoiceError} when the model was never reached: then nothing of the conversation worked. */
export async function chat(options: ChatOptions, clock: Clock): Promise<void> {
  const agent = await loadAgent(options.agent);
  const recording = options.record === undefined ? undefined : await openRecording(options.record);
  const connection = await connect(options, clock);
  const { from } = options;
  const caller = from === undefined ? undefined : { carrierCallId: '', from, to: undefined, parameters: {} };
  let reach = (): VoiceError | undefined => undefined;
  const start: StartCall = (listen) =>
    connection.parley.startCall(agent, {
      caller,
      record: recording?.write,
      listen: (call) => {
        reach = watchReach(call);
        listen(call);
      },
    });
  try {
    if (options.json) await chatInJson(start);
    else {
      const { model } = agent.vendors;
      const label = vendorsWith().models[model]?.label ?? model;
      print(paint.dim(`${agent.name}, ${connection.isSimulated ? `simulated ${label}` : label}.\n`));
      await chatOnTerminal(start, clock);
    }
  } finally {
    await connection.close();
    await recording?.close();
  }
  const failure = reach();
  if (failure) throw failure;
}

const OUT_OF_REACH = new Set(['unauthorized', 'connect-failed', 'connect-timeout']);

/** Returns what tells, after the call, why nothing was ever answered; undefined when something was, or nothing was asked. */
function watchReach(call: Call): () => VoiceError | undefined {
  let failure: VoiceError | undefined;
  let wasAnswered = false;
  call.on('step-end', ({ finishReason }) => (wasAnswered ||= finishReason !== 'failed'));
  call.on('error', ({ code, message }) => {
    const hint = code === 'unauthorized' ? ' (the key is SMALLEST_API_KEY)' : '';
    if (OUT_OF_REACH.has(code)) failure = new VoiceError('connect-failed', `${message}${hint}`);
  });
  return () => (wasAnswered ? undefined : failure);
}

/** @throws {VoiceError} `file-unreadable` when it cannot be opened. What fails later is said once, and fails the command. */
async function openRecording(file: string) {
  const stream = createWriteStream(file);
  await once(stream, 'open').catch((error: unknown) => {
    throw fileError('write', file, error);
  });
  let isBroken = false;
  stream.on('error', (error) => {
    if (isBroken) return;
    isBroken = true;
    process.exitCode = 1;
    say(`parley: ${fileError('write', file, error).message}; the recording is not complete.`);
  });
  return {
    write: (line: string) => void (isBroken || stream.write(line)),
    close: () => (isBroken ? undefined : new Promise<void>((resolve) => stream.once('close', resolve).end())),
  };
}
