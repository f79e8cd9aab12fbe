/** Part `quota`: what plans carry, in one process and split over workers that share it or do not, and what callers hear. */
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createBudget } from '../../src/model/budget.ts';
import type { Budget } from '../../src/model/contract.ts';
import { callsThatPlanCarries, type Plan } from '../../src/model/plan.ts';
import { createQuota } from '../../src/worker/quota/quota.ts';
import { RedisQuota } from '../../src/worker/quota/redis-quota.ts';
import { hasRedis, startRedis, type RedisServer } from '../../test/helpers/redis.ts';
import type { Check, Part, PartContext, PartResult, Table } from '../frame/part.ts';
import { figure, quantile } from '../frame/statistics.ts';
import { runWorld, type Sharing, type TurnFacts, type WorldResult } from '../quota/world.ts';

const MINUTES = 3;
const CALLS = [1, 6, 28, 60];
/** How late a place may be free at the service: within the margin that we keep, and far beyond it. */
const FREED_WITHIN_MS = 100;
const FREED_LATE_MS = 500;
/** A plan whose places are what limits. */
const PLACES_ONLY = { concurrent: 10 };
const ROUND_TRIPS = 2_000;

const part: Part = {
  name: 'quota',
  title: 'The quota: plans, workers and what callers hear',
  order: 6,
  predictions: {
    '429s in one process': '0',
    '429s with 2 and 4 workers that share': '0',
    '429s with 4 workers that do not share': 'hundreds on Standard',
    'added wait at p95, 28 calls on Enterprise': '50 ms',
    'the same, 4 workers that share': '60 ms',
    'turns without an answer, 1 call on Standard': '0 %',
    'the way to Redis and back, p50': '0.3 ms',
    'a request while Redis hangs': '105 ms once, then 0',
  },
  run,
};
export default part;

interface Scenario {
  name: string;
  plan: Plan;
  calls: number;
  workers: number;
  sharing: Sharing;
  freedWithinMs: number;
}

interface Outcome extends Scenario {
  result: WorldResult;
}

async function run({ progress }: PartContext): Promise<PartResult> {
  const server = hasRedis ? await startRedis() : undefined;
  try {
    const outcomes: Outcome[] = [];
    for (const scenario of scenarios(server !== undefined)) {
      progress(`${scenario.name}, ${scenario.calls} calls, ${scenario.workers} workers, ${scenario.sharing}`);
      const result = await runWorld({ ...scenario, minutes: MINUTES, redisUrl: server?.url });
      outcomes.push({ ...scenario, result });
    }
    progress('the way to Redis and back');
    const way = server && (await measureWay(server));
    return summarise(outcomes, way);
  } finally {
    await server?.close();
  }
}

function scenarios(canShare: boolean): Scenario[] {
  const splits: [number, Sharing][] = [
    [1, 'one process'],
    ...(canShare
      ? ([
          [2, 'shared'],
          [4, 'shared'],
        ] as [number, Sharing][])
      : []),
    [2, 'not shared'],
    [4, 'not shared'],
    [4, 'own part'],
  ];
  const all: Scenario[] = [];
  for (const plan of ['standard', 'enterprise'] as const) {
    for (const calls of CALLS) {
      for (const [workers, sharing] of splits) {
        if (workers <= calls) all.push({ name: plan, plan, calls, workers, sharing, freedWithinMs: FREED_WITHIN_MS });
      }
    }
  }
  for (const freedWithinMs of [FREED_WITHIN_MS, FREED_LATE_MS]) {
    for (const [workers, sharing] of splits) {
      const name = `10 places, freed within ${freedWithinMs} ms`;
      all.push({ name, plan: PLACES_ONLY, calls: 60, workers, sharing, freedWithinMs });
    }
  }
  return all;
}

interface Way {
  sharedMs: number[];
  ownMs: number[];
  hungFirstMs: number;
  hungNextMs: number[];
}

