/** A call put down by hand, piece by piece, with its times: what a check is to look at, without a call. */
import type { CallEvent } from '../../../src/call/events.ts';
import type { Message } from '../../../src/model/contract.ts';
import type { CallResult, CallerStretch, SoundStretch, ToolRun, ToolUse } from '../../../src/testing/result.ts';
import { withKinds, wordsOf } from '../../../src/testing/words.ts';
import type { SpeechKind, TurnOutcome } from '../../../src/turn/contract.ts';

type Body<Event = CallEvent> = Event extends CallEvent ? Omit<Event, 'callId'> : never;

const NO_USAGE = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
const NO_SILENCE = { endpointingMs: 0, queueMs: 0, modelMs: 0, toolMs: 0, speechMs: 0 };

export class CallScript {
  readonly #events: Body[] = [];
  readonly #words: (SoundStretch & { text: string })[] = [];
  readonly #agent: SoundStretch[] = [];
  readonly #caller: CallerStretch[] = [];
  readonly #tools: ToolUse[] = [];
  readonly #rest: Partial<CallResult> = { requests: [] };

  /** The caller says this. */
  says(fromMs: number, toMs: number, text: string, pauses?: SoundStretch[]): this {
    this.#caller.push({ kind: 'utterance', fromMs, toMs, text, ...(pauses && { pauses }) });
    this.#events.push({ type: 'transcript', atMs: toMs, text, isFinal: true });
    return this;
  }

  does(kind: 'backchannel' | 'noise', fromMs: number, toMs: number, what: string): this {
    this.#caller.push({ kind, fromMs, toMs, what });
    return this;
  }

  presses(atMs: number, keys: string): this {
    this.#caller.push({ kind: 'keys', fromMs: atMs, toMs: atMs, keys });
    for (const digit of keys) this.#events.push({ type: 'digit', atMs, digit });
    return this;
  }

  turn(turn: number, atMs: number, text = 'something'): this {
    this.#events.push({ type: 'turn-start', turn, atMs, text });
    return this;
  }

  /** The agent says this; heard from `fromMs` to `toMs`, or nothing of it without them. `heardWords`: only so many. */
  answers(
    turn: number,
    kind: SpeechKind,
    saidAtMs: number,
    text: string,
    fromMs?: number,
    toMs?: number,
    heardWords?: number,
  ): this {
    const isOfModel = kind === 'answer' || kind === 'filler' || kind === 'tool-filler' || kind === 'progress';
    const step = isOfModel ? 1 : undefined;
    this.#events.push({ type: 'text-delta', turn, step, kind, atMs: saidAtMs, delta: text });
    if (fromMs === undefined || toMs === undefined) return this;
    const words = wordsOf(text).slice(0, heardWords);
    const stepMs = (toMs - fromMs) / words.length;
    words.forEach((word, at) =>
      this.#words.push({ text: word, fromMs: fromMs + at * stepMs, toMs: fromMs + (at + 1) * stepMs }),
    );
    this.#agent.push({ fromMs, toMs });
    return this;
  }

  tool(use: Pick<ToolUse, 'turn' | 'name' | 'fromMs'> & Partial<ToolUse>): this {
    const { toMs } = use;
    const whole: ToolUse = {
      ...{ step: 1, id: `call_${this.#tools.length + 1}`, arguments: {}, effect: 'read' as const },
      ...(toMs !== undefined && use.ok === undefined && { ok: true, result: {} }),
      ...use,
    };
    this.#tools.push(whole);
    const { turn, step, id, name, effect, ok = true } = whole;
    const told = { turn, step, id, name };
    this.#events.push({ type: 'tool-start', ...told, atMs: use.fromMs, arguments: whole.arguments, effect });
    if (toMs !== undefined)
      this.#events.push({
        type: 'tool-end',
        ...told,
        atMs: toMs,
        ok,
        result: whole.result,
        durationMs: toMs - use.fromMs,
      });
    return this;
  }

  interrupted(turn: number, atMs: number, heard = '', unheard = 'the rest'): this {
    this.#events.push({ type: 'interruption', turn, atMs, heard, unheard });
    return this.endsTurn(turn, atMs, 'interrupted');
  }

  endsTurn(turn: number, atMs: number, outcome: TurnOutcome = 'replied', heard = ''): this {
    const latency = { firstWordMs: undefined, totalMs: 0, silence: NO_SILENCE };
    this.#events.push({ type: 'turn-end', turn, atMs, outcome, heard, latency });
    return this;
  }

  requests(atMs: number, turn: number, messages: Message[]): this {
    this.#rest.requests?.push({ atMs, turn, step: 1, messages, toolChoice: 'auto' });
    return this;
  }

  run(run: Pick<ToolRun, 'name' | 'fromMs'> & Partial<ToolRun>): this {
    (this.#rest.runs ??= []).push({ arguments: {}, effect: 'write', isDone: true, isStubbed: true, ...run });
    return this;
  }

  with(rest: Partial<CallResult>): this {
    Object.assign(this.#rest, rest);
    return this;
  }

  event(event: Body): this {
    this.#events.push(event);
    return this;
  }

  ends(atMs: number, reason = 'caller-hung-up'): this {
    this.#events.push({ type: 'call-end', atMs, reason, durationMs: atMs, usage: NO_USAGE });
    this.#rest.end = { atMs, reason };
    return this;
  }

  get result(): CallResult {
    const events = this.#events
      .map((event, index) => ({ event: { ...event, callId: 'call' }, index }))
      .sort((one, other) => one.event.atMs - other.event.atMs || one.index - other.index)
      .map(({ event }) => event);
    return {
      ...{ callId: 'call', agent: 'test', line: 'voice', visible: 'inside', hearing: 'stand-in' },
      events,
      requests: [],
      caller: this.#caller,
      agentSound: this.#agent.toSorted((one, other) => one.fromMs - other.fromMs),
      heard: withKinds(this.#words, events),
      tools: this.#tools,
      troubles: [],
      ...this.#rest,
    };
  }
}

/** Stretches as a track: where there is sound, a tone of 440 Hz. */
export function trackOf(stretches: readonly SoundStretch[], durationMs: number, sampleRateHz = 8_000): Int16Array {
  const samples = new Int16Array(Math.round((durationMs * sampleRateHz) / 1_000));
  for (const { fromMs, toMs } of stretches) {
    const until = Math.round((toMs * sampleRateHz) / 1_000);
    for (let at = Math.round((fromMs * sampleRateHz) / 1_000); at < until; at++)
      samples[at] = Math.round(8_000 * Math.cos((2 * Math.PI * 440 * at) / sampleRateHz));
  }
  return samples;
}
