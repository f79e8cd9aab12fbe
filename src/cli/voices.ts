/**
 * `parley voices`: what an agent file may name as its voice. With a key: the account's own list, its clones and its
 * pronunciation dictionaries; without one, the voices that this version knows.
 */
import { DEFAULT_VENDORS, vendorsWith } from '../call/vendors.ts';
import { VoiceError } from '../lib/errors.ts';
import { plainLine, plainValue } from '../lib/plain.ts';
import type { CatalogueVoice, VoiceCatalogue } from '../speak/contract.ts';
import { paint, print, printJson, say, UsageError } from './report.ts';
import { count } from './units.ts';

export interface VoicesOptions {
  baseUrl?: string;
  json?: boolean;
  /** A code or a name in English: voices that were trained on it. Default: all. */
  language?: string;
}

/** @throws {ProviderError} when the account's voices cannot be listed; clones and dictionaries are left out with a word. */
export async function voices({
  baseUrl = process.env['SMALLEST_BASE_URL'],
  json,
  language,
}: VoicesOptions): Promise<void> {
  if (baseUrl && !/^https?:\/\/./.test(baseUrl)) {
    throw new UsageError(`expected --base-url to begin with http:// or https://, got ${baseUrl}`);
  }
  const apiKey = process.env['SMALLEST_API_KEY']?.trim() || undefined;
  if (!apiKey) say('parley: SMALLEST_API_KEY is not set, so these are the voices that this version knows.');
  const address = baseUrl ? { baseUrl: baseUrl.replace(/\/+$/, '') } : {};
  const catalogue = await vendorsWith().voices[DEFAULT_VENDORS.voice]?.catalogue?.({ apiKey, ...address });
  if (!catalogue) return;
  for (const one of catalogue.missing) say(`parley: ${one}`);
  const { source, clones, dictionaries } = catalogue;
  const all = language === undefined ? catalogue.voices : catalogue.voices.filter((voice) => speaks(voice, language));
  if (all.length === 0) {
    throw new VoiceError(
      'options-invalid',
      `no voice is known to have been trained on ${plainLine(language ?? 'anything')}`,
    );
  }
  if (json) printJson({ source, voices: all, clones, dictionaries });
  else show(plainValue({ ...catalogue, voices: all }));
}

/** Lists have codes or names. */
function speaks({ languages }: CatalogueVoice, wanted: string): boolean {
  return languages.some((language) => nameOf(language) === nameOf(wanted));
}

/** `italian`, of `it`, `it-IT` or `Italian`; what is no language stays as it is. */
function nameOf(language: string): string {
  const text = language.trim().toLowerCase();
  if (!/^[a-z]{2,3}(-[a-z0-9]+)*$/.test(text)) return text;
  const [code = text] = text.split('-');
  return new Intl.DisplayNames('en', { type: 'language' }).of(code)?.toLowerCase() ?? text;
}

function show({ models, voices: all, clones, dictionaries, example }: VoiceCatalogue): void {
  for (const model of [...models, undefined]) {
    const own = all.filter((voice) => voice.model === model);
    if (own.length === 0) continue;
    print(
      paint.bold(
        `${model ?? 'unknown to this version: of which model, the service does not say'}, ${count(own.length, 'voice')}`,
      ),
    );
    for (const row of inColumns(own.map(cellsOf))) print(`  ${row}`);
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

/** What no page and no service says. */
const UNKNOWN = 'unknown';

const shortOf = ({ id, hasWordTimes }: CatalogueVoice): string => (hasWordTimes ? `${id}*` : id);

const cellsOf = (voice: CatalogueVoice): string[] => [
  shortOf(voice),
  voice.name,
  voice.gender ?? UNKNOWN,
  voice.accent ?? UNKNOWN,
  voice.languages.join(' ') || UNKNOWN,
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