/** From a request to its admission, in real time, on a server that is right here. */
async function measureWay(server: RedisServer): Promise<Way> {
  const plan = { requestsPerMinute: 200_000, concurrent: 20 };
  const options = { url: server.url, scope: 'way', clock: systemClock, log: silentLog, settleMs: 0 };
  const redis = new RedisQuota(options);
  const resources = { electron: { type: 'requests', ...plan } } as const;
  const electron = createQuota({ resources, redis, clock: systemClock }).budget('electron');
  await redis.start();
  const ownMs = await admissions(createBudget({ plan }), ROUND_TRIPS);
  await admissions(electron, 200);
  const sharedMs = await admissions(electron, ROUND_TRIPS);
  server.hang();
  const [hungFirstMs = NaN] = await admissions(electron, 1);
  const hungNextMs = await admissions(electron, 100);
  server.goOn();
  await redis.close();
  return { sharedMs, ownMs, hungFirstMs, hungNextMs };
}

async function admissions(budget: Budget, count: number): Promise<number[]> {
  const { signal } = new AbortController();
  const tookMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAtMs = performance.now();
    const release = budget.admitNow('answer') ?? (await budget.admit('answer', { deadlineMs: 5_000, signal }));
    tookMs.push(performance.now() - startedAtMs);
    release({ wasSent: false });
  }
  return tookMs;
}

function summarise(outcomes: readonly Outcome[], way: Way | undefined): PartResult {
  const checks = [...planChecks(outcomes), ...(way ? wayChecks(way) : [])];
  const named = (name: string) => outcomes.filter((one) => one.name === name);
  const names = [...new Set(outcomes.map(({ name }) => name))];
  return {
    method:
      `Real calls with the real turn machine in virtual time, ${MINUTES} minutes of each: callers think for 5 s, answers take 10 s to be heard, three ` +
      'turns in four use a tool. The service counts a minute both ways (rolling, and by the clock), frees a place up to ' +
      `${FREED_WITHIN_MS} ms after its answer has ended, and requests reach it after 5 to 60 ms. Workers share through a real Redis, whose time is the virtual one. ` +
      'Added wait: in the queue and in retries, all requests of a turn together, of turns that were answered.',
    checks,
    tables: names.map((name) => tableOf(name, named(name))),
    notes: [
      `By its minute, Standard carries ${callsThatPlanCarries('standard')} call and Enterprise ${callsThatPlanCarries('enterprise')}; what is above that is refused to somebody, whoever decides it. ` +
        'A turn for which there will be no room within 20 s is told so at once (the recovery phrase) rather than after 20 s.',
      '"not shared": each worker believes that it has the whole plan. "own part": each goes by its part, as with PARLEY_WORKERS_EXPECTED or while Redis is away.',
      ...(way ? [] : ['redis-server is not installed: nothing was shared, and no way measured.']),
      'Speech is not part of it: the voice here has no limit of syntheses.',
    ],
    headline: checks
      .map(({ what, measured }) => `${what} ${measured}`)
      .slice(0, 4)
      .join('; '),
  };
}

