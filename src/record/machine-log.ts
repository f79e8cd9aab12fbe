/**
 * A call as JSON lines: first what its machine was built from, then every event with its time and the effects that it
 * had. The machine is deterministic, so `replay` must find the same effects, byte for byte.
 *
 *   {"parley":3,"callId":"...","carrierCallId":"...","machine":{...}}
 *   {"atMs":412.5,"event":{"type":"text-delta",...},"effects":[...]}
 *   {"atMs":977.1,"event":{"type":"tool-settled",...},"broke":"Expected a call to have one result"}
 *
 * The last of these stands, if at all, at the end: the machine broke a promise of its own, and so ended the call.
 * A request's messages are written as how many of the request before are kept, and what is new: a long call stays small.
 */
import { z } from 'zod';
import type { CallIds } from '../lib/call-id.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Message } from '../model/contract.ts';
import type { MachineKeeper } from '../call/observer.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';
import { TurnMachine } from '../turn/machine.ts';
import { MachineOptions } from '../turn/options.ts';

/** Changes with the machine's events, effects and options: a log is replayed by the Parley that understands it. */
const FORMAT = 3;

/** Turns what a machine is told and answers into lines, each with its end of line. */
export class MachineLog implements MachineKeeper {
  readonly #write: (line: string) => void;
  readonly #requests = new RequestLines();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  begin({ callId, carrierCallId }: CallIds, machine: MachineOptions): void {
    this.#write(`${JSON.stringify({ parley: FORMAT, callId, carrierCallId, machine })}\n`);
  }

  add(event: TurnEvent, atMs: number, effects: readonly TurnEffect[]): void {
    this.#write(`{"atMs":${atMs},"event":${JSON.stringify(event)},"effects":${this.#requests.effectsJson(effects)}}\n`);
  }

  addBreak(event: TurnEvent, atMs: number, message: string): void {
    this.#write(`{"atMs":${atMs},"event":${JSON.stringify(event)},${breakJson(message)}}\n`);
  }
}

const breakJson = (message: string) => `"broke":${JSON.stringify(message)}`;

/** Knows the last request, so that the next is written as what it adds. */
class RequestLines {
  #last: readonly Message[] = [];

