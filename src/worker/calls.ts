/** The calls of a worker, from the line that a door has handed over to its end: answered, followed, recorded, parted. */
import type { BridgeCall } from '../bridge/contract.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { answer, type SpeechServices } from '../call/phone.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { pageThread } from '../page/thread.ts';
import { CallRecording } from '../record/recording.ts';
import { traceCall } from '../watch/tracing.ts';
import type { Place } from './capacity.ts';
import type { Metrics } from './metrics.ts';
import type { Parley } from './parley.ts';

export interface CallsOptions {
  agent: Agent;
  parley: Parley;
  speech: SpeechServices;
  metrics: Metrics;
  clock: Clock;
  log: Log;
  /** Folder for recordings of every call; undefined: there are none. */
  recordDirectory: string | undefined;
  /** Told of every call before its first event. */
  onCall?: ((call: Call, recording: CallRecording | undefined) => void) | undefined;
  /** A call has begun or ended. */
  changed: () => void;
}

export class Calls {
  readonly running = new Set<Call>();
  /** Those that are not yet all on disk. */
  readonly recordings = new Set<Promise<unknown>>();
  readonly #options: CallsOptions;
  /** Those whose line can be transferred. */
  readonly #transferable = new WeakSet<Call>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  begin(bridge: BridgeCall, place: Place | undefined): void {
    const { agent, parley, speech, log, metrics, onCall, changed } = this.#options;
    const callId = parley.newCallId();
    const recording = this.#record(bridge, callId);
    const call = answer(parley, bridge, {
      agent,
      speech,
      recording,
      callId,
      log,
      listen: (started) => {
        metrics.watch(started);
        traceCall(started);
        onCall?.(started, recording);
      },
    });
    this.running.add(call);
    if (bridge.capabilities.transfer !== 'none') this.#transferable.add(call);
    changed();
    const forget = () => {
      this.running.delete(call);
      place?.leave();
      changed();
    };
    call.ended.then(forget, forget);
  }

  /** Each to somebody else, where there is somebody and the line can do it; else with a goodbye. */
  part(): void {
    const { phrases, turn } = this.#options.agent.machine;
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
