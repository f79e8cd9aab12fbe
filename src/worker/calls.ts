/** The calls of a worker, from the line that a door has handed over to its end: answered, followed, recorded, parted. */
import type { BridgeCall, CallerFacts, EarlierLine, SaidWords } from '../bridge/contract.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { saidFacts, saidIn } from '../call/earlier.ts';
import { answer, type SpeechServices } from '../call/phone.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { pageThread } from '../page/thread.ts';
import { CallRecording } from '../record/recording.ts';
import { traceCall } from '../watch/tracing.ts';
import type { Place } from './capacity.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import type { PlacedCall } from './placed-call.ts';
import { CarrierCalls, TAKEN_OVER, type CarrierCallNews } from './carrier-calls.ts';
import type { Group } from './group.ts';
import { showWords } from './line-news.ts';
import type { Metrics } from './metrics.ts';
import type { Parley } from './parley.ts';
import { ringerFor } from './second-lines.ts';

export interface CallsOptions {
  /** Of the next call. */
  agent: () => Agent;
  parley: Parley;
  speech: SpeechServices;
  metrics: Metrics;
  clock: Clock;
  log: Log;
  /** Folder for recordings of every call; undefined: there are none. */
  recordDirectory: string | undefined;
  /** Told of every call before its first event. */
  onCall?: ((call: Call, recording: CallRecording | undefined) => void) | undefined;
  /** Those that were placed. */
  outbound: OutboundCalls;
  /** A call has begun or ended. */
  changed: () => void;
  /** The other processes of the same worker. */
  group: Group | undefined;
}

/** How a call begins. */
export interface Beginning {
  place: Place | undefined;
  /** Whose line it is. */
  carrier: string;
  placed: PlacedCall | undefined;
}

/** A line that has begun, before there is a call. */
interface BegunLine {
  callId: string;
  /** Of the carrier's call; undefined where it has none. */
  key: string | undefined;
  earlier: EarlierLine | undefined;
  placed: PlacedCall | undefined;
  carrier: string;
}

export class Calls {
  readonly running = new Set<Call>();
  /** Those that are not yet all on disk. */
  readonly recordings = new Set<Promise<unknown>>();
  readonly #options: CallsOptions;
  readonly #carrierCalls: CarrierCalls;
  /** Those whose line can be transferred. */
  readonly #transferable = new WeakSet<Call>();

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#carrierCalls = new CarrierCalls(options);
  }

  /** A line of this call of the carrier's is there, in this process or in another. */
  isOnTheLine(carrier: string, carrierCallId: string): boolean {
    const key = keyOf(carrier, carrierCallId);
    return key !== undefined && this.#carrierCalls.isRunning(key);
  }

  /** Of another process. */
  learn(news: CarrierCallNews): void {
    this.#carrierCalls.hear(news);
  }

  /** `carrier`: whose line it is. Another line of the same call ends. `placed`: we have called them. */
  begin(bridge: BridgeCall, { place, carrier, placed }: Beginning): void {
    const { parley, changed } = this.#options;
    const callId = placed?.call.id ?? parley.newCallId();
    const key = keyOf(carrier, bridge.caller.carrierCallId);
    let call: Call | undefined;
    const giveUp = () => {
      call?.hangUp(TAKEN_OVER);
      void bridge.hangUp('line');
    };
    const learn = (said: readonly SaidWords[]) => said.length > 0 && call?.addFacts(saidFacts(said));
    const earlier = key === undefined ? undefined : this.#carrierCalls.begin(key, { callId, giveUp, learn });
    try {
      call = this.#answer(bridge, { callId, key, earlier, placed, carrier });
    } catch (error) {
      if (key !== undefined) this.#carrierCalls.end(key, { callId, reason: 'internal-error', said: [] });
      throw error;
    }
    const begun = call;
    this.running.add(begun);
    if (bridge.capabilities.transfer !== 'none') this.#transferable.add(begun);
    changed();
    const forget = () => {
      this.running.delete(begun);
      place?.leave();
      changed();
    };
    begun.ended.then(forget, forget);
  }

  #answer(bridge: BridgeCall, { callId, key, earlier, placed, carrier }: BegunLine): Call {
    const { parley, speech, log, metrics, onCall, outbound } = this.#options;
    const agent = this.#options.agent();
    const recording = this.#record(bridge, callId);
    return answer(parley, bridge, {
      ringPerson: bridge.capabilities.meets && ringerFor(outbound, carrier, callerOf(bridge, placed)),
      ...{ agent, speech, recording, callId, earlier, log },
      outbound: placed && outbound.optionsOf(placed),
      listen: (started) => {
        metrics.watch(started);
        traceCall(started);
        showWords(started, bridge);
        if (placed) outbound.follow(started, () => letGo(started, bridge));
        onCall?.(started, recording);
        if (key === undefined) return;
        started.on('call-end', ({ reason }) => {
          this.#carrierCalls.end(key, { callId, reason, said: saidIn(started.messages, started.caller) });
        });
      },
    });
  }

  /** Each to somebody else, where there is somebody and the line can do it; else with a goodbye. */
  part(): void {
    const { phrases, turn } = this.#options.agent().machine;
    for (const call of this.running) {
      if (turn.transferTo !== undefined && this.#transferable.has(call)) {
        call.handOver(phrases.handover[0] ?? '', turn.transferTo, 'worker-stopped');
      } else call.sayGoodbye(phrases.goodbye[0] ?? 'Goodbye.', 'worker-stopped');
    }
  }

  #record(bridge: BridgeCall, callId: string): CallRecording | undefined {
    const { recordDirectory: directory, clock, log } = this.#options;
    if (directory === undefined) return undefined;
    try {
      const carrierCallId = bridge.caller.carrierCallId || undefined;
      const format = bridge.kind === 'audio' ? bridge.capabilities.inFormat : undefined;
      const recording = new CallRecording({
        ...{ directory, callId, carrierCallId, clock, format, log },
        drawPage: (recorded, callLog) => pageThread.make(recorded, callLog),
      });
      this.recordings.add(recording.done);
      void recording.done.then(() => this.recordings.delete(recording.done));
      return recording;
    } catch (error) {
      const { carrierCallId } = bridge.caller;
      log.error({ callId, carrierCallId, err: error }, 'the call is not recorded');
      return undefined;
    }
  }
}

/** Whom we have called, and from which number, is known better than the line says it. */
function callerOf({ caller }: BridgeCall, placed: PlacedCall | undefined): CallerFacts {
  if (!placed) return caller;
  const { from, to } = placed.call;
  return { ...caller, from, to, direction: 'outbound' };
}

/** As the caller does who puts the phone down. */
function letGo(call: Call, bridge: BridgeCall): void {
  call.hangUp('hung-up');
  void bridge.hangUp();
}

/** Carriers number their calls each in its own way. */
function keyOf(carrier: string, carrierCallId: string): string | undefined {
  return carrierCallId === '' ? undefined : `${carrier} ${carrierCallId}`;
}
