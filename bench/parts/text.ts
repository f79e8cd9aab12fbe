/** Part `text`: one turn of text with a tool, against a hand-written client and the official OpenAI SDK. */
import { setTimeout as wait } from 'node:timers/promises';
import { startChild, type Child } from '../frame/child.ts';
import type { Check, Part, PartContext, PartResult, Table } from '../frame/part.ts';
import { figure, median, quantile, ratio } from '../frame/statistics.ts';
import type { ContestantName, Load, LoadResult } from '../text/contestant.ts';
import type { Samples } from '../text/probe.ts';
import { FINISH_MS, TOOL_MS } from '../text/script.ts';
import type { ServerReport } from '../text/server.ts';

const CONTESTANTS: readonly ContestantName[] = ['floor', 'parley', 'openai'];

interface Level extends Omit<Load, 'pace'> {
  name: string;
  title: string;
  rounds: number;
}

/**
 * A turn takes 0.9 to 1.1 s. The last level is 500 calls as they are on a phone: one turn in 5 s, the rest is speech; the one
 * before has every call in the midst of a turn at once, which is where a process is full.
 */
const LEVELS: readonly Level[] = [
  { name: '1', title: '1 call', calls: 1, turns: 3, spreadMs: 0, rounds: 4 },
  { name: '50', title: '50 calls, all in a turn', calls: 50, turns: 3, spreadMs: 900, rounds: 4 },
  { name: '500', title: '500 calls, all in a turn', calls: 500, turns: 2, spreadMs: 900, rounds: 3 },
  { name: '500 phone', title: '500 calls, a turn every 5 s each', calls: 500, turns: 1, spreadMs: 5_000, rounds: 3 },
];
/** A process that has been at work for a while: its code is compiled, its connections are open. */
const WARM_UPS: readonly Load[] = [
  { pace: 'instant', calls: 200, turns: 5, spreadMs: 1_500 },
  { pace: 'paced', calls: 50, turns: 2, spreadMs: 500 },
];

type Metric = { name: string } & ({ of: keyof Samples; part: number } | { of: 'cpu' });

const METRICS: readonly Metric[] = [
  { name: 'first content chunk to the callback, ms', of: 'firstChunk', part: 0.5 },
  { name: 'content chunk to the callback, ms', of: 'chunk', part: 0.5 },
  { name: 'content chunk to the callback, p99, ms', of: 'chunk', part: 0.99 },
  { name: 'caller text to request, ms', of: 'textToRequest', part: 0.5 },
  { name: 'last argument to tool start, ms', of: 'argumentToHandler', part: 0.5 },
  { name: 'last tool result to next request, ms', of: 'resultToRequest', part: 0.5 },
  { name: 'last argument to first answer chunk, ms', of: 'argumentToAnswer', part: 0.5 },
  { name: 'added on the way to the answer, ms', of: 'added', part: 0.5 },
  { name: 'CPU a turn, ms', of: 'cpu' },
];

/** The rounds of one level, each with what every contestant did in it. */
interface LevelResult {
  level: Level;
  rounds: Record<ContestantName, LoadResult>[];
  server: ServerReport[];
}

const predictions = {
  'content chunk to the speaker, 1 call': '1.1 x floor',
  'content chunk to the speaker, 50 calls': '1.15 x floor',
  'last argument to tool start': '0.3 ms at 1, 0.4 ms at 50',
  'last result to next request, 1 call': '1.2 x floor',
  'last result to next request, 50 calls': '1.2 x floor',
  'CPU a turn at 50, against the floor': '1.4 x',
  'CPU a turn at 50, against the OpenAI SDK': '0.5 x',
  'added latency, 500 calls': '2 ms',
};

const part: Part = {
  name: 'text',
  title: 'A turn of text with a tool',
  order: 1,
  predictions,
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  const server = startChild({ file: built('bench/text/server.ts') });
  const { port } = await server.ask<ServerReport>('report');
  const children = Object.fromEntries(
    CONTESTANTS.map((name) => [
      name,
      startChild({
        file: built('bench/text/contestant.ts'),
        arguments: [name, `http://127.0.0.1:${port}`],
      }),
    ]),
  ) as Record<ContestantName, Child>;
  try {
    for (const name of CONTESTANTS) {
      progress(`warming up ${name}`);
      for (const load of WARM_UPS) await children[name].ask(load);
    }
    const levels: LevelResult[] = [];
    for (const level of LEVELS) levels.push(await measure(level, children, server, progress));
    return summarise(levels);
  } finally {
    await Promise.all([server, ...Object.values(children)].map((child) => child.stop()));
  }
}

/** Everyone takes a turn at being first. */
async function measure(
  level: Level,
  children: Record<ContestantName, Child>,
  server: Child,
  progress: PartContext['progress'],
): Promise<LevelResult> {
  const result: LevelResult = { level, rounds: [], server: [] };
  const { calls, turns, spreadMs } = level;
  for (let round = 0; round < level.rounds; round++) {
    const order = CONTESTANTS.map((_, at) => CONTESTANTS[(at + round) % CONTESTANTS.length] as ContestantName);
    const results: Partial<Record<ContestantName, LoadResult>> = {};
    await server.ask('report');
    for (const name of order) {
      progress(`${level.title}, round ${round + 1} of ${level.rounds}, ${name}`);
      results[name] = await children[name].ask<LoadResult>({ pace: 'paced', calls, turns, spreadMs });
      await wait(100);
    }
    result.rounds.push(results as Record<ContestantName, LoadResult>);
    result.server.push(await server.ask<ServerReport>('report'));
  }
  return result;
}

