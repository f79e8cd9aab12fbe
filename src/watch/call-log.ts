/**
 * What a call leaves in the log: a line when it begins, one for each turn, one when it ends, and one for whatever fails.
 * Enough to find it again at the provider and at the carrier; of what was said nothing, unless the log shows that.
 */
import type { Call } from '../call/call.ts';
import { showsText, type Log } from '../lib/log.ts';
import type { CallEvent } from '../call/events.ts';
import { meterCost, type Cost, type Prices } from './cost.ts';
import { endReasonLabel } from './end-reason.ts';
import { TurnSummarizer, type TurnSummary } from './turn-summary.ts';

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** Follows a call from its first event to its last; call it before the call starts, and before others listen to it. */
export function logCall(call: Call, log: Log, prices?: Prices): void {
  if (!log.isLevelEnabled('fatal')) return;
  const costOf = prices && meterCost(call, prices); // before the line that tells it
  const lines = new CallLog(call, log.child(call.ids), costOf);
  call.on('event', (event) => lines.add(event));
}

class CallLog {
  readonly #call: Call;
  readonly #log: Log;
  readonly #costOf: (() => Cost) | undefined;
  readonly #turns = new TurnSummarizer();
  readonly #showsText: boolean;
  /** What the caller said in the turn that runs. */
  #text = '';
  readonly #totals = {
    turns: 0,
    failedTurns: 0,
    steps: 0,
    tools: 0,
    failedTools: 0,
    interruptions: 0,
    takenBack: 0,
    errors: 0,
  };
  /** R24: requests that were sent before their turn was sure, and those of them that were answers in the end. */
  readonly #ahead = { asked: 0, kept: 0 };

  constructor(call: Call, log: Log, costOf: (() => Cost) | undefined) {
    this.#call = call;
    this.#log = log;
    this.#costOf = costOf;
    this.#showsText = showsText(log);
  }

  add(event: CallEvent): void {
    const summary = this.#turns.add(event);
    switch (event.type) {
      case 'call-start':
        return this.#begin(event);
      case 'turn-start':
        this.#text = event.text;
        return;
      case 'step-end':
        return void (this.#log.isLevelEnabled('debug') && this.#log.debug(event, 'step ended'));
      case 'tool-end':
        this.#totals.tools++;
        if (!event.ok) this.#totals.failedTools++;
        return;
      case 'interruption':
        this.#totals.interruptions++;
        return;
      case 'ahead-end':
        this.#ahead.asked++;
        if (event.outcome === 'kept') this.#ahead.kept++;
        return;
      case 'agent-change': {
        const { turn, from, to, context } = event;
        const facts = { turn, agent: to, insteadOf: from, context, ...this.#call.logFields }; // `from` and `to` would be hidden
        return this.#log.info(facts, 'another agent has the caller');
      }
      case 'task-start': {
        const { turn, name } = event;
        return this.#log.info({ turn, task: name, ...this.#call.logFields }, 'a task has the caller');
      }
      case 'task-end': {
        const { turn, name, how, why } = event;
        return this.#log.info({ turn, task: name, how, why, ...this.#call.logFields }, 'a task has ended');
      }
      case 'transfer':
        return this.#tellTransfer(event);
      case 'vendor-change':
        return this.#tellVendor(event);
      case 'transfer-progress':
        return this.#tellProgress(event);
      case 'hold-start':
        return this.#log.info({ turn: event.turn, ...this.#call.logFields }, 'on hold');
      case 'hold-end':
        return this.#tellHold(event);
      case 'sensitive-start':
        return this.#log.info(this.#call.logFields, 'muted, for something sensitive is taken');
      case 'sensitive-end':
        return this.#log.info(this.#call.logFields, 'muted no longer');
      case 'error':
        return this.#tellError(event);
      case 'turn-end':
        return summary && this.#endTurn(summary, event.heard);
      case 'call-end':
        return this.#end(event);
      default:
    }
  }

  #begin({ agent, bridge, earlierCallId, from, to }: EventOf<'call-start'>): void {
    this.#log.info({ agent, bridge, earlierCallId, from, to, ...this.#call.logFields }, 'call started');
  }

  #endTurn(summary: TurnSummary, heard: string): void {
    const {
      turn,
      agent,
      outcome,
      isTakenBack,
      aheadMs,
      firstAudioMs,
      latency,
      silence,
      longestSilenceMs,
      firstTokenMs,
    } = summary;
    const { steps, attempts, tools, usage, requestIds, errors } = summary;
    const totals = this.#totals;
    totals.turns++;
    totals.steps += steps;
    if (outcome === 'failed') totals.failedTurns++;
    if (isTakenBack) totals.takenBack++;
    const line = {
      turn,
      agent,
      outcome,
      ...(this.#showsText && { text: this.#text, heard }),
      interrupted: outcome === 'interrupted' && !isTakenBack,
      ...(isTakenBack && { takenBack: true }),
      ...(aheadMs !== undefined && { aheadMs }),
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
      ...this.#call.logFields,
    };
    this.#log.info(line, 'turn ended');
  }

  #tellTransfer({ turn, to, ok, error }: EventOf<'transfer'>): void {
    const facts = { turn, to, ...(error !== undefined && { error }), ...this.#call.logFields };
    if (ok) this.#log.info(facts, 'caller handed over');
    else this.#log.warn(facts, 'caller not handed over');
  }

  #tellVendor({ kind, from, to, code, message }: EventOf<'vendor-change'>): void {
    const facts = { kind, vendor: to, insteadOf: from, ...this.#call.logFields }; // `from` and `to` are numbers, and hidden
    if (code === undefined) this.#log.info(facts, 'vendor asked again');
    else this.#log.warn({ ...facts, code, message }, 'next vendor asked');
  }

  #tellProgress({ turn, to, state, personCallId }: EventOf<'transfer-progress'>): void {
    this.#log.info({ turn, to, state, personCallId, ...this.#call.logFields }, 'caller waits to be handed over');
  }

  #tellHold({ turn, heldMs, why }: EventOf<'hold-end'>): void {
    this.#log.info({ turn, heldMs, why, ...this.#call.logFields }, 'hold over');
  }

  #tellError({ turn, step, code, message, requestId }: EventOf<'error'>): void {
    this.#totals.errors++;
    this.#log.warn({ turn, step, code, requestId, message, ...this.#call.logFields }, 'something failed');
  }

  #end({ reason, durationMs, usage }: EventOf<'call-end'>): void {
    const label = endReasonLabel(reason);
    const line = {
      reason: label,
      ...(label !== reason && { text: reason }), // a tool's words, or a model's
      durationMs,
      ...this.#totals,
      dismissedInterruptions: this.#call.dismissedInterruptions,
      ...(this.#ahead.asked > 0 && { askedAhead: this.#ahead.asked, keptAhead: this.#ahead.kept }),
      usage,
      ...(this.#costOf && { cost: this.#costOf() }),
      ...this.#call.logFields,
    };
    this.#log.info(line, 'call ended');
  }
}
