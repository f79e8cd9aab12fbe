/**
 * What an on-call engineer asks of a turn, gathered from its events: how long the caller waited and for what, what the
 * model and the tools did, and under which ids the provider knows it. Pure; says nothing of what was said.
 */
import type { SilenceByCause, TurnOutcome } from '../turn/contract.ts';
import type { Usage } from '../model/contract.ts';
import type { CallEvent } from '../call/events.ts';

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

export interface ToolSummary {
  name: string;
  /** Undefined while it still runs, as a write does that the caller speaks over. */
  ms: number | undefined;
  ok: boolean | undefined;
  failure?: string | undefined;
}

export interface TurnSummary {
  turn: number;
  /** Who had the caller in it; another one from one turn to the next where there is a team. */
  agent: string;
  outcome: TurnOutcome;
  /** R25: the caller went on before any of the answer was audible, and is asked with what followed in the next turn. */
  isTakenBack: boolean;
  /** R24: so long before the turn was sure its first step was asked; undefined when it was not. */
  aheadMs: number | undefined;
  /** From the end of the caller's voice to the first sound of the agent; undefined when there was none. */
  firstAudioMs: number | undefined;
  /** Where that time went; the parts add up to it. */
  latency: SilenceByCause | undefined;
  /** All that the caller heard nothing in, up to the end of the turn. */
  silence: SilenceByCause;
  /** The longest stretch of it. */
  longestSilenceMs: number;
  /** Of the first request that had one. */
  firstTokenMs: number | undefined;
  /** Model requests, those that were let go included. */
  steps: number;
  /** How often the model was asked, retries included, for the steps that ended. */
  attempts: number;
  tools: ToolSummary[];
  usage: Usage;
  /** The provider's, one for each answer that named one. */
  requestIds: string[];
  /** Codes of what went wrong. */
  errors: string[];
}

/** Follows one call; hands over each turn's summary with its `turn-end`. */
export class TurnSummarizer {
  #turn: TurnInProgress | undefined;
  #agent = '';

  add(event: CallEvent): TurnSummary | undefined {
    if (event.type === 'call-start') this.#agent = event.agent;
    if (event.type === 'agent-change') this.#agent = event.to; // between two turns
    if (event.type === 'turn-start') this.#turn = new TurnInProgress(event);
    const turn = this.#turn;
    if (!turn || event.type === 'turn-start') return undefined;
    if (event.type !== 'turn-end') return void turn.add(event);
    this.#turn = undefined;
    return { ...turn.end(event), agent: this.#agent };
  }
}

class TurnInProgress {
  readonly #number: number;
  readonly #startedAtMs: number;
  readonly #tools = new Map<string, ToolSummary>();
  readonly #usage: Usage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
  readonly #requestIds: string[] = [];
  readonly #errors: string[] = [];
  #isTakenBack = false;
  #aheadMs: number | undefined;
  #steps = 0;
  #attempts = 0;
  #firstTokenMs: number | undefined;
  #textAtMs: number | undefined;
  #audioAtMs: number | undefined;
  /** Since when the caller hears nothing; undefined while they hear something. */
  #quietSinceMs: number | undefined;
  #longestSilenceMs = 0;
  /** Until the first word: when it was last told apart what is waited for, and what has been waited for tools. */
  #markedAtMs: number;
  #runningTools = 0;
  #toolMs = 0;
  #stepsBeforeText = 0;
  #queueMs = 0;

  constructor({ turn, atMs }: EventOf<'turn-start'>) {
    this.#number = turn;
    this.#startedAtMs = this.#quietSinceMs = this.#markedAtMs = atMs;
  }

