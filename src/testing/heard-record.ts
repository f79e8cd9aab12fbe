/** What is kept of a call that is only heard, and handed out as its result. */
import type { CallEvent } from '../call/events.ts';
import type { CallerEnd } from './caller-end.ts';
import type { CallResult, CallerStretch, HarnessTrouble, Turn } from './result.ts';
import type { FollowedCall, KeptCall } from './followed-call.ts';
import { turnsOf } from './turns.ts';

export interface HeardRecordParts {
  /** Whoever answers, as people call it. */
  agent: string;
  nowMs: () => number;
  /** At the end: the agent's sound had come, and was not heard to its end. */
  isCutOff: () => boolean;
}

export class HeardRecord implements KeptCall {
  readonly events: CallEvent[] = [];
  readonly #parts: HeardRecordParts;
  readonly #troubles: HarnessTrouble[] = [];
  #isCutOff = false;

  constructor(parts: HeardRecordParts) {
    this.#parts = parts;
  }

  readonly hear = (event: CallEvent): void => {
    if (event.type === 'call-end') this.#isCutOff = this.#parts.isCutOff();
    this.events.push(event);
  };

  trouble(what: string): void {
    this.#troubles.push({ what, atMs: this.#parts.nowMs() });
  }

  get end(): CallResult['end'] {
    const last = this.events.at(-1);
    if (last?.type !== 'call-end') return undefined;
    return { atMs: last.atMs, reason: last.reason, isCutOff: this.#isCutOff };
  }

  result(call: FollowedCall, caller: CallerEnd): CallResult {
    const { end } = this;
    return {
      callId: call.id,
      agent: this.#parts.agent,
      visible: 'outside',
      ...caller.facts(this.events),
      // what a voice was is known when it is over, and so told behind what came meanwhile
      events: this.events.toSorted((one, other) => one.atMs - other.atMs),
      requests: [],
      caller: structuredClone(caller.stretches) as CallerStretch[],
      tools: [],
      ...(end && { end }),
      troubles: [...this.#troubles],
    };
  }

  turn(number: number, call: FollowedCall, caller: CallerEnd): Turn | undefined {
    return turnsOf(this.result(call, caller)).find((turn) => turn.number === number);
  }
}
