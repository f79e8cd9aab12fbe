/**
 * The calls that a worker places: each has its place from the moment it is asked for, goes out by the door of its line when
 * its turn has come, and is followed to its end. All processes of a worker know of all of them, so any of them may be asked.
 */
import PQueue from 'p-queue';
import type { CarrierRest, OutboundCall, OutboundNews } from '../bridge/door.ts';
import type { Call } from '../call/call.ts';
import { TRANSFERRED } from '../call/transfers.ts';
import type { OutboundOptions } from '../call/screening.ts';
import { messageOf, ProviderError } from '../lib/errors.ts';
import { FadingMap } from '../lib/fading-map.ts';
import type { WallClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Refusal } from './capacity.ts';
import type { Group } from './group.ts';
import type { CallingDoor } from './calling-door.ts';
import { advance, changeBy, type PlacedCall, type PlacedCallState } from './placed-call.ts';
import type { CallOrder } from './call-order.ts';
import { RESERVED_MS } from './arbiter.ts';

export interface OutboundCallsOptions {
  /** Of the worker, once they are open. */
  doors: () => readonly CallingDoor[];
  /** The name of the one that talks. */
  agent: () => string;
  newCallId: () => string;
  /** Calls placed in a second, at most, of all processes together. */
  perSecond: number;
  clock: WallClock;
  log: Log;
  group: Group | undefined;
}

/** What is known of a call stays to be asked for so long after the last that was heard of it. */
const KEPT_MS = 3_600_000;
/** No call lasts longer than a day. */
const RUNNING_MS = 24 * 3_600_000;
const MOST_KEPT = 10_000;
/** Behind keys of the agent's own a call comes back on another line. */
const GOES_ON = new Set(['digits-sent', 'taken-over']);

export class OutboundCalls {
  readonly #options: OutboundCallsOptions;
  readonly #placed = new FadingMap<PlacedCall>(MOST_KEPT);
  /** By both spellings of the token. */
  readonly #ids = new FadingMap<string>(2 * MOST_KEPT);
  /** Of calls that talk in this process: ends them. */
  readonly #here = new Map<string, () => void>();
  /** Told who has answered, of calls that are here. */
  readonly #screened = new Map<string, (who: 'person' | 'machine', mayLeave: boolean) => void>();
  /** Told of every change of a call, by its id. */
  readonly #watching = new Map<string, (state: PlacedCallState) => void>();
  #queue: PQueue | undefined;

  constructor(options: OutboundCallsOptions) {
    this.#options = options;
  }

  /** Done as soon as it has a place: the carrier is asked when its turn has come. */
  async place(order: CallOrder, { summary }: { summary?: string } = {}): Promise<PlacedCallState | Refusal> {
    const { newCallId, agent, clock } = this.#options;
    const { door, to, from, parameters, ringMs, voicemail } = order;
    const announced = await door.announcements.announce(undefined, { ringMs });
    if (typeof announced === 'string') return announced;
    const call: OutboundCall = { ...announced, id: newCallId(), to, from, parameters, ringMs };
    const placedAt = this.#now();
    const state = { id: call.id, line: door.door.name, agent: agent(), to, from, state: 'placing', placedAt } as const;
    const placed: PlacedCall = { call, voicemail, summary, state };
    this.#keep(placed);
    await this.#options.group?.share({ type: 'placed', call: placed }); // before its webhook can come, to whatever process
    void this.#queued(() => this.#dial(call, door));
    clock.after(ringMs + RESERVED_MS, () => this.#expire(call.id));
    return state;
  }

  get(id: string): PlacedCallState | undefined {
    return this.#get(id)?.state;
  }

  /** The door of this line, if calls can be placed by it. */
  doorOf(line: string): CallingDoor | undefined {
    return this.#options.doors().find(({ door, placingNeeds }) => door.name === line && placingNeeds === undefined);
  }

  /** Tells of every change of this call, in whatever process, until the returned function is called. */
  watch(id: string, changed: (state: PlacedCallState) => void): () => void {
    this.#watching.set(id, changed);
    return () => this.#watching.delete(id);
  }

  /** A call that is not over, of this line. */
  running(id: string, line: string): PlacedCall | undefined {
    const placed = this.#get(id);
    return placed?.state.line === line && placed.state.state !== 'ended' ? placed : undefined;
  }

  /** The call whose line shows this token; `over`: it was given up. */
  shownBy(token: string | undefined): PlacedCall | 'over' | undefined {
    const id = token === undefined ? undefined : this.#ids.get(token, this.#nowMs());
    const placed = id === undefined ? undefined : this.#get(id);
    return placed?.state.state === 'ended' ? 'over' : placed;
  }

  /** How its line is answered. */
  optionsOf({ call: { id, from, to, parameters }, voicemail, summary }: PlacedCall): OutboundOptions {
    return {
      ...(summary !== undefined && {
        consult: { summary, meeting: id, told: (person) => this.#change(id, { person }) },
      }),
      ...{ voicemail, call: { from, to, parameters } },
      carrier: (told) => {
        this.#screened.set(id, told);
        return () => this.#screened.delete(id);
      },
    };
  }

  /** Its line is there, as this call. `end` lets go of both. */
  follow(call: Call, end: () => void): void {
    this.#here.set(call.id, end);
    const { carrierCallId } = call.ids;
    this.#change(call.id, {
      ...{ state: 'talking', answeredAt: this.#now() },
      ...(carrierCallId !== undefined && { carrierCallId }),
    });
    call.on('answered-by', ({ who }) => this.#change(call.id, { answeredBy: who }));
    call.on('call-end', ({ reason }) => {
      this.#here.delete(call.id);
      const isMeeting = reason === TRANSFERRED && this.#get(call.id)?.summary !== undefined; // the carrier has it
      if (GOES_ON.has(reason) || isMeeting) return;
      this.#change(call.id, { state: 'ended', outcome: 'completed', reason, endedAt: this.#now() });
    });
  }

  /** What the carrier has told. */
  report(id: string, line: string, news: OutboundNews): void {
    if (!this.running(id, line)) return;
    if (news.type === 'answered-by') this.#screened.get(id)?.(news.who, news.mayLeave);
    this.#change(id, changeBy(news, this.#now()));
  }

  /** Gives up a call that nobody has answered, or ends it. False: it is over already. */
  cancel(id: string): boolean {
    const placed = this.#get(id);
    if (!placed || placed.state.state === 'ended') return false;
    if (placed.state.state === 'talking') void this.#hangUp(id);
    else this.#end(id, { outcome: 'cancelled' });
    return true;
  }

  /** Of another process. */
  learn(placed: PlacedCall): void {
    this.#keep(placed);
  }

  async #dial(call: OutboundCall, door: CallingDoor): Promise<void> {
    const { log } = this.#options;
    const facts = { callId: call.id, line: door.door.name };
    if (!this.running(call.id, door.door.name)) return;
    try {
      const placed = await door.door.outbound?.place(call, door);
      log.info({ ...facts, ...placed }, 'a call was placed');
      this.#change(call.id, { ...placed, state: 'ringing' });
      if (!this.running(call.id, door.door.name)) await this.#giveUp(call.id); // nobody wants it any more
    } catch (error) {
      const { code, requestId } = error instanceof ProviderError ? error : { code: 'internal', requestId: undefined };
      log.error({ ...facts, code, requestId, err: error }, 'a call could not be placed');
      const failure = { code, message: messageOf(error), ...(requestId !== undefined && { requestId }) };
      this.#end(call.id, { outcome: 'failed', error: failure });
    }
  }

  /** Nobody has answered, and the carrier has not said so. */
  #expire(id: string): void {
    const state = this.#get(id)?.state.state;
    if (state === 'placing' || state === 'ringing') this.#end(id, { outcome: 'no-answer' });
  }

