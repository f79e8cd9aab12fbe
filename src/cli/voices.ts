/**
 * `parley voices`: what an agent file may name as its voice. With a key: the account's own list, its clones and its
 * pronunciation dictionaries; without one, the voices that this version knows.
 */
import { DEFAULT_VENDORS, vendorsWith } from '../call/vendors.ts';
import { plainValue } from '../lib/plain.ts';
import type { CatalogueVoice, VoiceCatalogue } from '../speak/contract.ts';
import { paint, print, printJson, say, UsageError } from './report.ts';
import { count } from './units.ts';

export interface VoicesOptions {
  baseUrl?: string;
  json?: boolean;
}

/** @throws {ProviderError} when the account's voices cannot be listed; clones and dictionaries are left out with a word. */
export async function voices({ baseUrl = process.env['SMALLEST_BASE_URL'], json }: VoicesOptions): Promise<void> {
  if (baseUrl && !/^https?:\/\/./.test(baseUrl)) {
    throw new UsageError(`expected --base-url to begin with http:// or https://, got ${baseUrl}`);
  }
  const apiKey = process.env['SMALLEST_API_KEY']?.trim() || undefined;
  if (!apiKey) say('parley: SMALLEST_API_KEY is not set, so these are the voices that this version knows.');
  const address = baseUrl ? { baseUrl: baseUrl.replace(/\/+$/, '') } : {};
  const catalogue = await vendorsWith().voices[DEFAULT_VENDORS.voice]?.catalogue?.({ apiKey, ...address });
  if (!catalogue) return;
  for (const one of catalogue.missing) say(`parley: ${one}`);
  const { source, voices: all, clones, dictionaries } = catalogue;
  if (json) printJson({ source, voices: all, clones, dictionaries });
  else show(plainValue(catalogue));
}

function show({ source, models, voices: all, clones, dictionaries, example }: VoiceCatalogue): void {
  for (const model of [...models, undefined]) {
    const own = all.filter((voice) => voice.model === model);
    if (own.length === 0) continue;
    print(
      paint.bold(
        `${model ?? 'unknown to this version: of which model, the service does not say'}, ${count(own.length, 'voice')}`,
      ),
    );
    if (source === 'built-in') for (const row of inRows(own.map(shortOf))) print(`  ${row}`);
    else for (const row of inColumns(own.map(cellsOf))) print(`  ${row}`);
    print('');
  }
  if (all.some(({ hasWordTimes }) => hasWordTimes)) print(paint.dim('* tells when each word was spoken'));
  if (clones.length > 0) {
    print(paint.bold(`\n${count(clones.length, 'clone')} of this account`));
    const cells = clones.map((clone) => [clone.voiceId, clone.displayName, clone.models.join(' '), clone.status]);
    for (const row of inColumns(cells)) print(`  ${row}`);
  }
  if (dictionaries.length > 0) {
    print(paint.bold(`\n${count(dictionaries.length, 'pronunciation dictionary', 'pronunciation dictionaries')}`));
    for (const { id, items } of dictionaries) {
      print(`  ${id}  ${items.map(({ word, pronunciation }) => `${word} = ${pronunciation}`).join(', ')}`);
    }
  }
  print(paint.dim(`\nIn the agent file: ${example}`));
}

const shortOf = ({ id, hasWordTimes }: CatalogueVoice): string => (hasWordTimes ? `${id}*` : id);

const cellsOf = (voice: CatalogueVoice): string[] => [
  shortOf(voice),
  voice.name,
  voice.gender ?? '',
  voice.accent ?? '',
  voice.languages.join(' '),
];

function inColumns(rows: readonly string[][]): string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(cell.length, most[at] ?? 0)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const ROW_COLUMNS = 100;

/** As many as fit beside each other. */
function inRows(words: readonly string[]): string[] {
  const rows: string[] = [];
  for (const word of words) {
    const last = rows.at(-1);
    if (last === undefined || last.length + word.length >= ROW_COLUMNS) rows.push(word);
    else rows[rows.length - 1] = `${last} ${word}`;
  }
  return rows;
}
