/**
 * What an on-call engineer watches, in Prometheus' words: units in the names, few labels. Fed by the calls' own events,
 * and by what the stages count anyway. `deploy/grafana` shows all of it, `deploy/prometheus` wakes people up.
 */
import { collectDefaultMetrics, Gauge, Registry, type Aggregator, type CollectFunction } from 'prom-client';
import type { FrameClock } from '../audio/frame-clock.ts';
import type { Call } from '../call/call.ts';
import { endReasonLabel } from '../watch/end-reason.ts';
import type { CallEvent } from '../call/events.ts';
import type { CallObserver } from '../call/observer.ts';
import { TurnSummarizer, type TurnSummary } from '../watch/turn-summary.ts';
import type { ErrorCode } from '../lib/errors.ts';
import type { VendorHealth } from '../lib/succession.ts';
import type { Transcriber } from '../listen/contract.ts';
import type { Synthesizer } from '../speak/contract.ts';
import type { SilenceByCause } from '../turn/contract.ts';
import type { Refusal } from './capacity.ts';
import type { FaultKind } from './faults.ts';
import { registerMcpMetrics } from './mcp-metrics.ts';
import { CountMeter, TimeMeter } from './meters.ts';
import { countReading, histogramReading } from './readings.ts';

const SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20];
const CALL_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];
const CAUSES = ['endpointing', 'queue', 'model', 'tool', 'speech'] as const;
const OUTCOMES = ['replied', 'interrupted', 'step-limit', 'cut', 'failed'] as const;
/** Whole phrases of the agent's own, each told as one delta. */
const PHRASES = ['greeting', 'tool-filler', 'progress', 'nudge', 'recovery', 'verbatim'] as const;
/** What alerts look for the first time of. */
const WATCHED_ERRORS: readonly ErrorCode[] = ['unauthorized', 'rate-limited', 'queue-timeout', 'internal'];
/** Of tools that the model made up; their names may be anything. */
const NO_TOOL = 'unknown';

/** What only the worker knows; asked at every scrape. */
export interface Gauges {
  calls(): number;
  isReady(): boolean;
}

/** The services of speech, which count for themselves; each once. */
export interface SpeechStages {
  synthesizers: readonly Synthesizer[];
  transcribers: readonly Transcriber[];
  frameClock?: FrameClock | undefined;
}

/** Why a call was not taken. `forbidden`: not signed, or with a token that is no good. `rate-limited`: asked too often. */
export type RefusalReason = Refusal | 'forbidden' | 'rate-limited';