function planChecks(outcomes: readonly Outcome[]): Check[] {
  const sum = (of: (one: Outcome) => boolean) =>
    outcomes.filter(of).reduce((total, { result }) => total + refusals(result), 0);
  const isPlan = ({ plan }: Outcome) => typeof plan === 'string';
  const find = (plan: Plan, calls: number, workers: number, sharing: Sharing) =>
    outcomes.find(
      (one) => one.plan === plan && one.calls === calls && one.workers === workers && one.sharing === sharing,
    );
  const zero = (what: string, of: (one: Outcome) => boolean): Check => {
    const count = sum(of);
    return { what, target: '0', measured: String(count), isMet: count === 0 };
  };
  const shared = find('enterprise', 28, 4, 'shared');
  const waitOf = (one: Outcome | undefined) => (one ? p95(one.result.turns) : NaN);
  const ms = (value: number) => `${figure(value)} ms`;
  const alone = find('standard', 1, 1, 'one process');
  const unanswered = alone ? share(alone.result.turns, ({ hasRecovery }) => hasRecovery) : '-';
  const oneWait = waitOf(find('enterprise', 28, 1, 'one process'));
  return [
    zero('429s in one process', (one) => isPlan(one) && one.sharing === 'one process'),
    ...(shared ? [zero('429s with 2 and 4 workers that share', (one) => isPlan(one) && one.sharing === 'shared')] : []),
    {
      what: '429s with 4 workers that do not share',
      target: '',
      measured: String(sum((one) => isPlan(one) && one.sharing === 'not shared' && one.workers === 4)),
      isMet: undefined,
    },
    {
      what: 'added wait at p95, 28 calls on Enterprise',
      target: 'at most 500 ms',
      measured: ms(oneWait),
      isMet: oneWait <= 500,
    },
    ...(shared
      ? [
          {
            what: 'the same, 4 workers that share',
            target: 'at most 500 ms',
            measured: ms(waitOf(shared)),
            isMet: waitOf(shared) <= 500,
          },
        ]
      : []),
    {
      what: 'turns without an answer, 1 call on Standard',
      target: '0 %',
      measured: unanswered,
      isMet: unanswered === '0 %',
    },
  ];
}

function wayChecks({ sharedMs, ownMs, hungFirstMs, hungNextMs }: Way): Check[] {
  return [
    {
      what: 'the way to Redis and back, p50',
      target: 'at most 2 ms',
      measured: `${figure(quantile(sharedMs, 0.5))} ms, p99 ${figure(quantile(sharedMs, 0.99))} ms; without Redis ${figure(quantile(ownMs, 0.5))} ms`,
      isMet: quantile(sharedMs, 0.5) <= 2,
    },
    {
      what: 'a request while Redis hangs',
      target: 'at most 150 ms, once',
      measured: `${figure(hungFirstMs)} ms once, then ${figure(quantile(hungNextMs, 0.5))} ms`,
      isMet: hungFirstMs <= 150 && quantile(hungNextMs, 0.5) < 5,
    },
  ];
}

function tableOf(name: string, outcomes: readonly Outcome[]): Table {
  return {
    title: name,
    columns: [
      'calls, workers',
      'requests a minute',
      '429s: rate',
      'places',
      'turns',
      'added wait p50, ms',
      'p95, ms',
      'silence of it p95, ms',
      'held the line',
      'queue-timeout',
      'recovery phrase',
    ],
    rows: outcomes.map(({ calls, workers, sharing, result }) => {
      const { turns } = result;
      const answered = turns.filter(({ hasRecovery }) => !hasRecovery);
      return [
        `${calls}, ${workers === 1 ? sharing : `${workers} ${sharing}`}`,
        figure(result.served / MINUTES),
        String(result.refusedForRate),
        String(result.refusedForPlaces),
        String(turns.length),
        figure(
          quantile(
            answered.map(({ addedMs }) => addedMs),
            0.5,
          ),
        ),
        figure(p95(turns)),
        figure(
          quantile(
            answered.map(({ silentMs }) => silentMs),
            0.95,
          ),
        ),
        share(turns, ({ bridges }) => bridges > 0),
        share(turns, ({ hasTimedOut }) => hasTimedOut),
        share(turns, ({ hasRecovery }) => hasRecovery),
      ];
    }),
  };
}

const refusals = ({ refusedForRate, refusedForPlaces }: WorldResult): number => refusedForRate + refusedForPlaces;

function p95(turns: readonly TurnFacts[]): number {
  const answered = turns.filter(({ hasRecovery }) => !hasRecovery);
  return quantile(
    answered.map(({ addedMs }) => addedMs),
    0.95,
  );
}

function share(turns: readonly TurnFacts[], of: (turn: TurnFacts) => boolean): string {
  return turns.length === 0 ? '-' : `${Math.round((100 * turns.filter(of).length) / turns.length)} %`;
}
