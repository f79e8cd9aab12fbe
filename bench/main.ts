/**
 * `npm run bench`: measures the numbers of the design, side by side with what others do, prints them and keeps them in
 * `bench/RESULTS.md`. With names it runs those parts only: `npm run bench -- text memory`. `--calls 50,300` chooses how many
 * calls at once part `audio` tries; `--turns FILE`, `--lag 300`, `--endpoint 600` and `--vad` what part `turns` plays, and how;
 * `--seconds 20` and `--lines plivo,web` how long part `lines` listens, and to whom; `--against DIR` what part `against` compares
 * this source with.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './frame/build.ts';
import type { Part, PartResult, TurnsOptions } from './frame/part.ts';
import { machine, writeResults } from './frame/results.ts';
import { formatChecks, formatTable } from './frame/table.ts';

const here = import.meta.dirname;
const parts = await loadParts();
const OPTIONS = {
  against: { type: 'string' },
  calls: { type: 'string' },
  seconds: { type: 'string' },
  lines: { type: 'string' },
  turns: { type: 'string' },
  lag: { type: 'string' },
  endpoint: { type: 'string' },
  vad: { type: 'boolean' },
} as const;
const { positionals: names, values } = read();
const calls = numbersIn('calls', values.calls);
const [seconds] = numbersIn('seconds', values.seconds) ?? [];
const lines = values.lines?.split(',');
const [lagMs] = numbersIn('lag', values.lag) ?? [];
const [endpointMs] = numbersIn('endpoint', values.endpoint) ?? [];
const turns: TurnsOptions = {
  ...(values.turns !== undefined && { file: values.turns }),
  ...(lagMs !== undefined && { lagMs }),
  ...(endpointMs !== undefined && { turn: { endpointMs } }),
  ...(values.vad && { hasVad: true }),
};
const unknown = names.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(`Expected parts of ${parts.map((part) => part.name).join(', ')}, got \`${unknown}\``);
  process.exit(2);
}

const built = build();
const builtBefore = values.against === undefined ? undefined : build(resolve(values.against));
console.log(machine());
const runs: { part: Part; result: PartResult }[] = [];
for (const part of parts) {
  if (names.length > 0 && !names.includes(part.name)) continue;
  if (part.name === 'against' && !builtBefore) continue;
  const result = await part.run({
    built,
    builtBefore,
    calls,
    seconds,
    lines,
    turns,
    progress: (text) => showProgress(`${part.name}: ${text}`),
  });
  showProgress('');
  print(part, result);
  runs.push({ part, result });
}
writeResults(join(here, 'RESULTS.md'), runs);

function read() {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (error) {
    console.error(`${(error as Error).message}\nParts: ${parts.map(({ name }) => name).join(', ')}`);
    console.error(
      `Options: ${Object.keys(OPTIONS)
        .map((name) => `--${name}`)
        .join(', ')}`,
    );
    process.exit(2);
  }
}

function numbersIn(option: string, given: string | undefined): number[] | undefined {
  const numbers = given?.split(',').map(Number);
  if (!numbers?.some((number) => !Number.isInteger(number) || number < 1)) return numbers;
  console.error(`Expected \`--${option}\` to be whole numbers such as 50,300, got \`${given}\``);
  process.exit(2);
}

async function loadParts(): Promise<Part[]> {
  const files = readdirSync(join(here, 'parts')).filter((file) => file.endsWith('.ts'));
  const loaded = await Promise.all(
    files.map(async (file) => ((await import(`./parts/${file}`)) as { default: Part }).default),
  );
  return loaded.sort((a, b) => a.order - b.order);
}

function print(part: Part, result: PartResult): void {
  console.log(`\n== ${part.title} ==\n${result.method}\n`);
  for (const table of result.tables) console.log(`${table.title}\n${formatTable(table)}\n`);
  console.log(formatChecks(result.checks, part.predictions));
  for (const note of result.notes) console.log(`- ${note}`);
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}
