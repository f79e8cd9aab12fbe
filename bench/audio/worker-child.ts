/** The worker that is measured: the one of `parley serve`, over real sockets. Needs `--expose-gc`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import type { Call } from '../../src/call/call.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { SilenceByCause } from '../../src/turn/contract.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { answer } from '../frame/child.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { topFunctions, type Cost } from './profile.ts';
import type { Addresses } from './services-child.ts';
import { startWorker } from './start-worker.ts';
import { countUsage, type Usage } from './usage.ts';

export type WorkerQuestion =
  | { what: 'start'; addresses: Addresses; isRecorded?: boolean; env?: Record<string, string> }
  | { what: 'memory' }
  | { what: 'count' }
  | { what: 'tell' }
  | { what: 'profile'; lengthMs: number };

/** A turn as the worker saw it; instants are monotonic, the same in every process. */
export interface TurnSeen {
  /** As the caller knows it. */
  callId: string;
  /** The model's first word was handed on. */
  firstTokenAtMs: number;
  silence: SilenceByCause;
}

export interface WorkerFigures extends Usage {
  calls: number;
  /** Of each beat: how late its first tick ran, and its last, which is the frame of the call that came last. */
  beatsLateMs: number[];
  lastFramesLateMs: number[];
  turns: TurnSeen[];
  /** Errors that calls told, by code. */
  errors: Record<string, number>;
}

/** Resident, and heap with what it holds outside, in bytes. */
export interface MemoryFigures {
  rss: number;
  heap: number;
}

const frameClock = new FrameClock(systemClock);
let beatsLateMs: number[] = [];
let lastFramesLateMs: number[] = [];
let turns: TurnSeen[] = [];
let errors: Record<string, number> = {};
let worker: Worker | undefined;
let tellUsage: (() => Usage) | undefined;
let leaveLast = () => {};
// the first on the beat, so that it sees how late the beat itself is
frameClock.subscribe((beatMs) => beatsLateMs.push(Math.max(0, systemClock.nowMs() - beatMs)));

answer((question: WorkerQuestion): unknown => {
  switch (question.what) {
    case 'start':
      return start(question.addresses, question.isRecorded ?? false, question.env);
    case 'memory':
      return memory();
    case 'count':
      return count();
    case 'tell':
      return tell();
    case 'profile':
      return profile(question.lengthMs);
  }
});

async function start(addresses: Addresses, isRecorded: boolean, env?: Record<string, string>): Promise<string> {
  const record = isRecorded ? mkdtempSync(join(tmpdir(), 'parley-bench-')) : undefined;
  if (record !== undefined) process.once('exit', () => rmSync(record, { recursive: true, force: true }));
  const started = await startWorker(addresses, { frameClock, onCall: watch, record, env });
  ({ worker } = started);
  return started.url;
}

function watch(call: Call): void {
  let firstTokenAtMs = NaN;
  call.on('turn-start', () => (firstTokenAtMs = NaN));
  call.on('text-delta', ({ step }) => {
    if (step !== undefined && Number.isNaN(firstTokenAtMs)) firstTokenAtMs = monotonicMs();
  });
  call.on('turn-end', ({ latency }) => {
    turns.push({ callId: call.caller.carrierCallId, firstTokenAtMs, silence: latency.silence });
  });
  call.on('error', ({ code }) => (errors[code] = (errors[code] ?? 0) + 1));
}

function count(): void {
  [beatsLateMs, lastFramesLateMs, turns, errors] = [[], [], [], {}];
  leaveLast(); // and again behind the calls that have come meanwhile
  leaveLast = frameClock.subscribe((beatMs) => lastFramesLateMs.push(Math.max(0, systemClock.nowMs() - beatMs)));
  tellUsage = countUsage();
}

function tell(): WorkerFigures {
  if (!tellUsage) throw new Error('Expected `count` before `tell`');
  return { ...tellUsage(), calls: worker?.calls.size ?? 0, beatsLateMs, lastFramesLateMs, turns, errors };
}

async function memory(): Promise<MemoryFigures> {
  for (let round = 0; round < 3; round++) {
    await wait(10);
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

async function profile(lengthMs: number): Promise<Cost[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  await wait(lengthMs);
  const { profile: found } = await session.post('Profiler.stop');
  session.disconnect();
  return topFunctions(found);
}
