/**
 * What a call leaves in the log: a line when it begins, one for each turn, one when it ends, and one for whatever fails.
 * Enough to find it again at the provider and at the carrier; nothing of what was said.
 */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import type { CallEvent } from '../call/events.ts';
import { endReasonLabel } from './end-reason.ts';
import { TurnSummarizer, type TurnSummary } from './turn-summary.ts';

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** What is known of the call beside its events. */
export interface CallLogFacts {
  caller: CallerFacts;
  /** Of whoever observes the call, such as its trace; asked for each line. */
  fields: () => object;
  /** Times that the agent went on after the caller had been heard. */
  dismissed: () => number;
}

export class CallLog {
  readonly #log: Log;
  readonly #facts: CallLogFacts;
  readonly #turns = new TurnSummarizer();
  readonly #totals = { turns: 0, failedTurns: 0, steps: 0, tools: 0, failedTools: 0, interruptions: 0, errors: 0 };

  /** @param log with the call's id. */
  constructor(log: Log, facts: CallLogFacts) {
    this.#log = log;
    this.#facts = facts;
  }

  add(event: CallEvent): void {
    const summary = this.#turns.add(event);
    switch (event.type) {
      case 'call-start':
        return this.#begin(event);
      case 'step-end':
        return void (this.#log.isLevelEnabled('debug') && this.#log.debug(event, 'step ended'));
      case 'tool-end':
        this.#totals.tools++;
        if (!event.ok) this.#totals.failedTools++;
        return;
      case 'interruption':
        this.#totals.interruptions++;
        return;
      case 'error':
        return this.#tellError(event);
      case 'turn-end':
        return summary && this.#endTurn(summary);
      case 'call-end':
        return this.#end(event);
      default:
    }
  }

  #begin({ agent, bridge, from, to }: EventOf<'call-start'>): void {
    const { bridgeCallId } = this.#facts.caller;
    this.#log.info({ agent, bridge, bridgeCallId, from, to, ...this.#facts.fields() }, 'call started');
  }

  #endTurn(summary: TurnSummary): void {
    const { turn, outcome, firstAudioMs, latency, silence, longestSilenceMs, firstTokenMs } = summary;
    const { steps, attempts, tools, usage, requestIds, errors } = summary;
    const totals = this.#totals;
    totals.turns++;
    totals.steps += steps;
    if (outcome === 'failed') totals.failedTurns++;
    const line = {
      turn,
      outcome,
      interrupted: outcome === 'interrupted',
      firstAudioMs,
      firstTokenMs,
      latency,
      silence,
      longestSilenceMs,
      steps,
      ...(attempts > steps && { attempts }),
      tools,
      usage,
      requestIds,
      ...(errors.length > 0 && { errors }),
      ...this.#facts.fields(),
    };
    this.#log.info(line, 'turn ended');
  }

  #tellError({ turn, step, code, message, requestId }: EventOf<'error'>): void {
    this.#totals.errors++;
    this.#log.warn({ turn, step, code, requestId, message, ...this.#facts.fields() }, 'something failed');
  }

  #end({ reason, durationMs, usage }: EventOf<'call-end'>): void {
    const label = endReasonLabel(reason);
    const line = {
      reason: label,
      ...(label !== reason && { text: reason }), // a tool's words, or a model's
      durationMs,
      ...this.#totals,
      dismissedInterruptions: this.#facts.dismissed(),
      usage,
      bridgeCallId: this.#facts.caller.bridgeCallId,
      ...this.#facts.fields(),
    };
    this.#log.info(line, 'call ended');
  }
}