function valueOf({ samples, cpuMs, turns }: LoadResult, metric: Metric): number {
  return metric.of === 'cpu' ? cpuMs / turns : quantile(samples[metric.of], metric.part);
}

/** The median over rounds, and the ratios taken within each round. */
function compare({ rounds }: LevelResult, metric: Metric) {
  const values = (name: ContestantName) => rounds.map((round) => valueOf(round[name], metric));
  const ratios = (name: ContestantName) =>
    rounds.map((round) => valueOf(round.parley, metric) / valueOf(round[name], metric));
  return {
    floor: median(values('floor')),
    parley: median(values('parley')),
    openai: median(values('openai')),
    toFloor: median(ratios('floor')),
    toOpenai: median(ratios('openai')),
    range: `${Math.min(...ratios('floor')).toFixed(2)} to ${Math.max(...ratios('floor')).toFixed(2)}`,
  };
}

function tableOf(result: LevelResult): Table {
  const columns = ['', 'floor', 'Parley', 'OpenAI SDK', 'Parley / floor', 'rounds', 'Parley / SDK'];
  const rows = METRICS.map((metric) => {
    const { floor, parley, openai, toFloor, toOpenai, range } = compare(result, metric);
    return [metric.name, figure(floor), figure(parley), figure(openai), ratio(toFloor), range, ratio(toOpenai)];
  });
  return { title: result.level.title, columns, rows };
}

function summarise(levels: LevelResult[]): PartResult {
  const at = (level: string, metricName: string) => {
    const result = levels.find((candidate) => candidate.level.name === level);
    const metric = METRICS.find((candidate) => candidate.name.startsWith(metricName));
    if (!result || !metric) throw new Error(`No ${metricName} at ${level}`);
    return compare(result, metric);
  };
  const atMost = (what: string, value: number, most: number, unit: 'x floor' | 'x' | 'ms'): Check => ({
    what,
    target: `at most ${most} ${unit}`,
    measured: `${value.toFixed(2)} ${unit}`,
    isMet: value <= most,
  });
  const [one, fifty] = ['1', '50'].map((level) => at(level, 'last argument to tool start').parley) as [number, number];
  const start = `${one.toFixed(2)} ms at 1, ${fifty.toFixed(2)} ms at 50`;
  const cpu = at('50', 'CPU');
  const checks: Check[] = [
    atMost('content chunk to the speaker, 1 call', at('1', 'content chunk').toFloor, 1.5, 'x floor'),
    atMost('content chunk to the speaker, 50 calls', at('50', 'content chunk').toFloor, 1.5, 'x floor'),
    {
      what: 'last argument to tool start',
      target: `under 1 ms, whatever the ${FINISH_MS} ms to the end`,
      measured: start,
      isMet: one < 1 && fifty < 1,
    },
    atMost('last result to next request, 1 call', at('1', 'last tool result').toFloor, 1.5, 'x floor'),
    atMost('last result to next request, 50 calls', at('50', 'last tool result').toFloor, 1.5, 'x floor'),
    atMost('CPU a turn at 50, against the floor', cpu.toFloor, 1.6, 'x'),
    atMost('CPU a turn at 50, against the OpenAI SDK', cpu.toOpenai, 0.5, 'x'),
    atMost('added latency, 500 calls', at('500 phone', 'added').parley, 5, 'ms'),
  ];
  const cpuText = `${figure(cpu.parley)} ms CPU a turn at 50 (${ratio(cpu.toFloor)} floor, ${ratio(cpu.toOpenai)} SDK)`;
  const full = levels.find(({ level }) => level.name === '500');
  const fullText = full ? `${figure(median(full.rounds.map((round) => turnsASecond(round.parley))))}` : '-';
  return {
    method:
      `8 filler chunks, a call in 6 pieces, ${FINISH_MS} ms from the last argument to the end of the answer, a tool of ${TOOL_MS} ms, ` +
      '40 answer chunks, at the documented pace (first token after 250 ms, then 5 ms each). Everyone in a process of their own, ' +
      'the server in another, in turns; medians over rounds, ratios within a round. The floor has no features and, like the SDK, ' +
      'runs the tool when the answer has ended. Times from the server are from just before its write.',
    checks,
    tables: levels.map(tableOf),
    notes: [
      ...levels.map(({ level, server, rounds }) => {
        const load = rounds.map((round) => (100 * round.parley.cpuMs) / round.parley.wallMs);
        return (
          `${level.title}: Parley kept ${figure(median(load))} % of a core busy; the server's writes were late by ` +
          `${figure(median(server.map((report) => report.lateP50Ms)))} ms at the median and ` +
          `${figure(median(server.map((report) => report.lateP99Ms)))} ms at p99.`
        );
      }),
      `With all 500 calls in a turn Parley did ${fullText} turns a second.`,
    ],
    headline: `${cpuText}; chunk ${ratio(at('50', 'content chunk').toFloor)}, result to request ${ratio(at('50', 'last tool result').toFloor)} floor; tool start ${start}`,
  };
}

const turnsASecond = ({ turns, wallMs }: LoadResult) => (1_000 * turns) / wallMs;
