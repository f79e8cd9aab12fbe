/**
 * `bench/RESULTS.md`: what was predicted, then a section for each part with its last results, then one line for each of
 * the last runs. A run of one part leaves the sections of the others as they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Part, PartResult } from './part.ts';
import { formatChecks, formatTable } from './table.ts';

const RUNS_KEPT = 20;
/** The bench itself keeps two processes busy part of the time. */
const QUIET_LOAD_PER_CORE = 1;

const HEAD = `# What \`npm run bench\` measured

Kept by \`npm run bench\`; each part's section is that of its last run. Compare ratios, which are taken side by side in one
run; absolute times are those of the machine. Predictions were written down before anything was measured.
`;

export function writeResults(file: string, runs: readonly { part: Part; result: PartResult }[]): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const sections = readSections(old);
  for (const { part, result } of runs) sections.set(part.name, sectionOf(part, result, date));
  const lines = [...readRuns(old), ...runs.map(({ part, result }) => `- ${date} ${part.name}: ${result.headline}`)];
  const body = [...sections].map(([name, text]) => `<!-- part ${name} -->\n${text}\n<!-- end ${name} -->\n`);
  const list = `## The last runs\n\n${lines.slice(-RUNS_KEPT).join('\n')}\n`;
  writeFileSync(file, [HEAD, ...body, list].join('\n'));
}

function sectionOf(part: Part, result: PartResult, date: string): string {
  const notes = result.notes.map((note) => `- ${note}`).join('\n');
  const tables = result.tables.map((table) => `### ${table.title}\n\n${formatTable(table)}`);
  return [
    `## ${part.title}`,
    `${date} UTC. ${machine()}`,
    result.method,
    formatChecks(result.checks, part.predictions),
    ...tables,
    ...(notes === '' ? [] : [notes]),
  ].join('\n\n');
}

/** What a reader needs to judge the numbers, and nothing that names the machine. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const [load = 0] = loadavg();
  const isBusy = load > QUIET_LOAD_PER_CORE * availableParallelism();
  const noise = isBusy ? ', so other work was in the way: latencies say little, and ratios less than they could' : '';
  return (
    `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores (${model}), ${memory} GB; ` +
    `load ${load.toFixed(1)} at the end${noise}.`
  );
}

function readSections(text: string): Map<string, string> {
  const found = text.matchAll(/<!-- part (\S+) -->\n([\s\S]*?)\n<!-- end \1 -->/g);
  return new Map([...found].map(([, name = '', section = '']) => [name, section]));
}

function readRuns(text: string): string[] {
  const [, list = ''] = text.split('## The last runs\n');
  return list.split('\n').filter((line) => line.startsWith('- '));
}
