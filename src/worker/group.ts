/**
 * A worker of several processes. One of them, the primary, has the port and hands every connection to the process with
 * the most room; the others answer calls. Here is what a process is told, what it tells, and how the whole is shared out.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { EarlierLine } from '../bridge/contract.ts';
import type { AnnouncedCall } from '../bridge/door.ts';
import { requestLimitsOf } from '../call/vendors.ts';
import type { AllowanceLimits } from '../model/contract.ts';
import { callsThatPlanCarries } from '../model/plan.ts';
import type { Want } from './arbiter.ts';
import { limitOf, type CallLimit, type Refusal } from './capacity.ts';
import type { PlacedCall } from './placed-call.ts';
import type { Settings } from './settings.ts';

/** What whoever hands out connections needs to know of a process. */
export interface WorkerLoad {
  /** Calls that run. */
  calls: number;
  /** Of the places for calls, those that are taken or promised. */
  places: number;
  /** Promised, and not yet taken. */
  waiting: number;
  /** Connections that are open and no call, or not yet. */
  visitors: number;
  /** Why it takes no new calls, whatever the others have. */
  refusal: Refusal | undefined;
}

/** What `/readyz` shows of all processes together. */
export interface GroupState {
  calls: number;
  processes: number;
  refusal: Refusal | undefined;
}

/** What a worker that is one process of several knows of the others. */
export interface Group {
  /** Which process this is, of all that there ever were. */
  readonly process: number;
  /** Of all processes together. */
  readonly limit: CallLimit;
  /** The same in all processes. */
  readonly workerId: Buffer;
  /** For tokens that a call has to show, where there is no auth token to make them of. */
  readonly secret: string;
  state(): GroupState;
  /** All processes together have as many calls as they may. */
  isFull(): boolean;
  /** Calls that other processes have announced, and that have not come. */
  waiting(): number;
  /** Of all processes. */
  metrics(): Promise<string>;
  /** A call with this number is to come within so many milliseconds, in whatever process. */
  expect(number: string, forMs: number): void;
  /** Decided for all processes in one place. */
  decide(want: Want): Promise<boolean>;
  /**
   * Tells the other processes; resolves when all of them have been told, before any connection that comes later. `known` is
   * called then, before anything that another process has shared after that is heard here.
   */
  share(news: News, known?: () => void): Promise<void>;
  /** The load is another one. */
  changed(): void;
  /** Leads an upgrade to the process that has its line; where that is gone any other one refuses it. */
  pass(socket: Socket, upgrade: PassedUpgrade): void;
}

/** As it was read. */
export interface PassedRequest {
  url: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn. */
  rawHeaders: string[];
}

/** An upgrade that has come to another process than the one which has its line. */
export interface PassedUpgrade {
  /** Which process has it, as `Group.process` counts them. */
  process: number;
  request: PassedRequest;
  /** What came behind it. */
  head: Uint8Array;
}

/** What one process has to tell the others. */
export type News =
  /** The call with this number has come: its place is free where it is kept. */
  | { type: 'claimed'; number: string }
  /** A line that carries this key is this call. */
  | { type: 'remembered'; key: string; call: AnnouncedCall }
  /** A call was placed, or more is known of it. */
  | { type: 'placed'; call: PlacedCall }
  /** A line of this carrier's call has begun, as the call with this id. */
  | { type: 'line-begun'; key: string; callId: string; lines: number }
  | { type: 'line-ended'; key: string; line: EarlierLine };

/** What a process needs to begin. */
export interface Setup {
  /** Its number of those at work, from 1: its successor has it too. */
  slot: number;
  /** Its number of all that there ever were. */
  process: number;
  /** Its share in everything that an account or a machine has once. */
  settings: Settings;
  limit: CallLimit;
  url: string;
  workerId: string;
  secret: string;
  transcripts: string | undefined;
}

export type ToProcess =
  | { type: 'start'; setup: Setup }
  /** With a socket, which `listener` has accepted; see `listenersOf`. */
  | { type: 'connection'; listener: string }
  /** With its socket. */
  | { type: 'passed'; upgrade: PassedUpgrade }
  | { type: 'state'; state: GroupState; isFull: boolean; waiting: number }
  | { type: 'news'; news: News; isCounted: boolean }
  /** The others know what was shared with this number. */
  | { type: 'shared'; id: number }
  /** `isCounted`, here and of news: from now on it has a place more, or less, as the next load has to say. */
  | { type: 'decided'; id: number; isGranted: boolean; isCounted: boolean }
  | { type: 'ask-metrics'; id: number }
  | { type: 'metrics'; id: number; text: string }
  | { type: 'drain' }
  | { type: 'close' }
  /** It may end: no more connections come. */
  | { type: 'leave' };

export type FromProcess =
  | { type: 'ready'; agent: string }
  /**
   * Also once a second, as a sign of life. `received`: connections so far, `counted`: what was counted of what it has been
   * told, both of which the load takes account of.
   */
  | { type: 'load'; load: WorkerLoad; received: number; counted: number }
  | { type: 'share'; id: number; news: News }
  /** With its socket. */
  | { type: 'pass'; upgrade: PassedUpgrade }
  /** A call with this number is to come. */
  | { type: 'expect'; number: string; forMs: number }
  | { type: 'decide'; id: number; want: Want }
  | { type: 'ask-metrics'; id: number }
  | { type: 'metrics'; id: number; metrics: unknown[] }
  /** Its last call has ended, and it wants to. */
  | { type: 'leaving' };

/** Who shares an account by Redis is not alone. */
const LEAST_WITH_REDIS = 2;
/** How often a process gives a sign of life, in milliseconds. */
export const LIFE_SIGN_MS = 1_000;

/**
 * Calls that the account's quota carries, as far as this worker may use it; without limit for stand-ins. `limits`: of the
 * agent's model. Default: of that of an agent which names none.
 */
export function planCallsOf(settings: Settings, limits: AllowanceLimits = requestLimitsOf(settings)): number {
  const { planCalls, simulate, redisUrl, workersExpected = 1 } = settings;
  if (planCalls !== undefined) return planCalls;
  return simulate ? Infinity : callsThatPlanCarries(limits, { workers: redisUrl === undefined ? workersExpected : 1 });
}

/** Calls at once of all processes together. */
export function wholeLimitOf(settings: Settings, limits?: AllowanceLimits): CallLimit {
  return limitOf({ maxCalls: settings.maxCalls, planCalls: planCallsOf(settings, limits) });
}

/** As many as were asked for, and no more than there are calls. */
export function countProcesses({ processes }: Settings, { calls }: CallLimit, cores: number): number {
  return Math.min(processes === 'auto' ? cores : processes, calls);
}

/** What process `index`, counted from 0, gets of a whole; the shares add up to it. */
export function shareOf(whole: number, index: number, count: number): number {
  return Math.floor(whole / count) + (index < whole % count ? 1 : 0);
}

/** To the account, each process is a worker of its own: of what it allows, each takes its part. */
export function processSettingsOf(settings: Settings, processes: number): Settings {
  const { workersExpected = settings.redisUrl === undefined ? 1 : LEAST_WITH_REDIS } = settings;
  return { ...settings, workersExpected: workersExpected * processes };
}