export class Metrics {
  readonly registry = new Registry();
  readonly #calls = this.#counter('parley_calls_total', 'Calls that ended, by reason.', ['reason']);
  readonly #callSeconds = this.#histogram('parley_call_seconds', 'How long calls took.', [], CALL_SECONDS);
  readonly #refused = this.#counter('parley_calls_refused_total', 'Calls that were not taken, by reason.', ['reason']);
  readonly #turns = this.#counter('parley_turns_total', 'Turns, by outcome.', ['outcome']);
  readonly #agentTurns = this.#counter('parley_agent_turns_total', 'Turns, by the agent that had the caller.', [
    'agent',
    'outcome',
  ]);
  readonly #handovers = this.#counter(
    'parley_handovers_total',
    'Callers who were handed from one agent of a team to another.',
    ['from', 'to'],
  );
  readonly #firstAudio = this.#histogram(
    'parley_turn_first_audio_seconds',
    "From the caller's last word to the first audio of the agent.",
  );
  readonly #latency = this.#histogram('parley_turn_latency_seconds', 'The same, by cause: the parts of each turn.', [
    'cause',
  ]);
  readonly #deadAir = this.#histogram('parley_dead_air_seconds', 'All silence that the caller heard in a turn.', [
    'cause',
  ]);
  readonly #longestDeadAir = this.#histogram(
    'parley_longest_dead_air_seconds',
    'The longest silence that the caller heard in a turn.',
  );
  readonly #firstToken = this.#histogram('parley_model_first_token_seconds', 'From the request to the first token.');
  readonly #queue = this.#histogram('parley_model_queue_seconds', 'Wait for room in the budget, retries included.');
  readonly #steps = this.#counter('parley_model_steps_total', 'Model requests, by how they ended.', ['finish']);
  readonly #retries = this.#counter('parley_model_retries_total', 'Model requests that were sent once more.');
  readonly #tokens = this.#counter(
    'parley_model_tokens_total',
    'Tokens: of prompts, of these from the cache, and of completions.',
    ['kind'],
  );
  readonly #tools = this.#histogram('parley_tool_seconds', 'Tool runs, those that failed included.', ['tool']);
  readonly #toolFailures = this.#counter('parley_tool_failures_total', 'Tool runs that failed, by how.', [
    'tool',
    'failure',
  ]);
  readonly #takenBack = this.#counter(
    'parley_turns_taken_back_total',
    'Turns that the caller went on in before any of the answer was audible.',
  );
  readonly #askedAhead = this.#counter(
    'parley_asked_ahead_total',
    'Answers that were asked for before the turn was sure, by what became of them.',
    ['outcome'],
  );
  readonly #interruptions = this.#counter(
    'parley_interruptions_total',
    'Voices over the agent: true, it was cut off; false, it went on (a cough, "mm-hm").',
    ['verdict'],
  );
  readonly #phrases = this.#counter('parley_phrases_total', "Phrases of the agent's own that were said.", ['kind']);
  readonly #compactions = this.#counter('parley_compactions_total', 'Histories that were cut down for the model.');
  readonly #synthesis = this.#histogram(
    'parley_synthesis_first_audio_seconds',
    'From the first clause of an utterance to its first audio.',
  );
  readonly #vendorChanges = this.#counter(
    'parley_vendor_changes_total',
    'Of agents with lists: calls in which another model, voice or ear was asked; code, why, or back where one before it is asked again.',
    ['kind', 'to', 'code'],
  );
  readonly #badFrames = this.#counter('parley_bad_frames_total', 'Frames of bridges that were not understood.');
  readonly #errors = this.#counter('parley_errors_total', 'Errors, by code.', ['code']);
  readonly #toolFaults = this.#counter(
    'parley_tool_faults_total',
    'What tools did when nobody waited for them: threw, left a rejection unhandled, blocked the event loop, changed shared objects, wanted to exit.',
    ['tool', 'kind'],
  );
  readonly #faults = this.#counter('parley_process_faults_total', 'The same, of unknown origin.', ['kind']);

  constructor(gauges: Gauges) {
    this.#gauge('parley_calls', 'Calls now.', function () {
      this.set(gauges.calls());
    });
    this.#gauge(
      'parley_ready',
      '1 when new calls are taken.',
      function () {
        this.set(gauges.isReady() ? 1 : 0);
      },
      'max', // of several processes, one that takes them is enough
    );
    for (const reason of ['full', 'quota', 'lagging', 'draining', 'forbidden', 'rate-limited'] as const)
      this.#refused.add({ reason }, 0);
    // What has not happened yet is told as 0, so that the first time is seen as a rise.
    for (const outcome of OUTCOMES) this.#turns.add({ outcome }, 0);
    for (const outcome of ['kept', 'dropped', 'failed']) this.#askedAhead.add({ outcome }, 0);
    for (const verdict of ['true', 'false']) this.#interruptions.add({ verdict }, 0);
    for (const kind of PHRASES) this.#phrases.add({ kind }, 0);
    for (const code of WATCHED_ERRORS) this.#errors.add({ code }, 0);
    for (const cause of CAUSES) {
      this.#latency.zero({ cause });
      this.#deadAir.zero({ cause });
    }
    registerMcpMetrics(this.registry);
    collectDefaultMetrics({ register: this.registry }); // memory, CPU, lag of the event loop
  }

  refused(reason: RefusalReason): void {
    this.#refused.add({ reason });
  }

  badFrame(): void {
    this.#badFrames.add();
  }

  /** From now on, what the stages of speech count is shown too. Once. */
  watchSpeech({ synthesizers, transcribers, frameClock }: SpeechStages): void {
    const { registry } = this;
    countReading(registry, {
      name: 'parley_reconnects_total',
      help: 'Connections that were lost while they were needed, and made anew.',
      label: 'service',
      read: () =>
        Object.fromEntries([
          ...transcribers.map(({ name, stats }) => [name, stats?.reconnects ?? 0] as const),
          ...synthesizers.map((one) => [one.name, one.figures?.().reconnects ?? 0] as const),
        ]),
    });
    countReading(registry, {
      name: 'parley_transcription_faults_total',
      help: 'Connections that were refused or lost, and frames that could not be read.',
      label: 'kind',
      read: () => ({
        'connection-lost': sum(transcribers.map(({ stats }) => stats?.failures ?? 0)),
        'frame-invalid': sum(transcribers.map(({ stats }) => stats?.invalidFrames ?? 0)),
      }),
    });
    countReading(registry, {
      name: 'parley_synthesis_faults_total',
      help: 'Utterances that were begun again, tried later, cut off while they were heard, or lost whole; answers without their sound.',
      label: 'kind',
      read: () => {
        const figures = synthesizers.flatMap((synthesizer) => synthesizer.figures?.() ?? []);
        return {
          resent: sum(figures.map(({ resent }) => resent)),
          retried: sum(figures.map(({ retried }) => retried)),
          truncated: sum(figures.map(({ truncated }) => truncated)),
          lost: sum(figures.map(({ failed, truncated }) => failed - truncated)),
          unspoken: sum(figures.map(({ unspoken = 0 }) => unspoken)),
        };
      },
    });
    if (frameClock) watchFrames(registry, frameClock);
  }

  /** How those of a list are; nothing is shown where the agent has none. Once. */
  watchVendors(health: () => readonly VendorHealth[]): void {
    if (health().length === 0) return;
    const help = 'Of lists of models, voices and ears: 1 while it is asked as ever, 0 while it is passed over.';
    new Gauge({
      ...{ name: 'parley_vendor_up', help, labelNames: ['kind', 'vendor'], registers: [this.registry] },
      aggregator: 'min', // of several processes, one that passes it over is news
      collect() {
        for (const { kind, name: vendor, isWell } of health()) this.set({ kind, vendor }, isWell ? 1 : 0);
      },
    });
  }

  /** `tool` undefined: of unknown origin. */
  fault(kind: FaultKind, tool: string | undefined): void {
    if (tool === undefined) this.#faults.add({ kind });
    else this.#toolFaults.add({ tool, kind });
  }

  watch(call: Call): void {
    const follower = new CallFollower(call, (ms) => this.#synthesis.observeMs(ms));
    call.observe(follower);
    call.on('event', (event) => {
      const summary = follower.turns.add(event);
      if (summary) this.#countTurn(summary);
      this.#count(event);
      if (event.type === 'turn-end' || event.type === 'call-end') {
        this.#interruptions.add({ verdict: 'false' }, follower.newDismissals());
      }
    });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  #count(event: CallEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (event.kind !== 'answer' && event.kind !== 'filler') this.#phrases.add({ kind: event.kind });
        return;
      case 'step-end':
        this.#steps.add({ finish: event.finishReason });
        this.#retries.add({}, Math.max(0, event.attempts - 1)); // none, when it was never sent
        if (event.firstTokenMs !== undefined) this.#firstToken.observeMs(event.firstTokenMs);
        this.#queue.observeMs(event.queueMs);
        if (event.usage) {
          this.#tokens.add({ kind: 'prompt' }, event.usage.promptTokens);
          this.#tokens.add({ kind: 'cached' }, event.usage.cachedTokens);
          this.#tokens.add({ kind: 'completion' }, event.usage.completionTokens);
        }
        return;
      case 'tool-end': {
        const tool = event.failure === 'unknown-tool' ? NO_TOOL : event.name;
        this.#tools.observeMs(event.durationMs, { tool });
        if (!event.ok) this.#toolFailures.add({ tool, failure: event.failure ?? 'internal-error' });
        return;
      }
      case 'interruption':
        return this.#interruptions.add({ verdict: 'true' });
      case 'turn-taken-back':
        return this.#takenBack.add();
      case 'ahead-end':
        return this.#askedAhead.add({ outcome: event.outcome });
      case 'compaction':
        return this.#compactions.add();
      case 'vendor-change': {
        const { kind, to, code = 'back' } = event;
        return this.#vendorChanges.add({ kind, to, code });
      }
      case 'agent-change':
        return this.#handovers.add({ from: event.from, to: event.to });
      case 'error':
        return this.#errors.add({ code: event.code });
      case 'call-end':
        this.#callSeconds.observeMs(event.durationMs);
        return this.#calls.add({ reason: endReasonLabel(event.reason) });
      default:
    }
  }

  #countTurn({ agent, outcome, firstAudioMs, latency, silence, longestSilenceMs }: TurnSummary): void {
    this.#turns.add({ outcome });
    this.#agentTurns.add({ agent, outcome });
    if (firstAudioMs !== undefined) this.#firstAudio.observeMs(firstAudioMs);
    if (latency) observeCauses(this.#latency, latency);
    observeCauses(this.#deadAir, silence);
    this.#longestDeadAir.observeMs(longestSilenceMs);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): CountMeter<Label> {
    return new CountMeter({ registry: this.registry, name, help, labelNames });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[] = [],
    buckets = SECONDS,
  ): TimeMeter<Label> {
    return new TimeMeter({ registry: this.registry, name, help, labelNames, buckets });
  }

  #gauge(name: string, help: string, collect: CollectFunction<Gauge>, aggregator: Aggregator = 'sum'): void {
    new Gauge({ name, help, collect, aggregator, registers: [this.registry] });
  }
}

