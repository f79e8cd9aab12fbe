/**
 * So many calls on one plan for a few minutes of virtual time: real calls with the real turn machine, a voice that takes
 * its time, callers who think, and a strict service behind one budget, or behind those of several workers.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import { z } from 'zod';
import { createAgent, createParley, defineTool, type Agent, type Call, type LanguageModel } from '../../src/index.ts';
import { VirtualClock, type Clock } from '../../src/lib/clock.ts';
import { ProviderError, VoiceError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createBudget } from '../../src/model/budget.ts';
import type { Budget, Release } from '../../src/model/contract.ts';
import type { ModelEvent, StepEnd, StepRequest } from '../../src/model/contract.ts';
import { retryDelayMs } from '../../src/model/electron/failure.ts';
import { limitsOf, type Plan } from '../../src/model/plan.ts';
import { OwnPart } from '../../src/worker/quota/own-part.ts';
import { createQuota } from '../../src/worker/quota/quota.ts';
import { RedisQuota } from '../../src/worker/quota/redis-quota.ts';
import { SlowSpeaker } from '../replay/long-call.ts';
import { StrictService, type ServiceCounts } from './service.ts';

export type Sharing = 'one process' | 'shared' | 'not shared' | 'own part';

export interface WorldOptions {
  plan: Plan;
  calls: number;
  workers: number;
  sharing: Sharing;
  /** For `shared`. */
  redisUrl?: string | undefined;
  minutes: number;
  freedWithinMs: number;
}

export interface WorldResult extends ServiceCounts {
  turns: TurnFacts[];
}

export interface TurnFacts {
  /** In the budget's queue and in retries, all its requests together. */
  addedMs: number;
  /** Of that, what the caller heard as silence. */
  silentMs: number;
  /** Phrases that were said only because it took long: holds and progress. */
  bridges: number;
  hasRecovery: boolean;
  hasTimedOut: boolean;
}

const STEP_MS = 5;
const THINKING_MS = { least: 3_500, most: 6_500 };
const TOOL_MS = 180;
const LOOKED_UP_SHARE = 0.75;
const ANSWER =
  'It will be cloudy in the morning with light rain from noon on, and in the evening it clears up. The night will be dry and cold. Is there another city for you?';
const FILLER = 'Let me look that up for you. ';

let worlds = 0;

export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  const { plan, calls, workers, minutes, freedWithinMs } = options;
  const clock = new VirtualClock();
  const random = dice(calls * 100 + workers);
  const service = new StrictService({ clock, random, ...limitsOf(plan), freedWithinMs });
  const agent = await agentOf(clock);
  const turns: TurnFacts[] = [];
  const quotas: RedisQuota[] = [];
  const scope = `bench-${process.pid}-${++worlds}`;
  const budgets: Budget[] = [];
  for (let i = 0; i < workers; i++) budgets.push(await openBudget(options, { clock, quotas, scope }));
  const parleys = budgets.map((budget) => createParley({ model: modelOf({ budget, service, clock, random }), clock }));
  const endMs = minutes * 60_000;
  for (let i = 0; i < calls; i++) {
    const parley = parleys[i % workers]!;
    clock.after(random() * 15_000, () => {
      const call = parley.startCall(agent, {
        callId: `call-${i}`,
        medium: { bridge: 'bench', heardBy: 'reported', speaker: (listener) => new SlowSpeaker(clock, listener) },
        listen: (opened) => watch(opened, turns),
      });
      void converse(call, { clock, random });
    });
  }
  while (clock.nowMs() < endMs) {
    const nextMs = Math.max(clock.nextAtMs ?? endMs, clock.nowMs() + STEP_MS);
    clock.advanceTo(Math.min(endMs, nextMs));
    await letSettle(quotas);
  }
  for (const parley of parleys) for (const call of parley.calls) call.hangUp();
  for (const quota of quotas) await quota.close();
  for (const parley of parleys) await parley.close();
  return { ...service.counts, turns };
}

/** What is asked of Redis is answered before time goes on, and so is what is asked because of the answer. */
async function letSettle(quotas: readonly RedisQuota[]): Promise<void> {
  do {
    for (const quota of quotas) await quota.settled();
    await nextTick();
  } while (quotas.some((quota) => !quota.isSettled));
}

async function openBudget(
  { plan, workers, sharing, redisUrl = '' }: WorldOptions,
  { clock, quotas, scope }: { clock: VirtualClock; quotas: RedisQuota[]; scope: string },
): Promise<Budget> {
  if (sharing === 'own part') return createBudget({ plan, clock, shared: new OwnPart(workers) });
  if (sharing !== 'shared') return createBudget({ plan, clock });
  const timeMs = () => 1e12 + clock.nowMs();
  const options = { url: redisUrl, scope, clock, log: silentLog, settleMs: 0, commandTimeoutMs: 1e9, timeMs };
  const redis = new RedisQuota(options);
  quotas.push(redis);
  const resources = { electron: { type: 'requests', ...limitsOf(plan) } } as const;
  const quota = createQuota({ resources, redis, clock });
  await redis.start();
  return quota.budget('electron');
}

async function converse(call: Call, { clock, random }: { clock: Clock; random: () => number }): Promise<void> {
  for (;;) {
    const thinkingMs = THINKING_MS.least + random() * (THINKING_MS.most - THINKING_MS.least);
    await new Promise<void>((resolve) => clock.after(thinkingMs, resolve));
    const result = await call.say('and what will the weather be like in Pune tomorrow');
    if (!result) return; // the call has ended
  }
}

