/** Part `memory`: what the import takes, what a call takes, and whether anything is left behind by calls that ended. */
import { askOnce, startChild } from '../frame/child.ts';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure, median, slope } from '../frame/statistics.ts';
import type { Memory, MemoryAnswer, MemoryQuestion } from '../memory/child.ts';
import type { ImportAnswer } from '../memory/import-child.ts';
import type { ServerReport } from '../text/server.ts';

const IMPORT_RUNS = 3;
const OPEN_CALLS = 500;
const MANY_CALLS = 2_000;
const EVERY = 200;
/** The first of the many calls still fill caches and compile code. */
const WARM_UP_SAMPLES = 2;

const part: Part = {
  name: 'memory',
  title: 'Memory',
  order: 2,
  predictions: {
    'resident after the import': '70 MB',
    'resident for an open call': '60 kB',
    'heap for an open call': '25 kB',
    'heap growth for each ended call': '0 kB',
  },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  const askCalls = (question: MemoryQuestion) => askOnce<MemoryAnswer>(built('bench/memory/child.ts'), question);
  const askImport = (module: string) => askOnce<ImportAnswer>(built('bench/memory/import-child.ts'), module);
  const server = startChild({ file: built('bench/text/server.ts') });
  const { port } = await server.ask<ServerReport>('report');
  const url = `http://127.0.0.1:${port}/instant`;
  try {
    const modules = { parley: built('dist/index.js'), openai: 'openai' };
    const imports = { parley: [] as ImportAnswer[], openai: [] as ImportAnswer[] };
    for (let at = 0; at < IMPORT_RUNS; at++) {
      progress(`import, ${at + 1} of ${IMPORT_RUNS}`);
      for (const name of ['parley', 'openai'] as const) {
        imports[name].push(await askImport(modules[name]));
      }
    }
    progress(`${OPEN_CALLS} open calls`);
    const [before, after] = await askCalls({ what: 'open-calls', url, calls: OPEN_CALLS });
    progress(`${MANY_CALLS} calls, one after the other`);
    const many = await askCalls({ what: 'many-calls', url, calls: MANY_CALLS, every: EVERY });
    return summarise(imports, { before: before as Memory, after: after as Memory }, many);
  } finally {
    await server.stop();
  }
}

function summarise(
  imports: Record<'parley' | 'openai', ImportAnswer[]>,
  open: { before: Memory; after: Memory },
  many: Memory[],
): PartResult {
  const importedMb = (name: 'parley' | 'openai', at: 0 | 1) => median(imports[name].map((run) => run[at] / 2 ** 20));
  const parleyMb = importedMb('parley', 1);
  const rssKb = (open.after.rss - open.before.rss) / OPEN_CALLS / 1_000;
  const heapKb = (open.after.heap - open.before.heap) / OPEN_CALLS / 1_000;
  const points = many.map(({ heap }, at) => ({ x: (at + 1) * EVERY, y: heap })).slice(WARM_UP_SAMPLES);
  const growthKb = slope(points) / 1_000;
  return {
    method:
      `Plain node with --expose-gc, after collections. The import is \`import 'parley-voice'\`; ${OPEN_CALLS} calls that have had one turn with a ` +
      `tool and wait for the caller; ${MANY_CALLS} calls of one turn, one after the other, measured after every ${EVERY}, the first ${WARM_UP_SAMPLES * EVERY} left out.`,
    checks: [
      {
        what: 'resident after the import',
        target: 'under 80 MB',
        measured: `${figure(parleyMb)} MB`,
        isMet: parleyMb < 80,
      },
      {
        what: 'resident for an open call',
        target: 'under 250 kB',
        measured: `${figure(rssKb)} kB`,
        isMet: rssKb < 250,
      },
      { what: 'heap for an open call', target: '', measured: `${figure(heapKb)} kB`, isMet: undefined },
      {
        what: 'heap growth for each ended call',
        target: 'under 1 kB',
        measured: `${growthKb.toFixed(3)} kB`,
        isMet: growthKb < 1,
      },
    ],
    tables: [
      {
        title: 'Import, MB resident',
        columns: ['', 'bare node', 'after the import'],
        rows: [
          ['Parley', figure(importedMb('parley', 0)), figure(parleyMb)],
          ['OpenAI SDK', figure(importedMb('openai', 0)), figure(importedMb('openai', 1))],
        ],
      },
      {
        title: 'Heap after so many calls, MB',
        columns: ['calls', ...many.map((_, at) => String((at + 1) * EVERY))],
        rows: [['heap', ...many.map(({ heap }) => (heap / 2 ** 20).toFixed(2))]],
      },
    ],
    notes: [],
    headline: `import ${figure(parleyMb)} MB, ${figure(rssKb)} kB a call, ${growthKb.toFixed(3)} kB growth a call`,
  };
}