  add(event: CallEvent): void {
    switch (event.type) {
      case 'step-start':
        return event.ahead ? undefined : this.#startStep();
      case 'ahead-end':
        if (event.outcome !== 'kept') return;
        this.#aheadMs = event.aheadMs;
        return this.#startStep();
      case 'step-end':
        return this.#endStep(event);
      case 'tool-start':
        this.#tools.set(event.id, { name: event.name, ms: undefined, ok: undefined });
        this.#mark(event.atMs);
        this.#runningTools++;
        return;
      case 'tool-end':
        return this.#endTool(event);
      case 'text-delta':
        if (this.#textAtMs !== undefined) return;
        this.#mark(event.atMs);
        this.#textAtMs = event.atMs;
        return;
      case 'text-taken-back':
        if (event.heard === '') this.#textAtMs = undefined; // the first word is yet to come
        return;
      case 'reply-audio-start':
        this.#audioAtMs ??= event.atMs;
        return this.#endSilence(event.atMs);
      case 'reply-audio-end':
        this.#quietSinceMs = event.atMs;
        return;
      case 'turn-taken-back':
        this.#isTakenBack = true;
        return;
      case 'error':
        this.#errors.push(event.code);
        return;
      default:
    }
  }

  end({ atMs, outcome, latency }: EventOf<'turn-end'>): Omit<TurnSummary, 'agent'> {
    const { silence, firstWordMs } = latency;
    // on a line of text, what is shown is heard
    const heardAtMs = this.#audioAtMs ?? (firstWordMs === undefined ? undefined : this.#textAtMs);
    if (this.#audioAtMs === undefined && heardAtMs !== undefined) {
      this.#longestSilenceMs = heardAtMs - this.#startedAtMs;
    } else {
      this.#endSilence(atMs);
    }
    const firstWaitMs = silence.endpointingMs + (heardAtMs ?? atMs) - this.#startedAtMs;
    return {
      turn: this.#number,
      outcome,
      isTakenBack: this.#isTakenBack,
      aheadMs: this.#aheadMs,
      firstAudioMs: heardAtMs === undefined ? undefined : firstWaitMs,
      latency: heardAtMs === undefined ? undefined : this.#partsUntil(heardAtMs, silence.endpointingMs),
      silence,
      longestSilenceMs: Math.max(this.#longestSilenceMs, firstWaitMs),
      firstTokenMs: this.#firstTokenMs,
      steps: this.#steps,
      attempts: this.#attempts,
      tools: [...this.#tools.values()],
      usage: this.#usage,
      requestIds: this.#requestIds,
      errors: this.#errors,
    };
  }

  #startStep(): void {
    this.#steps++;
    if (this.#textAtMs === undefined) this.#stepsBeforeText++;
  }

  #endStep({ step, usage, requestId, firstTokenMs, queueMs, attempts }: EventOf<'step-end'>): void {
    this.#attempts += attempts;
    this.#firstTokenMs ??= firstTokenMs;
    if (step <= this.#stepsBeforeText) this.#queueMs += queueMs;
    if (requestId !== undefined) this.#requestIds.push(requestId);
    if (!usage) return;
    this.#usage.promptTokens += usage.promptTokens;
    this.#usage.completionTokens += usage.completionTokens;
    this.#usage.cachedTokens += usage.cachedTokens;
  }

  #endTool({ id, atMs, durationMs, ok, failure }: EventOf<'tool-end'>): void {
    const tool = this.#tools.get(id);
    if (!tool) return; // of a turn before
    this.#mark(atMs);
    this.#runningTools--;
    Object.assign(tool, { ms: Math.round(durationMs), ok, ...(failure === undefined ? {} : { failure }) });
  }

  /** Until the first word, what is not waited for a tool is waited for the model, or in its queue. */
  #mark(atMs: number): void {
    if (this.#textAtMs !== undefined) return;
    if (this.#runningTools > 0) this.#toolMs += atMs - this.#markedAtMs;
    this.#markedAtMs = atMs;
  }

  #partsUntil(heardAtMs: number, endpointingMs: number): SilenceByCause {
    const textAtMs = Math.min(this.#textAtMs ?? heardAtMs, heardAtMs);
    const thinkingMs = Math.max(0, textAtMs - this.#startedAtMs - this.#toolMs);
    const queueMs = Math.min(this.#queueMs, thinkingMs);
    return {
      endpointingMs,
      queueMs,
      modelMs: thinkingMs - queueMs,
      toolMs: this.#toolMs,
      speechMs: heardAtMs - textAtMs,
    };
  }

  #endSilence(atMs: number): void {
    if (this.#quietSinceMs === undefined) return;
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, atMs - this.#quietSinceMs);
    this.#quietSinceMs = undefined;
  }
}