/** What must be kept of a call between its events. */
class CallFollower implements CallObserver {
  readonly turns = new TurnSummarizer();
  readonly #call: Call;
  readonly #firstAudio: (ms: number) => void;
  readonly #begunAtMs = new Map<number, number>();
  #dismissals = 0;

  constructor(call: Call, firstAudio: (ms: number) => void) {
    this.#call = call;
    this.#firstAudio = firstAudio;
  }

  synthesis(utterance: number, phase: 'start' | 'first-audio' | 'end', atMs: number): void {
    if (phase === 'start') this.#begunAtMs.set(utterance, atMs);
    const begunAtMs = this.#begunAtMs.get(utterance);
    if (phase === 'first-audio' && begunAtMs !== undefined) {
      this.#firstAudio(atMs - begunAtMs);
      this.#begunAtMs.delete(utterance);
    }
  }

  /** Since it was last asked. */
  newDismissals(): number {
    const dismissals = this.#call.dismissedInterruptions - this.#dismissals;
    this.#dismissals += dismissals;
    return dismissals;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function watchFrames(registry: Registry, { lateness }: FrameClock): void {
  histogramReading(registry, {
    name: 'parley_playback_late_seconds',
    help: 'Beats of 20 ms, in which audio goes out, by how late they ran.',
    read: () => lateness,
  });
  countReading(registry, {
    name: 'parley_playback_skipped_beats_total',
    help: 'Beats that were left out, because the process stood still for too long.',
    read: () => lateness.skipped,
  });
}

function observeCauses(meter: TimeMeter<'cause'>, causes: SilenceByCause): void {
  for (const cause of CAUSES) meter.observeMs(causes[`${cause}Ms`], { cause });
}
