/** `parley chat`: the caller types, the agent answers; for people on a terminal, for programs as JSON lines. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { loadAgent, type Agent } from '../call/agent.ts';
import { isOwnFirst } from '../call/vendor-list.ts';
import { vendorsWith } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import type { VoiceError } from '../lib/errors.ts';
import { plainLine } from '../lib/plain.ts';
import type { PersonDeed } from '../testing/people/manner.ts';
import { PlayedPeople, textWith } from '../testing/people/played-people.ts';
import { meterCost, readPrices, type Cost } from '../watch/cost.ts';
import { watchAnswers } from './answered.ts';
import { guardChat } from './chat-faults.ts';
import { chatInJson } from './chat-json.ts';
import type { StartCall } from './start-call.ts';
import { chatOnTerminal } from './chat-terminal.ts';
import { connect, type Connection, type ConnectOptions } from './connect.ts';
import { fileError } from '../lib/file-error.ts';
import { paint, print, say } from './report.ts';
import { tellCost } from './units.ts';

export interface ChatOptions extends ConnectOptions {
  agent: string;
  json?: boolean;
  record?: string;
  from?: string;
  /** A file. */
  prices?: string;
  /** What they do whom the agent rings for the caller. Default: they accept. */
  person?: PersonDeed;
  /** A caller who types nothing for long is hung up on, as in a call. Default: the chat waits for them. */
  away?: boolean;
}

/** @throws {VoiceError} when no turn was answered: then nothing of the conversation worked. */
export async function chat(options: ChatOptions, clock: Clock): Promise<void> {
  const loaded = await loadAgent(options.agent);
  const agent = options.away ? loaded : patient(loaded);
  const recording = options.record === undefined ? undefined : await openRecording(options.record);
  const prices = options.prices === undefined ? undefined : readPrices(options.prices);
  const connection = await connect(
    { ...options, isOwnModel: isOwnFirst(agent.vendors.model, agent.own.models) },
    clock,
  );
  const { from } = options;
  const caller = from === undefined ? undefined : { carrierCallId: '', from, to: undefined, parameters: {} };
  const { person = 'accepts' } = options;
  const people = new PlayedPeople({ at: () => person, clock, newCallId: () => connection.parley.newCallId() });
  let costOf: (() => Cost) | undefined;
  let failureOf = (): VoiceError | undefined => undefined;
  const start: StartCall = (listen) =>
    connection.parley.startCall(agent, {
      caller,
      medium: textWith(people.ring),
      record: recording?.write,
      listen: (call) => {
        failureOf = watchAnswers(call);
        costOf = prices && meterCost(call, prices);
        listen(call);
      },
    });
  const stopGuard = guardChat(connection.secrets);
  try {
    if (options.json) await chatInJson(start, () => costOf?.());
    else {
      print(paint.dim(`${plainLine(agent.name)}, ${modelOf(agent, connection)}.\n`));
      await chatOnTerminal(start, { clock, person });
      const cost = costOf?.();
      if (cost) print(paint.dim(`${' '.repeat(15)}${tellCost(cost)}`));
    }
  } finally {
    stopGuard();
    await connection.close();
    await agent.close();
    await recording?.close();
  }
  const failure = failureOf();
  if (failure) throw failure;
}

/** Whoever tries an agent thinks, looks things up, answers the door: it may ask whether they are there, and waits. */
function patient(agent: Agent): Agent {
  const { machine } = agent;
  return { ...agent, machine: { ...machine, turn: { ...machine.turn, awayEnds: false } } };
}

/** Who answers, and where: `simulated Electron`, `Electron at https://...`. */
function modelOf({ vendors: { model }, own }: Agent, { server, isOwn }: Connection): string {
  const label = vendorsWith(own).models[model]?.label ?? model;
  if (isOwn) return label;
  return server === undefined ? `simulated ${label}` : `${label} at ${plainLine(server)}`;
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