  #end(id: string, change: Partial<PlacedCallState>): void {
    const isRinging = this.#get(id)?.state.state === 'ringing';
    this.#change(id, { ...change, state: 'ended', endedAt: this.#now() });
    if (isRinging) void this.#giveUp(id);
  }

  /** By its line, where that is here; else by the carrier. */
  async #hangUp(id: string): Promise<void> {
    const end = this.#here.get(id);
    if (end) return end();
    await this.#ask(id, (rest, carrierCallId) => rest.hangUp(carrierCallId));
  }

  /** Nobody has answered it. */
  async #giveUp(id: string): Promise<void> {
    await this.#ask(id, (rest, carrierCallId) =>
      rest.cancel ? rest.cancel(carrierCallId) : rest.hangUp(carrierCallId),
    );
  }

  async #ask(id: string, end: (rest: CarrierRest, carrierCallId: string) => Promise<void>): Promise<void> {
    const placed = this.#get(id);
    const carrierCallId = placed?.state.carrierCallId;
    const rest = placed && this.#doorOf(placed)?.rest;
    if (!rest || carrierCallId === undefined) return;
    await end(rest, carrierCallId).catch((error: unknown) => {
      this.#options.log.warn({ callId: id, carrierCallId, err: error }, 'a call that was placed could not be ended');
    });
  }

  #change(id: string, change: Partial<PlacedCallState>): void {
    const placed = this.#get(id);
    if (!placed) return;
    const next: PlacedCall = { ...placed, state: advance(placed.state, change) };
    this.#keep(next);
    void this.#options.group?.share({ type: 'placed', call: next });
  }

  #keep(placed: PlacedCall): void {
    const { call, state } = placed;
    const known = this.#get(call.id);
    const merged = known ? { ...placed, state: advance(known.state, state) } : placed;
    const nowMs = this.#nowMs();
    const untilMs = nowMs + (merged.state.state === 'ended' ? KEPT_MS : RUNNING_MS);
    this.#placed.set(call.id, merged, { nowMs, untilMs });
    for (const token of [call.token, call.hexToken]) this.#ids.set(token, call.id, { nowMs, untilMs });
    this.#watching.get(call.id)?.(merged.state);
    if (merged.state.state === 'ended') this.#doorOf(merged)?.announcements.withdraw(call.token);
  }

  #doorOf({ state: { line } }: PlacedCall): CallingDoor | undefined {
    return this.#options.doors().find(({ door }) => door.name === line);
  }

  #get(id: string): PlacedCall | undefined {
    return this.#placed.get(id, this.#nowMs());
  }

  /** Carriers take so many orders in a second, and refuse the rest. */
  #queued(task: () => Promise<void>): Promise<void> {
    const { perSecond, group } = this.#options;
    const processes = group?.state().processes ?? 1;
    this.#queue ??= new PQueue({ interval: (1_000 * processes) / perSecond, intervalCap: 1 });
    return this.#queue.add(task);
  }

  #now(): string {
    return new Date(this.#options.clock.wallMs()).toISOString();
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}