/** What each turn cost, and what the caller heard of it. */
function watch(call: Call, turns: TurnFacts[]): void {
  let now: TurnFacts = newTurn();
  call.on('event', (event) => {
    switch (event.type) {
      case 'turn-start':
        now = newTurn();
        return;
      case 'step-end':
        now.addedMs += event.queueMs;
        return;
      case 'error':
        if (event.code === 'queue-timeout' || event.code === 'rate-limited') now.hasTimedOut = true;
        return;
      case 'text-delta':
        if (event.kind === 'progress' || event.kind === 'tool-filler') now.bridges++;
        if (event.kind === 'recovery') now.hasRecovery = true;
        return;
      case 'turn-end':
        now.silentMs = event.latency.silence.queueMs ?? 0;
        turns.push(now);
        return;
      default:
    }
  });
}

const newTurn = (): TurnFacts => ({ addedMs: 0, silentMs: 0, bridges: 0, hasRecovery: false, hasTimedOut: false });

function agentOf(clock: Clock): Promise<Agent> {
  const forecast = defineTool({
    name: 'weather_forecast',
    description: 'Looks up the forecast for a city.',
    input: z.object({ city: z.string() }),
    effect: 'read',
    run: ({ city }) => new Promise((resolve) => clock.after(TOOL_MS, () => resolve({ city, celsius: 24 }))),
  });
  return createAgent({
    name: 'weather-line',
    instructions: 'You answer the phone of a weather service.',
    greeting: 'Hello, this is the weather service. How can I help?',
    tools: [forecast],
  });
}

interface ModelParts {
  budget: Budget;
  service: StrictService;
  clock: Clock;
  random: () => number;
}

/** Asks the service as `electron/step.ts` does: within the budget, and again after a 429 as long as it is worth it. */
function modelOf(parts: ModelParts): LanguageModel {
  return {
    name: 'bench',
    prewarm: async () => {},
    close: async () => {},
    startStep(request, listener) {
      const step = new BenchStep(parts, request, listener);
      return { abort: () => step.abort() };
    },
  };
}

class BenchStep {
  readonly #parts: ModelParts;
  readonly #request: StepRequest;
  readonly #listener: (event: ModelEvent) => void;
  readonly #startedAtMs: number;
  readonly #leaving = new AbortController();
  #release: Release | undefined;
  #attempts = 0;
  #queueMs = 0;
  #isOver = false;

  constructor(parts: ModelParts, request: StepRequest, listener: (event: ModelEvent) => void) {
    this.#parts = parts;
    this.#request = request;
    this.#listener = listener;
    this.#startedAtMs = parts.clock.nowMs();
    this.#enqueue();
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leaving.abort();
  }

  get #leftMs(): number {
    return this.#startedAtMs + (this.#request.deadlineMs ?? 30_000) - this.#parts.clock.nowMs();
  }

  #enqueue(): void {
    const { budget } = this.#parts;
    const { priority } = this.#request;
    const release = budget.admitNow(priority);
    const options = { deadlineMs: this.#leftMs, signal: this.#leaving.signal };
    const admitted = release ? Promise.resolve(release) : budget.admit(priority, options);
    admitted.then(
      (granted) => (this.#isOver ? granted({ wasSent: false }) : this.#send(granted)),
      (thrown: unknown) => this.#fail(thrown instanceof VoiceError ? thrown.code : 'internal'),
    );
  }

  #send(release: Release): void {
    const { service, clock, budget, random } = this.#parts;
    this.#release = release;
    this.#attempts++;
    this.#queueMs = clock.nowMs() - this.#startedAtMs;
    service.ask(
      (answer) => {
        if (!answer.isRefused) return this.#hand();
        budget.lower({ isConcurrency: answer.isConcurrency });
        this.#release?.({ wasSent: false });
        if (this.#isOver) return;
        const error = new ProviderError('electron', 'rate-limited', 'refused', { phase: 'connect', status: 429 });
        const delayMs = retryDelayMs(error, this.#attempts, random());
        if (delayMs === undefined || delayMs >= this.#leftMs) return this.#fail('rate-limited');
        clock.after(delayMs, () => !this.#isOver && this.#enqueue());
      },
      () => {
        this.#release?.();
        if (this.#isOver) return;
        this.#isOver = true;
        const finishReason = this.#isLookUp ? 'tool_calls' : 'stop';
        this.#listener({ type: 'step-end', end: { ...this.#end, finishReason } });
      },
    );
  }

  #hand(): void {
    if (this.#isOver) return;
    if (!this.#isLookUp) return this.#listener({ type: 'text-delta', delta: ANSWER });
    this.#listener({ type: 'text-delta', delta: FILLER });
    this.#listener({ type: 'tool-call-start' });
    const id = `call_${this.#request.messages.length}`;
    this.#listener({ type: 'tool-call', call: { id, name: 'weather_forecast', arguments: '{"city":"Pune"}' } });
  }

  /** Three turns in four use the tool. */
  get #isLookUp(): boolean {
    const { messages } = this.#request;
    if (messages.at(-1)?.role === 'tool') return false;
    const questions = messages.filter(({ role }) => role === 'user').length;
    return questions % Math.round(1 / (1 - LOOKED_UP_SHARE)) !== 0;
  }

  #fail(code: ProviderError['code']): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#queueMs = this.#parts.clock.nowMs() - this.#startedAtMs;
    const error = new ProviderError('electron', code, 'no room', { phase: 'connect' });
    this.#listener({ type: 'step-failed', error, end: this.#end });
  }

  get #end(): StepEnd {
    return {
      finishReason: 'unknown',
      isTruncated: false,
      usage: { promptTokens: 500, completionTokens: 40, cachedTokens: 0 },
      requestId: undefined,
      firstTokenMs: 250,
      queueMs: this.#queueMs,
      attempts: this.#attempts,
    };
  }
}

/** The same numbers in every run. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
