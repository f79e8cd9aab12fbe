/** Part `against`: this source side by side with another one, `--against DIR`: what a call costs, and what a start does. */
import { askOnce, startChild, type Child } from '../frame/child.ts';
import type { Check, Part, PartContext, PartResult } from '../frame/part.ts';
import { startOnce } from '../frame/start.ts';
import { figure, median, ratio } from '../frame/statistics.ts';
import type { MemoryAnswer, MemoryQuestion } from '../memory/child.ts';
import type { ImportAnswer } from '../memory/import-child.ts';
import type { Load, LoadResult } from '../text/contestant.ts';
import type { ServerReport } from '../text/server.ts';

type Side = 'now' | 'before';
type Built = PartContext['built'];
/** Rounds in turns, each with both sides right behind each other. */
type Pairs = Record<Side, number>[];

const TEXT_ROUNDS = 8;
const OTHER_ROUNDS = 5;
const LOAD: Load = { pace: 'paced', calls: 50, turns: 3, spreadMs: 900 };
const WARM_UPS: readonly Load[] = [
  { pace: 'instant', calls: 200, turns: 5, spreadMs: 1_500 },
  { pace: 'paced', calls: 50, turns: 2, spreadMs: 500 },
];
const OPEN_CALLS = 500;
/** What two runs of one source differ by. */
const NOISE = 1.05;

const part: Part = {
  name: 'against',
  title: 'Against another source',
  order: 14,
  predictions: {
    'CPU a text turn at 50 calls': '1.02 x',
    'resident for an open call': '0.75 x',
    'resident after the import': '1.03 x',
    'CPU of a start': '1.05 x',
  },
  run,
};
export default part;

async function run({ built, builtBefore, progress }: PartContext): Promise<PartResult> {
  const sides: Record<Side, Built> = { now: built, before: builtBefore ?? built };
  const server = startChild({ file: built('bench/text/server.ts') });
  try {
    const { port } = await server.ask<ServerReport>('report');
    const url = `http://127.0.0.1:${port}`;
    const cpu = await textTurns(sides, url, progress);
    const paired = (what: string, measure: (side: Built) => Promise<number>) =>
      inTurns(OTHER_ROUNDS, (side, round) => {
        progress(`${what}, ${round + 1} of ${OTHER_ROUNDS}, ${side}`);
        return measure(sides[side]);
      });
    const call = await paired('open calls', (side) => kbOfCall(side, url));
    const imported = await paired('import', mbOfImport);
    const start = await paired('start', async (side) => (await startOnce(side('dist/cli/main.js'))).cpuMs ?? NaN);
    return summarise({ cpu, call, imported, start });
  } finally {
    await server.stop();
  }
}

/** Each is the first as often as the other. */
async function inTurns(rounds: number, measure: (side: Side, round: number) => Promise<number>): Promise<Pairs> {
  const pairs: Pairs = [];
  for (let round = 0; round < rounds; round++) {
    const pair: Record<Side, number> = { now: NaN, before: NaN };
    const order: readonly Side[] = round % 2 === 0 ? ['now', 'before'] : ['before', 'now'];
    for (const side of order) pair[side] = await measure(side, round);
    pairs.push(pair);
  }
  return pairs;
}

async function textTurns(sides: Record<Side, Built>, url: string, progress: PartContext['progress']): Promise<Pairs> {
  const start = (side: Built): Child =>
    startChild({ file: side('bench/text/contestant.ts'), arguments: ['parley', url] });
  const children = { now: start(sides.now), before: start(sides.before) };
  try {
    for (const load of WARM_UPS) {
      await children.now.ask(load);
      await children.before.ask(load);
    }
    return await inTurns(TEXT_ROUNDS, async (side, round) => {
      progress(`text turns, ${round + 1} of ${TEXT_ROUNDS}, ${side}`);
      const { cpuMs, turns } = await children[side].ask<LoadResult>(LOAD);
      return cpuMs / turns;
    });
  } finally {
    await Promise.all([children.now.stop(), children.before.stop()]);
  }
}

async function kbOfCall(side: Built, url: string): Promise<number> {
  const question: MemoryQuestion = { what: 'open-calls', url: `${url}/instant`, calls: OPEN_CALLS };
  const [before, after] = await askOnce<MemoryAnswer>(side('bench/memory/child.ts'), question);
  return ((after?.rss ?? NaN) - (before?.rss ?? NaN)) / OPEN_CALLS / 1_000;
}

async function mbOfImport(side: Built): Promise<number> {
  const [, after] = await askOnce<ImportAnswer>(side('bench/memory/import-child.ts'), side('dist/index.js'));
  return after / 2 ** 20;
}

function summarise({ cpu, call, imported, start }: Record<'cpu' | 'call' | 'imported' | 'start', Pairs>): PartResult {
  const rows = [
    { what: 'CPU a text turn at 50 calls', unit: 'ms', pairs: cpu },
    { what: 'resident for an open call', unit: 'kB', pairs: call },
    { what: 'resident after the import', unit: 'MB', pairs: imported },
    { what: 'CPU of a start', unit: 'ms', pairs: start },
  ].map((row) => {
    const ratios = row.pairs.map(({ now, before }) => now / before);
    const of = (side: Side) => `${figure(median(row.pairs.map((pair) => pair[side])))} ${row.unit}`;
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    return { ...row, before: of('before'), now: of('now'), ratio: median(ratios), range };
  });
  return {
    method:
      `Both sources as plain JavaScript, each in processes of its own, in turns; the ratio is taken within each round, and its median told. ` +
      `Text: 50 calls of 3 turns with a tool at the documented pace, as in part \`text\`. An open call: ${OPEN_CALLS} that have had such a turn and use ` +
      'nothing else. The start is that of part `start`, in processor time of all its threads.',
    checks: rows.map(({ what, ratio: times }): Check => ({
      what,
      target: `at most ${NOISE} x`,
      measured: ratio(times),
      isMet: times <= NOISE,
    })),
    tables: [
      {
        title: 'Medians',
        columns: ['', 'before', 'now', 'now / before', 'rounds'],
        rows: rows.map(({ what, before, now, ratio: times, range }) => [what, before, now, ratio(times), range]),
      },
    ],
    notes: [],
    headline: rows.map(({ what, ratio: times }) => `${what} ${ratio(times)}`).join(', '),
  };
}
