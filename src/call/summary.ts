/** What a call was, once it is over: made of its own events, for whoever keeps a file on its caller. Plain JSON. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { CallIds } from '../lib/call-id.ts';
import type { Message, Usage } from '../model/contract.ts';
import type { CallEvent } from './events.ts';

/** What of a live call is looked at: which is all that an agent, of which calls are made, need know of one. */
export interface FollowedCall {
  readonly id: string;
  readonly ids: CallIds;
  readonly caller: CallerFacts;
  readonly messages: readonly Message[];
  /** The same, and what was said before another agent began anew (R27). */
  readonly record: readonly Message[];
  on(type: 'event', listener: (event: CallEvent) => void): unknown;
}

/** A call that has begun. */
export interface StartedCall {
  /** Parley's own, unlike that of any other call. */
  callId: string;
  /** The carrier's, which may come again; undefined where there is none. */
  carrierCallId: string | undefined;
  /** The call that this one goes on from, when its caller was cut off and is back. */
  earlierCallId: string | undefined;
  agent: string;
  /** Which line it came by, as `call-start` names it, such as `text`. */
  bridge: string;
  from: string | undefined;
  to: string | undefined;
  /** What the carrier, or whoever placed the call, gave with it. */
  parameters: CallerFacts['parameters'];
  /** ISO 8601, UTC. */
  startedAt: string;
}

/** One turn of the caller's, and what they heard in it. */
export interface TurnSummaryOfCall {
  turn: number;
  /** Since the call's start, in milliseconds. */
  atMs: number;
  text: string;
  heard: string;
  outcome: Extract<CallEvent, { type: 'turn-end' }>['outcome'];
}

/** One run of a tool. */
export interface ToolRunOfCall {
  turn: number;
  name: string;
  arguments: Record<string, unknown>;
  /** `running`: the call ended before it did; a `write` goes on by itself. */
  outcome: 'ok' | 'failed' | 'running';
  result?: unknown;
  error?: string;
  durationMs?: number;
}

/** A call that is over. */
export interface CallSummary extends StartedCall {
  /** ISO 8601, UTC. */
  endedAt: string;
  durationMs: number;
  /** How it ended, as in `call-end`: `caller-hung-up`, `agent-hung-up`, `transferred`. */
  reason: string;
  /** Of all model requests together. */
  usage: Usage;
  turns: TurnSummaryOfCall[];
  /** What was said, as it was heard, greeting and nudges too. Of a call so long that its history was compacted, the end; `turns` has all. */
  transcript: { who: 'caller' | 'agent'; text: string }[];
  tools: ToolRunOfCall[];
}

/** Follows one call. */
export class SummaryRecord {
  readonly #call: FollowedCall;
  readonly #wallMs: () => number;
  readonly #turns = new Map<number, TurnSummaryOfCall>();
  readonly #tools = new Map<string, ToolRunOfCall>();
  #started: StartedCall | undefined;

  constructor(call: FollowedCall, wallMs: () => number) {
    this.#call = call;
    this.#wallMs = wallMs;
  }

  /** Undefined until the call has begun. */
  get started(): StartedCall | undefined {
    return this.#started;
  }

  add(event: CallEvent): void {
    switch (event.type) {
      case 'call-start':
        this.#started = this.#begin(event);
        return;
      case 'turn-start': {
        const { turn, atMs, text } = event;
        this.#turns.set(turn, { turn, atMs, text, heard: '', outcome: 'interrupted' });
        return;
      }
      case 'turn-end': {
        const { turn, heard, outcome } = event;
        Object.assign(this.#turns.get(turn) ?? {}, { heard, outcome });
        return;
      }
      case 'tool-start': {
        const { turn, id, name, arguments: given } = event;
        this.#tools.set(`${turn} ${id}`, { turn, name, arguments: given, outcome: 'running' });
        return;
      }
      case 'tool-end': {
        const { turn, id, ok, result, error, durationMs } = event;
        const told = { outcome: ok ? 'ok' : 'failed', durationMs, ...(ok ? { result } : { error }) };
        Object.assign(this.#tools.get(`${turn} ${id}`) ?? {}, told);
        return;
      }
      default:
    }
  }

  /** Of the call that has just ended. */
  finish({ reason, durationMs, usage }: Extract<CallEvent, { type: 'call-end' }>): CallSummary | undefined {
    if (!this.#started) return undefined;
    return {
      ...this.#started,
      ...{ endedAt: isoOf(this.#wallMs()), durationMs, reason, usage },
      turns: [...this.#turns.values()],
      transcript: this.#call.record.flatMap(saidBy),
      tools: [...this.#tools.values()],
    };
  }

  #begin(event: Extract<CallEvent, { type: 'call-start' }>): StartedCall {
    const { callId, carrierCallId, earlierCallId, agent, bridge, from, to } = event;
    const { parameters } = this.#call.caller;
    const ids = { callId, carrierCallId, earlierCallId };
    return { ...ids, agent, bridge, from, to, parameters, startedAt: isoOf(this.#wallMs()) };
  }
}

const isoOf = (wallMs: number): string => new Date(wallMs).toISOString();

function saidBy({ role, content }: Message): CallSummary['transcript'] {
  if (!content || role === 'system' || role === 'tool') return [];
  return [{ who: role === 'user' ? 'caller' : 'agent', text: content }];
}
