/** A carrier's door in this worker: its settings, its REST, the calls that it has announced, and who may knock. */
import { randomBytes } from 'node:crypto';
import type {
  AnnouncedCall,
  Announcement,
  CarrierRest,
  Desk,
  Door,
  Knock,
  OpenedLine,
  OutboundCall,
  OutboundNews,
  Refusal,
  Upgrade,
  Verdict,
} from '../bridge/door.ts';
import { LONGEST_ID } from '../lib/call-id.ts';
import type { WallClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { OpenSocket } from '../lib/open-socket.ts';
import { publicUrl } from '../lib/public-url.ts';
import { textsOf } from '../lib/settings.ts';
import { Announcements } from './announcements.ts';
import type { Arbiter, Decide } from './arbiter.ts';
import type { Capacity, Refusal as RefusalReason } from './capacity.ts';
import { isShownLater, type GateRules } from './gate.ts';
import type { Group } from './group.ts';
import type { Memory } from './memory.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import { valuesFor, type Settings } from './settings.ts';

/** What all doors of a worker have in common. */
export interface House {
  settings: Settings;
  /** Who answers the next call. */
  agent(): { readonly name: string };
  capacity: Capacity;
  memory: Memory;
  outbound: OutboundCalls;
  group: Group | undefined;
  /** Decides what is good once, for all processes of the worker. */
  arbiter: Pick<Arbiter, 'expect'> & { decide: Decide };
  clock: WallClock;
  log: Log;
  /** Where the worker is reached when no public address is set. */
  url(): string;
  /** A line that a door has opened itself. */
  enter(open: OpenDoor, socket: OpenSocket, line: OpenedLine): void;
  /** Told of each call that is to come. */
  announced(): void;
  /** A line of this carrier's call is there. */
  isOnTheLine(carrier: string, carrierCallId: string): boolean;
  refused(why: RefusalReason | 'forbidden', facts: Record<string, unknown>): void;
  /** Of stand-ins, by door: what opens its REST API where no account of the user's does. */
  accounts?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

export class OpenDoor implements Desk {
  readonly door: Door;
  readonly settings: Record<string, unknown>;
  readonly rest: CarrierRest | undefined;
  /** What has to be set so that callers of its lines can be handed over; undefined when they can be. */
  readonly transferNeeds: string | undefined;
  /** The same so that it can place calls; empty, when it never can. */
  readonly placingNeeds: string | undefined;
  readonly clock: WallClock;
  readonly log: Log;
  readonly announcements: Announcements;
  /** Who may knock, beside the carrier. */
  readonly rules: GateRules;
  readonly #house: House;

  /** @throws {VoiceError} `options-invalid`, when the settings were read without this carrier. */
  constructor(door: Door, house: House) {
    this.door = door;
    this.clock = house.clock;
    this.log = house.log;
    this.#house = house;
    this.settings = valuesFor(door, house.settings);
    const standIn = { ...this.settings, ...house.accounts?.[door.name] };
    this.rest = door.openRest?.(this.settings, house) ?? door.openRest?.(standIn, house);
    this.transferNeeds = door.transferNeeds?.(standIn);
    this.placingNeeds = door.outbound ? door.outbound.needs(standIn) : '';
    this.rules = rulesOf(door, house.settings);
    this.announcements = new Announcements({
      capacity: house.capacity,
      clock: house.clock,
      forMs: door.announcedForMs,
      secrets: this.#tokenSecrets(),
      workerId: house.group?.workerId,
      arbiter: house.arbiter,
      isOnTheLine: (callId) => house.isOnTheLine(door.name, callId),
    });
  }

  get agent(): string {
    return this.#house.agent().name;
  }

  get process(): number {
    return this.#house.group?.process ?? 0;
  }

  /** What `entrance` makes of a knock; a token that the address carries must be good. */
  judge(knock: Knock, entrance: Pick<Upgrade, 'mayKnock' | 'tokenOf'>): Verdict | Promise<Verdict> {
    const { opener } = this.rules;
    if (opener && !opener.isSet && !isShownLater(knock, this.rules))
      return { type: 'stranger', reason: `${opener.env} is not set` };
    const verdict = entrance.mayKnock(knock, this);
    const token = entrance.tokenOf?.(knock);
    if (verdict instanceof Promise || entrance.tokenOf) return this.#judgeToken(verdict, entrance.tokenOf && { token });
    return verdict;
  }

  /** `shown`: what the address or a header carries where one of them has to. */
  async #judgeToken(
    given: Verdict | Promise<Verdict>,
    shown: { token: string | undefined } | undefined,
  ): Promise<Verdict> {
    const verdict = await given;
    if (verdict.type !== 'caller' || !shown) return verdict;
    const { token } = shown;
    if (token !== undefined && (await this.announcements.isGoodForAny(token))) return verdict;
    return { type: 'stranger', reason: 'no token of a call that was announced was shown' };
  }

  async announce({ callId, path }: Parameters<Desk['announce']>[0]): Promise<Announcement | { refusal: Refusal }> {
    if (callId !== undefined && callId.length > LONGEST_ID) {
      return this.#refuse('forbidden', { path, reason: `the call's id is longer than ${LONGEST_ID} characters` });
    }
    const announced = await this.announcements.announce(callId);
    if (typeof announced === 'string') return this.#refuse(announced, { path });
    this.#house.announced();
    return announced;
  }

  async announceAgain(token: string): Promise<void> {
    this.announcements.again(token);
  }

  #refuse(why: RefusalReason | 'forbidden', facts: Record<string, unknown>): { refusal: Refusal } {
    this.#house.refused(why, facts);
    const { refusal: text, refusalUrl: url } = this.#house.settings;
    return { refusal: { text, url } };
  }

  address(path: string, protocol: 'http' | 'ws'): string {
    return publicUrl(this.#house.settings.publicUrl ?? this.#house.url(), path, protocol);
  }

  isFirst(credential: string, forMs: number): Promise<boolean> {
    return this.#house.memory.isFirst(this.#own(credential), forMs);
  }

  remember(key: string, call: AnnouncedCall): Promise<void> {
    return this.#house.memory.remember(this.#own(key), call);
  }

  recall(key: string): AnnouncedCall | undefined {
    return this.#house.memory.recall(this.#own(key));
  }

  enter(socket: OpenSocket, line: OpenedLine): void {
    this.#house.enter(this, socket, line);
  }

  outbound(id: string): OutboundCall | undefined {
    return this.#house.outbound.running(id, this.door.name)?.call;
  }

  outboundWith(token: string | undefined): OutboundCall | undefined {
    const placed = this.#house.outbound.shownBy(token);
    return placed === 'over' || placed?.state.line !== this.door.name ? undefined : placed.call;
  }

  report(id: string, news: OutboundNews): void {
    this.#house.outbound.report(id, this.door.name, news);
  }

  #own(key: string): string {
    return `${this.door.name} ${key}`;
  }

  /** Each with the name of the door, so that a token opens no other, though two carriers may have one secret. */
  #tokenSecrets(): string[] {
    const { name, settings: block, opensWith = '', signsWith = opensWith } = this.door;
    const own = block[signsWith]?.isSecret ? textsOf(this.settings[signsWith]) : [];
    const secrets = own.length > 0 ? own : [this.#house.group?.secret ?? randomBytes(32).toString('hex')];
    return secrets.map((secret) => `${name} ${secret}`);
  }
}

/** What opens a door, and whether that is set. */
export function openerOf(door: Door, settings: Settings): GateRules['opener'] {
  const { opensWith, settings: block } = door;
  const one = opensWith === undefined ? undefined : block[opensWith];
  if (opensWith === undefined || !one) return undefined;
  const value = valuesFor(door, settings)[opensWith];
  const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  return { env: one.env, isSet };
}

function rulesOf(door: Door, settings: Settings): GateRules {
  const { bridgeTokens, origins } = settings;
  const own = door.originsFrom === undefined ? undefined : door.settings[door.originsFrom];
  return {
    ...{ opener: openerOf(door, settings), isOpenToPeers: door.isOpenToPeers ?? false, bridgeTokens },
    origins: own ? textsOf(valuesFor(door, settings)[door.originsFrom ?? '']) : origins,
    originsEnv: own?.env ?? 'PARLEY_ORIGINS',
  };
}
