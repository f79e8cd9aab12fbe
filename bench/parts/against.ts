/** Part `against`: this source side by side with another one, `--against DIR`: what a call costs, and what a start does. */
import { askOnce, startChild, type Child } from '../frame/child.ts';
import type { Check, Part, PartContext, PartResult } from '../frame/part.ts';
import { startOnce } from '../frame/start.ts';
import { figure, median, ratio } from '../frame/statistics.ts';
import type { Memory, MemoryAnswer, MemoryQuestion } from '../memory/child.ts';
import type { ImportAnswer } from '../memory/import-child.ts';
import type { Load, LoadResult } from '../text/contestant.ts';
import type { ServerReport } from '../text/server.ts';

type Side = 'now' | 'before';
type Built = PartContext['built'];
/** Rounds in turns, each with both sides right behind each other. */
type Pairs<Figure = number> = Record<Side, Figure>[];

const TEXT_ROUNDS = 8;
const OTHER_ROUNDS = 5;
const LOAD: Load = { pace: 'paced', calls: 50, turns: 3, spreadMs: 900 };
const WARM_UPS: readonly Load[] = [
  { pace: 'instant', calls: 200, turns: 5, spreadMs: 1_500 },
  { pace: 'paced', calls: 50, turns: 2, spreadMs: 500 },
];
/** With 500 it is told by where the heap happens to stand: from 0.92 to 1.85 x within one run. */
const OPEN_CALLS = 2_000;
/** What two runs of one source differ by. */
const NOISE = 1.05;

const part: Part = {
  name: 'against',
  title: 'Against another source',
  order: 14,
  predictions: {
    'CPU a text turn at 50 calls': '1.02 x',
    'resident for an open call': '0.98 x',
    'heap for an open call': '0.77 x',
    'resident after the import': '1.13 x',
    'CPU of a start': '1.08 x',
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
    const paired = <Figure>(what: string, measure: (side: Built) => Promise<Figure>) =>
      inTurns(OTHER_ROUNDS, (side, round) => {
        progress(`${what}, ${round + 1} of ${OTHER_ROUNDS}, ${side}`);
        return measure(sides[side]);
      });
    const open = await paired('open calls', (side) => kbOfCall(side, url));
    const of = (kind: keyof Memory): Pairs<number> =>
      open.map(({ now, before }) => ({ now: now[kind], before: before[kind] }));
    const imported = await paired('import', mbOfImport);
    const start = await paired('start', async (side) => (await startOnce(side('dist/cli/main.js'))).cpuMs ?? NaN);
    return summarise({ cpu, call: of('rss'), heap: of('heap'), imported, start });
  } finally {
    await server.stop();
  }
}

/** Each is the first as often as the other. */
async function inTurns<Figure>(
  rounds: number,
  measure: (side: Side, round: number) => Promise<Figure>,
): Promise<Pairs<Figure>> {
  const pairs: Pairs<Figure> = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second]: readonly [Side, Side] = round % 2 === 0 ? ['now', 'before'] : ['before', 'now'];
    const measured = { [first]: await measure(first, round), [second]: await measure(second, round) };
    pairs.push(measured as Record<Side, Figure>);
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

async function kbOfCall(side: Built, url: string): Promise<Memory> {
  const question: MemoryQuestion = { what: 'open-calls', url: `${url}/instant`, calls: OPEN_CALLS };
  const [before, after] = await askOnce<MemoryAnswer>(side('bench/memory/child.ts'), question);
  const each = (kind: keyof Memory) => ((after?.[kind] ?? NaN) - (before?.[kind] ?? NaN)) / OPEN_CALLS / 1_000;
  return { rss: each('rss'), heap: each('heap') };
}

async function mbOfImport(side: Built): Promise<number> {
  const [, after] = await askOnce<ImportAnswer>(side('bench/memory/import-child.ts'), side('dist/index.js'));
  return after / 2 ** 20;
}

type Rows = Record<'cpu' | 'call' | 'heap' | 'imported' | 'start', Pairs>;

function summarise({ cpu, call, heap, imported, start }: Rows): PartResult {
  const rows = [
    { what: 'CPU a text turn at 50 calls', unit: 'ms', pairs: cpu },
    { what: 'resident for an open call', unit: 'kB', pairs: call },
    { what: 'heap for an open call', unit: 'kB', pairs: heap },
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