  effectsJson(effects: readonly TurnEffect[]): string {
    return JSON.stringify(effects.map((effect) => (effect.type === 'request-step' ? this.#shorten(effect) : effect)));
  }

  #shorten(effect: Extract<TurnEffect, { type: 'request-step' }>): object {
    const { messages, ...rest } = effect;
    const last = this.#last;
    let kept = 0;
    while (kept < last.length && last[kept] === messages[kept]) kept++;
    this.#last = messages;
    return { ...rest, messagesKept: kept, messagesAdded: messages.slice(kept) };
  }
}

const Header = z.object({
  parley: z.literal(FORMAT),
  callId: z.string(),
  carrierCallId: z.string().optional(),
  machine: MachineOptions,
});
const Told = z.object({ atMs: z.number(), event: z.looseObject({ type: z.string() }) });
const Line = z.union([Told.extend({ effects: z.array(z.unknown()) }), Told.extend({ broke: z.string() })]);

/** What came of a recorded call that was played again. */
export interface ReplayResult {
  callId: string;
  /** Undefined where there was no carrier. */
  carrierCallId: string | undefined;
  /** Events that were replayed. */
  events: number;
  /** Effects that they had. */
  effects: number;
  /** The length of the call, in milliseconds. */
  durationMs: number;
  /** Where the effects first differ; undefined when they are the same, byte for byte. */
  difference: { line: number; atMs: number; expected: string; got: string } | undefined;
  /** Where the machine broke a promise of its own, when it was recorded and now again; else undefined. */
  broke: { line: number; atMs: number; message: string } | undefined;
}

/** Told of each event what it has led to, as it is replayed. */
export type ReplayListener = (effects: readonly TurnEffect[], atMs: number) => void;

/**
 * Runs the machine over a recording.
 * @throws {VoiceError} `recording-invalid`, with the line, when `text` is not one.
 */
export function replay(text: string, listen: ReplayListener = () => {}): ReplayResult {
  return replayMachine(text, ({ effects, atMs }) => listen(effects, atMs));
}

/** One event of a log, as it was handled again. */
export interface ReplayedEvent {
  event: TurnEvent;
  atMs: number;
  effects: readonly TurnEffect[];
  /** As it stands after the event. */
  machine: TurnMachine;
  options: MachineOptions;
}

/** The same for who looks at the machine as well. @throws {VoiceError} as `replay` does. */
export function replayMachine(text: string, listen: (replayed: ReplayedEvent) => void): ReplayResult {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const header = Header.safeParse(parseJson(lines[0] ?? ''));
  if (!header.success) throw invalidHeader(lines[0]);
  const machine = new TurnMachine(header.data.machine);
  const requests = new RequestLines();
  const result: ReplayResult = {
    callId: header.data.callId,
    carrierCallId: header.data.carrierCallId,
    events: 0,
    effects: 0,
    durationMs: 0,
    difference: undefined,
    broke: undefined,
  };
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const read = readLine(line);
    if (!read) {
      if (index === lines.length - 1) break; // the process died while it wrote: what is whole counts
      throw invalidLine(index, line);
    }
    const { atMs, expected } = read;
    const answer = handle(machine, read, () => invalidLine(index, line));
    const got = 'broke' in answer ? breakJson(answer.broke) : requests.effectsJson(answer.effects);
    result.events++;
    result.durationMs = atMs;
    if ('effects' in answer) {
      result.effects += answer.effects.length;
      listen({ event: read.event, atMs, effects: answer.effects, machine, options: header.data.machine });
    }
    if (got !== expected) result.difference = { line: index + 1, atMs, expected, got };
    else if ('broke' in answer) result.broke = { line: index + 1, atMs, message: answer.broke };
    if (result.difference || result.broke) break;
  }
  return result;
}

interface RecordedEvent {
  atMs: number;
  event: TurnEvent;
  /** Its effects, or how it broke the machine. */
  expected: string;
  hasBroken: boolean;
}

function readLine(line: string): RecordedEvent | undefined {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) return undefined;
  const { atMs, event, ...rest } = parsed.data;
  const hasBroken = 'broke' in rest;
  const expected = hasBroken ? breakJson(rest.broke) : JSON.stringify(rest.effects);
  return { atMs, event: event as TurnEvent, expected, hasBroken };
}

type Answer = { effects: TurnEffect[] } | { broke: string };

/**
 * A promise of its own that the machine breaks is an answer like another. An event with a field missing breaks it too, in
 * some other way: that is the recording's fault, unless it is how it was recorded.
 */
function handle(machine: TurnMachine, { event, atMs, hasBroken }: RecordedEvent, invalid: () => VoiceError): Answer {
  try {
    return { effects: machine.handle(event, atMs) };
  } catch (cause) {
    if (hasBroken || cause instanceof VoiceError) return { broke: messageOf(cause) };
    throw Object.assign(invalid(), { cause });
  }
}

function invalidHeader(line: string | undefined): VoiceError {
  const value = parseJson(line ?? '');
  const format = isRecord(value) ? value['parley'] : undefined;
  const got =
    typeof format === 'number' && format !== FORMAT
      ? `one of format ${format}, which another version of Parley wrote and can replay`
      : quote(line);
  return new VoiceError('recording-invalid', `line 1: expected a header {"parley":${FORMAT},...}, got ${got}`);
}

const invalidLine = (index: number, line: string) =>
  new VoiceError('recording-invalid', `line ${index + 1}: expected {"atMs","event","effects"}, got ${quote(line)}`);

const quote = (line: string | undefined): string => (line ? `\`${line.slice(0, 80)}\`` : 'nothing');
