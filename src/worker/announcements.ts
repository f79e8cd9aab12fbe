/**
 * Calls that a carrier's webhook has announced: each has a place, and a token that its socket shows once. The socket may land in
 * another process than the webhook did, or on another machine, so the token speaks for itself: it is signed, bound to its
 * call, good for half a minute or as long as its door says, and names the worker that keeps the place. That worker goes by its own monotonic clock,
 * however its wall clock is set; another one by the time that the token carries.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { WallClock } from '../lib/clock.ts';
import { RESERVED_MS, type Decide } from './arbiter.ts';
import type { Capacity, Place, Refusal } from './capacity.ts';

export interface AnnouncementsOptions {
  capacity: Capacity;
  clock: WallClock;
  /** What tokens are signed with: the first; any of them is believed. The same in every process behind one address. */
  secrets: readonly string[];
  /** Of the worker, the same in all of its processes: `ID_BYTES` long. Default: a random one. */
  workerId?: Buffer | undefined;
  /** How long they are good, in milliseconds. Default 30,000. */
  forMs?: number | undefined;
  /** Of all processes of the worker. */
  arbiter: { expect(number: string, forMs: number): void; decide: Decide };
  /** A line of this call is there already: the next one takes its place, so that there is room. Default: never. */
  isOnTheLine?: ((callId: string) => boolean) | undefined;
}

/** So far the wall clocks of two machines may be apart, in milliseconds. */
const APART_MS = 30_000;

export const ID_BYTES = 6;
const EXPIRY_BYTES = 6;
const NUMBER_BYTES = 12;
const MAC_BYTES = 16;
const SIGNED_BYTES = ID_BYTES + EXPIRY_BYTES + NUMBER_BYTES;
/** Longer than any in base64url, so that neither passes for the other. */
const HEX_TOKEN = new RegExp(`^[0-9a-f]{${2 * (SIGNED_BYTES + MAC_BYTES)}}$`, 'i');

/** A call that is to be announced. */
interface Announced {
  callId: string | undefined;
  number: string;
  /** How long its place is kept, in milliseconds. */
  forMs: number;
}

/** What a token says. */
interface Read {
  workerId: Buffer;
  expiresAtMs: number;
  number: string;
}

export class Announcements {
  readonly #options: AnnouncementsOptions;
  readonly #workerId: Buffer;
  readonly #forMs: number;
  /** Those whose place is kept here. */
  readonly #announced = new Map<string, { place: Place; callId: string | undefined }>();
  /** Of those that were announced by the id of their call, the number. */
  readonly #numbers = new Map<string, string>();

  constructor(options: AnnouncementsOptions) {
    this.#options = options;
    this.#forMs = options.forMs ?? RESERVED_MS;
    this.#workerId = options.workerId ?? randomBytes(ID_BYTES);
  }

  /** Calls that have not arrived yet. */
  get waiting(): number {
    return this.#announced.size;
  }

