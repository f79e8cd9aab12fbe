/** One crowd of callers against a fresh worker, with the services and the callers in processes of their own. */
import { setTimeout as wait } from 'node:timers/promises';
import { startChild, type Child } from '../frame/child.ts';
import type { LineDoor } from '../lines/doors.ts';
import type { PartContext } from '../frame/part.ts';
import { median, quantile } from '../frame/statistics.ts';
import type { CrowdFigures } from './caller-child.ts';
import type { Cost } from './profile.ts';
import type { Addresses } from './services-child.ts';
import type { Usage } from './usage.ts';
import type { MemoryFigures, WorkerFigures } from './worker-child.ts';

export interface Crowd {
  calls: number;
  worker: WorkerFigures;
  callers: CrowdFigures;
  services: Usage;
  /** Bytes a call. */
  rssPerCall: number;
  heapPerCall: number;
  profile: Cost[];
}

export interface CrowdOptions {
  /** Calls are recorded, and every third answer is interrupted. Default false. */
  isBusy?: boolean;
  /** By which line they dial. Default: the socket of Twilio's, at once. */
  door?: LineDoor;
}

export interface Processes {
  services: Child;
  worker: Child;
  callers: Child;
  /** Of the worker. */
  url: string;
}

/** Code is compiled and pools are filled by these, before memory is looked at. */
const WARM_UP = { calls: 10, rampMs: 500, lengthMs: 6_000 };
/** Between two calls that begin. */
const BETWEEN_CALLS_MS = 25;
const SETTLE_MS = 4_000;
const PROFILE_MS = 6_000;
/** A frame that is later than this is late. */
export const LATE_MS = 20;

export async function withProcesses<T>(
  { built }: PartContext,
  work: (all: Processes) => Promise<T>,
  { isBusy = false, door }: CrowdOptions = {},
): Promise<T> {
  const child = (name: string, nodeOptions: string[] = []) =>
    startChild({ file: built(`bench/audio/${name}.ts`), nodeOptions });
  const [services, worker, callers] = [
    child('services-child'),
    child('worker-child', ['--expose-gc']),
    child('caller-child'),
  ];
  try {
    const addresses = await services.ask<Addresses>({ what: 'start' });
    const url = await worker.ask<string>({ what: 'start', addresses, isRecorded: isBusy, env: door?.env });
    return await work({ services, worker, callers, url });
  } finally {
    await Promise.all([callers, worker, services].map((one) => one.stop()));
  }
}

export function tryCrowd(
  context: PartContext,
  calls: number,
  lengthMs: number,
  options: CrowdOptions = {},
): Promise<Crowd> {
  return withProcesses(context, (processes) => measureCrowd(processes, calls, { lengthMs, ...options }), options);
}

export async function measureCrowd(
  { services, worker, callers, url }: Processes,
  calls: number,
  { lengthMs, isBusy = false, door }: CrowdOptions & { lengthMs: number },
): Promise<Crowd> {
  const gather = (count: number, rampMs: number) =>
    callers.ask({ what: 'crowd', url, calls: count, rampMs, isInterrupting: isBusy, door });
  await gather(WARM_UP.calls, WARM_UP.rampMs);
  await wait(WARM_UP.lengthMs);
  await callers.ask({ what: 'leave' });
  await wait(1_000);
  const before = await worker.ask<MemoryFigures>({ what: 'memory' });
  await gather(calls, calls * BETWEEN_CALLS_MS);
  await wait(SETTLE_MS);
  const all = [worker, callers, services];
  await Promise.all(all.map((one) => one.ask({ what: 'count' })));
  await wait(lengthMs);
  const workerFigures = await worker.ask<WorkerFigures>({ what: 'tell' });
  const callerFigures = await callers.ask<CrowdFigures>({ what: 'tell' });
  const usage = await services.ask<Usage>({ what: 'tell' });
  const profile = await worker.ask<Cost[]>({ what: 'profile', lengthMs: PROFILE_MS });
  const after = await worker.ask<MemoryFigures>({ what: 'memory' });
  await callers.ask({ what: 'leave' });
  return {
    calls,
    worker: workerFigures,
    callers: callerFigures,
    services: usage,
    rssPerCall: (after.rss - before.rss) / calls,
    heapPerCall: (after.heap - before.heap) / calls,
    profile,
  };
}

export const lateP99Ms = ({ worker }: Crowd): number => quantile(worker.beatsLateMs, 0.99);

export const isHeld = (crowd: Crowd): boolean =>
  lateP99Ms(crowd) <= LATE_MS && crowd.callers.lost === 0 && crowd.worker.calls === crowd.calls;

/** Medians over the turns that ended. */
export function silenceMedians({ worker, callers }: Crowd): Record<string, number> {
  const by = (name: keyof WorkerFigures['turns'][number]['silence']) =>
    median(worker.turns.map(({ silence }) => silence[name]));
  return {
    turns: worker.turns.length,
    endpointing: by('endpointingMs'),
    queue: by('queueMs'),
    model: by('modelMs'),
    tool: by('toolMs'),
    speech: by('speechMs'),
    heard: median(callers.answeredAfterMs),
  };
}
