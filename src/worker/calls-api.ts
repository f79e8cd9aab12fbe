/** `POST /calls` places a call, `GET /calls/ID` says what has become of it, `DELETE /calls/ID` gives it up. */
import type { Knock, Upgrade, Verdict } from '../bridge/door.ts';
import { readOrder, type OrderRules } from './call-order.ts';
import type { Refusal } from './capacity.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import type { PlacedCallState } from './placed-call.ts';
import type { Judge } from './reception.ts';

export const CALLS_PATH = '/calls';

/** What is answered, as JSON. */
export interface CallsAnswer {
  status: 200 | 202 | 400 | 404 | 409 | 503;
  headers?: Record<string, string>;
  json: unknown;
}

export interface CallsApiOptions {
  calls: OutboundCalls;
  /** As they are now: a quota or an account may be known later. */
  rules: () => OrderRules;
  /** Of PARLEY_BRIDGE_TOKEN; without one programs on this machine alone may place calls. */
  bridgeTokens: readonly string[];
  origins: readonly string[];
  /** Told why a call was not placed. */
  refused: (why: Refusal, facts: Record<string, unknown>) => void;
}

/** Seconds, for whoever is refused. */
const RETRY_AFTER_SECONDS = '10';
const UNKNOWN: CallsAnswer = { status: 404, json: { error: 'Expected the id of a call that this worker has placed' } };

export class CallsApi {
  /** By which it is judged who may ask: no carrier, but whoever shows a token of the worker's. */
  readonly gate: { open: Judge; entrance: Pick<Upgrade, 'mayKnock'> };
  readonly #options: CallsApiOptions;

  constructor(options: CallsApiOptions) {
    const { bridgeTokens, origins } = options;
    this.#options = options;
    const rules = { opener: undefined, isOpenToPeers: true, bridgeTokens, origins, originsEnv: 'PARLEY_ORIGINS' };
    const mayKnock = (): Verdict => ({ type: 'stranger', reason: 'no token of PARLEY_BRIDGE_TOKEN was shown' });
    this.gate = { open: { door: { name: 'calls' }, rules, judge: mayKnock }, entrance: { mayKnock } };
  }

  async place({ body }: Knock): Promise<CallsAnswer> {
    const { calls, rules, refused } = this.#options;
    const order = readOrder(new TextDecoder().decode(body), rules());
    if ('problems' in order)
      return { status: 400, json: { error: order.problems.join('; '), problems: order.problems } };
    const placed = await calls.place(order);
    if (typeof placed === 'string') {
      refused(placed, { path: CALLS_PATH });
      const error = `No call can be placed now: ${WHY[placed]}`;
      return { status: 503, headers: { 'Retry-After': RETRY_AFTER_SECONDS }, json: { error, reason: placed } };
    }
    return { status: 202, headers: { Location: `${CALLS_PATH}/${placed.id}` }, json: placed };
  }

  show(id: string): CallsAnswer {
    const state = this.#options.calls.get(id);
    return state ? { status: 200, json: state } : UNKNOWN;
  }

  cancel(id: string): CallsAnswer {
    const { calls } = this.#options;
    const state: PlacedCallState | undefined = calls.get(id);
    if (!state) return UNKNOWN;
    if (!calls.cancel(id)) return { status: 409, json: { error: 'The call is over', ...state } };
    return { status: 202, json: calls.get(id) };
  }
}

/** Why a call cannot be placed now, for people. */
export const WHY: Record<Refusal, string> = {
  full: 'the worker has as many calls as it may (PARLEY_MAX_CALLS)',
  quota: "the model's plan carries no more calls",
  lagging: 'the worker is late with those that it has',
  draining: 'the worker is about to stop',
};