  /**
   * A token for the call, in two spellings of which either may be shown, or why there is no room. `callId` undefined: the
   * webhook named none, or one that the line will not show, and any call may show it. A call that is announced again, as a
   * carrier does that has had no answer, has one place still; either token is good. `ringMs`: of a call that we place,
   * which may ring so long before it comes.
   */
  async announce(
    callId: string | undefined,
    { ringMs = 0 }: { ringMs?: number } = {},
  ): Promise<{ token: string; hexToken: string } | Refusal> {
    const number = randomBytes(NUMBER_BYTES);
    const forMs = ringMs + this.#forMs;
    const place = await this.#reserve({ callId, number: number.toString('hex'), forMs });
    if (typeof place === 'string') return place;
    this.#options.arbiter.expect(number.toString('hex'), forMs);
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(Math.floor(this.#options.clock.wallMs() + forMs), 0, EXPIRY_BYTES);
    const signed = Buffer.concat([this.#workerId, expiry, number]);
    const [secret = ''] = this.#options.secrets;
    const token = Buffer.concat([signed, sign(signed, callId, secret)]);
    return { token: token.toString('base64url'), hexToken: token.toString('hex') };
  }

  /** The line of the call that had shown it was lost: the token is good once more, and its place is kept. */
  again(token: string): void {
    const read = this.#read(token, undefined);
    if (!read || this.#announced.has(read.number)) return;
    const { number } = read;
    const place = this.#options.capacity.reservePromised(() => this.#take(number), this.#forMs);
    this.#announced.set(number, { place, callId: undefined });
    this.#options.arbiter.expect(number, this.#forMs);
  }

  /** Whether `claim` would take the token, whichever call shows it: it was announced for any. */
  async isGoodForAny(token: string): Promise<boolean> {
    const read = this.#read(token, undefined);
    if (!read) return false;
    const { number } = read;
    return this.#isOwn(read) ? this.#options.arbiter.decide({ type: 'look', number }) : this.#isInTime(read);
  }

  /**
   * The place of the call that shows this token; a new one for a call that shows none, or one of another worker, which
   * keeps its place for itself. A token that was used, is too old, was never given out or was given to another call is
   * good for nothing.
   */
  async claim(token: string | undefined, callId: string): Promise<Place | Refusal | 'forbidden'> {
    const { capacity, arbiter } = this.#options;
    if (token === undefined) return capacity.reserve();
    const read = this.#read(token, callId);
    if (!read) return 'forbidden';
    const { number } = read;
    if (!this.#isOwn(read)) {
      const forMs = this.#forMs + 2 * APART_MS;
      const want = { type: 'first', credential: `token ${number}`, forMs } as const;
      return this.#isInTime(read) && (await arbiter.decide(want)) ? capacity.reserve() : 'forbidden';
    }
    if (!(await arbiter.decide({ type: 'claim', number }))) return 'forbidden';
    return this.#take(number) ?? capacity.reservePromised();
  }

  /** The call will not come: its place, if it is kept here, is free. */
  withdraw(token: string): void {
    const read = this.#read(token, undefined);
    if (read) this.release(read.number);
  }

  /** Another process has taken the call with this number: its place here is free. */
  release(number: string): void {
    this.#take(number)?.leave();
  }

  /** A call that has a place already, or whose next line takes that of the one before, is promised one however full it is. */
  async #reserve({ callId, number, forMs }: Announced): Promise<Place | Refusal> {
    const { capacity } = this.#options;
    const before = () => (callId === undefined ? undefined : this.#numbers.get(callId));
    const expired = () => this.#take(number);
    const isPromised = before() !== undefined || this.#isReplacement(callId);
    const place = isPromised ? capacity.reservePromised(expired, forMs) : await capacity.reserve(expired, forMs);
    if (typeof place === 'string') return place;
    this.#take(before() ?? '')?.leave(); // it may have been announced while others were asked
    this.#announced.set(number, { place, callId });
    if (callId !== undefined) this.#numbers.set(callId, number);
    return place;
  }

  #isReplacement(callId: string | undefined): boolean {
    const { capacity, isOnTheLine } = this.#options;
    const isFull = capacity.refusal === 'full' || capacity.refusal === 'quota';
    return isFull && callId !== undefined && (isOnTheLine?.(callId) ?? false);
  }

  /** The place that is kept here under this number, which is kept no more. */
  #take(number: string): Place | undefined {
    const { place, callId } = this.#announced.get(number) ?? {};
    this.#announced.delete(number);
    if (callId !== undefined && this.#numbers.get(callId) === number) this.#numbers.delete(callId);
    return place;
  }

  #isOwn({ workerId }: Read): boolean {
    return workerId.equals(this.#workerId);
  }

  /** Of a token of another worker, by the clock that both have on the wall. */
  #isInTime({ expiresAtMs }: Read): boolean {
    const leftMs = expiresAtMs - this.#options.clock.wallMs();
    return leftMs > -APART_MS && leftMs <= this.#forMs + APART_MS;
  }

  /** Undefined, when it was never given out, or to another call. */
  #read(token: string, callId: string | undefined): Read | undefined {
    const bytes = Buffer.from(token, HEX_TOKEN.test(token) ? 'hex' : 'base64url');
    if (bytes.length !== SIGNED_BYTES + MAC_BYTES) return undefined;
    const signed = bytes.subarray(0, SIGNED_BYTES);
    const mac = bytes.subarray(SIGNED_BYTES);
    const isOurs = this.#options.secrets.some((secret) =>
      [callId, undefined].some((named) => timingSafeEqual(mac, sign(signed, named, secret))),
    );
    if (!isOurs) return undefined;
    return {
      workerId: signed.subarray(0, ID_BYTES),
      expiresAtMs: signed.readUIntBE(ID_BYTES, EXPIRY_BYTES),
      number: signed.subarray(ID_BYTES + EXPIRY_BYTES).toString('hex'),
    };
  }
}

function sign(signed: Buffer, callId: string | undefined, secret: string): Buffer {
  const mac = createHmac('sha256', `parley announcement ${secret}`).update(signed);
  return mac
    .update(callId === undefined ? 'any call' : `call ${callId}`)
    .digest()
    .subarray(0, MAC_BYTES);
}
