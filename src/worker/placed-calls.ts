/** Calls that a program has its worker place: the same as over HTTP, without it. */
import { VoiceError } from '../lib/errors.ts';
import { checkOrder, type CallOrderInput, type OrderRules } from './call-order.ts';
import { WHY } from './calls-api.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import type { PlacedCallState } from './placed-call.ts';

/** Of a worker that a program has started. */
export interface CallPlacer {
  /**
   * Has somebody called by the worker's agent. Resolves as soon as there is a place for the call, with its state: its `id` is
   * that of the call which `onCall` is told of once they have answered.
   * @throws {VoiceError} `request-invalid`, with all that is wrong with the order; `rate-limited`, when there is no room.
   */
  placeCall(order: CallOrderInput): Promise<PlacedCallState>;
  /** What has become of one, for an hour after its end; undefined when none of this id is known. */
  placedCall(id: string): PlacedCallState | undefined;
  /** Gives up a call that rings, or ends one that talks. False: it is over, or there is none of this id. */
  cancelCall(id: string): boolean;
}

export const callPlacer = (worker: Placing): CallPlacer => ({
  async placeCall(input) {
    const order = checkOrder(input, worker.orderRules());
    if ('problems' in order) throw new VoiceError('request-invalid', order.problems.join('; '));
    const placed = await worker.outbound.place(order);
    if (typeof placed !== 'string') return placed;
    throw new VoiceError('rate-limited', `No call can be placed now: ${WHY[placed]}`);
  },
  placedCall: (id) => worker.outbound.get(id),
  cancelCall: (id) => worker.outbound.cancel(id),
});

/** Of a worker. */
interface Placing {
  outbound: OutboundCalls;
  orderRules(): OrderRules;
}
