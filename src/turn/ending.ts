/**
 * How far the call has come, and how it will end (R19, R20).
 *
 *   new -> live <-> transferring
 *            \         |
 *             +--------+--> ending --what writes has settled--> ended
 *
 * While it is on, two things may have been decided about its end: a farewell, which is carried out as soon as everything
 * said has been heard, and an outage, after which a farewell is said once the turn that runs is over.
 */
import { assert } from '../lib/assert.ts';
import type { ToolControl } from '../tool/contract.ts';
import type { TurnEvent } from './contract.ts';
import { MENU_LOOP } from './menu-loops.ts';

/** What ends the call for the agent: it hangs up, or somebody else takes the caller over. */
export type Farewell = Exclude<ToolControl, { type: 'hand-off' | 'hold' | 'end-task' }>;

/** Events of the caller, which are ignored during an outage: nobody can answer them any more. */
export const IGNORED_IN_OUTAGE: ReadonlySet<TurnEvent['type']> = new Set<TurnEvent['type']>([
  'caller-turn',
  'caller-likely-finished',
  'caller-speech',
  'digit',
]);

/** The reason of a call that has lasted for too long: an outage, as far as the caller is no longer listened to. */
export const TOO_LONG = 'call-too-long';

/** So many losses in a row, and the voice is taken to be gone. Before that, the caller is asked to repeat. */
const MOST_LOST = 2;

type State = On | Over;

interface On {
  isOver: false;
  phase: 'new' | 'live' | 'transferring';
  /** What is carried out as soon as everything said has been heard. */
  farewell: Farewell | undefined;
  /** What becomes of the call if nobody takes it over. */
  lastResort: Farewell | undefined;
  /** Why the call cannot go on. The caller is not listened to any more. */
  outage: string | undefined;
  /** How often words were lost since some of the model's were last heard. */
  losses: number;
}

interface Over {
  isOver: true;
  phase: 'ending' | 'ended';
  reason: string;
}

export interface EndingOptions {
  /** Who takes the caller over when the agent cannot go on. */
  transferTo?: string | undefined;
  longestCallMs?: number | 'none';
}

type Goodbyes = Readonly<Record<'goodbye' | 'handover' | 'tooLong' | 'outage', readonly string[]>>;

export class Ending {
  readonly #options: EndingOptions;
  #startedAtMs = 0;
  #state: State = {
    isOver: false,
    phase: 'new',
    farewell: undefined,
    lastResort: undefined,
    outage: undefined,
    losses: 0,
  };

  constructor(options: EndingOptions) {
    this.#options = options;
  }

  /** The line is open, and the caller is not being handed over. */
  get isLive(): boolean {
    return this.#state.phase === 'live';
  }

  /** The call is over, but for what still writes. */
  get isOver(): boolean {
    return this.#state.isOver;
  }

  get isEnded(): boolean {
    return this.#state.phase === 'ended';
  }

  /** Why the call is over; empty before. */
  get reason(): string {
    return this.#state.isOver ? this.#state.reason : '';
  }

  get farewell(): Farewell | undefined {
    return this.#state.isOver ? undefined : this.#state.farewell;
  }

  get hasOutage(): boolean {
    return !this.#state.isOver && this.#state.outage !== undefined;
  }

  /** Neither a farewell nor an outage: the caller will have another turn. */
  get isOpen(): boolean {
    return this.farewell === undefined && !this.hasOutage;
  }

  /** The line is open. First, once. */
  begin(atMs = 0): void {
    assert(this.#state.phase === 'new', 'a call to start once');
    this.#state.phase = 'live';
    this.#startedAtMs = atMs;
  }

  /** When the call has lasted for too long; undefined when it may last for ever, or cannot go on anyway. */
  get longestCallAtMs(): number | undefined {
    const { longestCallMs = 'none' } = this.#options;
    return this.hasOutage || longestCallMs === 'none' ? undefined : this.#startedAtMs + longestCallMs;
  }

  // ---- a farewell ---------------------------------------------------------------------------------------------------

  /** Carried out once all is heard, unless it is recalled. */
  plan(farewell: Farewell): void {
    this.#on.farewell = farewell;
  }

  /** The program's own farewell: hangs up for this `reason` or, with `to`, only if nobody there takes the caller over. */
  planFor(reason: string, to: string | undefined): void {
    const hangUp = { type: 'hang-up', reason } as const;
    this.plan(to === undefined ? hangUp : { type: 'transfer', to });
    this.#on.lastResort = to === undefined ? undefined : hangUp;
  }

  /** R19: the caller goes on speaking. */
  recall(): void {
    this.#on.farewell = undefined;
  }

  /** The caller is being handed over, as was planned or as a tool asked for. */
  transfer(): void {
    this.recall();
    this.#on.phase = 'transferring';
  }

  /**
   * Nobody took the caller over: they are back. Returns what they are told goodbye with, `go-on` when the call simply goes
   * on, and undefined when they were not being handed over.
   */
  failTransfer(): { goodbye: Farewell; isOutage: boolean } | 'go-on' | undefined {
    if (this.#state.phase !== 'transferring') return undefined;
    this.#state.phase = 'live';
    const { outage, lastResort } = this.#state;
    if (outage !== undefined) return { goodbye: { type: 'hang-up', reason: outage }, isOutage: true };
    return lastResort ? { goodbye: lastResort, isOutage: false } : 'go-on';
  }

  // ---- an outage ----------------------------------------------------------------------------------------------------

  /** The call cannot go on. The first reason counts: returns whether this is it. */
  breakOff(reason: string): boolean {
    if (this.hasOutage) return false;
    this.#on.outage = reason;
    return true;
  }

  /** What the caller is told goodbye with in an outage; undefined when there is none. */
  get outageFarewell(): Farewell | undefined {
    const reason = this.#state.isOver ? undefined : this.#state.outage;
    if (reason === undefined) return undefined;
    const { transferTo } = this.#options;
    return transferTo === undefined || reason === TOO_LONG || reason === MENU_LOOP
      ? { type: 'hang-up', reason }
      : { type: 'transfer', to: transferTo };
  }

  /** What the caller is told before this farewell. */
  goodbye(farewell: Farewell, phrases: Goodbyes): readonly string[] {
    const isStuck = farewell.type === 'hang-up' && farewell.reason === MENU_LOOP;
    if (!this.hasOutage || isStuck) return phrases.goodbye;
    if (farewell.type === 'transfer') return phrases.handover;
    return farewell.reason === TOO_LONG ? phrases.tooLong : phrases.outage;
  }

  /** Words were not heard. Returns whether the voice is taken to be gone. */
  lose(): boolean {
    return ++this.#on.losses >= MOST_LOST;
  }

  /** Words that nobody had made before were heard: the voice works. */
  heardWords(): void {
    this.#on.losses = 0;
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  end(reason: string): void {
    assert(!this.isOver, 'a call to end once');
    this.#state = { isOver: true, phase: 'ending', reason };
  }

  /** Nothing writes any more. */
  settle(): void {
    const state = this.#state;
    assert(state.phase === 'ending', 'a call to be over before all of it is settled');
    this.#state = { isOver: true, phase: 'ended', reason: state.reason };
  }

  get #on(): On {
    const state = this.#state;
    assert(!state.isOver, 'a call that is not over');
    return state;
  }
}
