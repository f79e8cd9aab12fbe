/**
 * `parley voices`: what an agent file may name as its voice. With a key: the account's own list, its clones and its
 * pronunciation dictionaries; without one, the voices that this version knows.
 */
import { messageOf } from '../lib/errors.ts';
import { DEFAULT_BASE_URL } from '../model/electron/wire.ts';
import {
  listClones,
  listDictionaries,
  listVoices,
  type LightningAccount,
  type LightningClone,
  type LightningVoice,
  type PronunciationDictionary,
} from '../speak/lightning/http.ts';
import { LIGHTNING_MODELS, WORD_TIMESTAMP_VOICES } from '../speak/lightning/voices.ts';
import { paint, print, say, UsageError } from './report.ts';

export interface VoicesOptions {
  baseUrl?: string;
  json?: boolean;
}

interface Voice {
  id: string;
  /** Undefined when no list known here has it: the service does not say. */
  model: string | undefined;
  name: string;
  languages: string[];
  accent: string | undefined;
  gender: string | undefined;
  /** Tells when each word was spoken. */
  hasWordTimes: boolean;
}

interface Catalogue {
  source: 'account' | 'built-in';
  voices: Voice[];
  clones: LightningClone[];
  dictionaries: PronunciationDictionary[];
}

const HINT = "In the agent file: voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en' }";

/** @throws {ProviderError} when the account's voices cannot be listed; clones and dictionaries are left out with a word. */
export async function voices({ baseUrl = process.env['SMALLEST_BASE_URL'], json }: VoicesOptions): Promise<void> {
  if (baseUrl && !/^https?:\/\/./.test(baseUrl)) {
    throw new UsageError(`expected --base-url to begin with http:// or https://, got ${baseUrl}`);
  }
  const apiKey = process.env['SMALLEST_API_KEY']?.trim();
  if (!apiKey) say('parley: SMALLEST_API_KEY is not set, so these are the voices that this version knows.');
  const catalogue = apiKey
    ? await ask({ apiKey, baseUrl: (baseUrl || DEFAULT_BASE_URL).replace(/\/+$/, '') })
    : builtIn();
  if (json) print(JSON.stringify(catalogue));
  else show(catalogue);
}

async function ask(account: LightningAccount): Promise<Catalogue> {
  const orNone = <Thing>(what: string, things: Promise<Thing[]>): Promise<Thing[]> =>
    things.catch((error: unknown) => {
      say(`parley: the ${what} cannot be listed: ${messageOf(error)}`);
      return [];
    });
  const found = await listVoices(account); // first: who is refused here is told once
  const [clones, dictionaries] = await Promise.all([
    orNone('clones', listClones(account)),
    orNone('pronunciation dictionaries', listDictionaries(account)),
  ]);
  return { source: 'account', voices: found.map(describe), clones, dictionaries };
}

function builtIn(): Catalogue {
  const ids = Object.values(LIGHTNING_MODELS).flatMap(({ voices: known }) => [...known]);
  const found = ids.map((id) =>
    describe({ voiceId: id, displayName: '', tags: { language: [], accent: '', gender: '' } }),
  );
  return { source: 'built-in', voices: found, clones: [], dictionaries: [] };
}

function describe({ voiceId: id, displayName: name, tags }: LightningVoice): Voice {
  const model = Object.entries(LIGHTNING_MODELS).find(([, { voices: known }]) => known.has(id))?.[0];
  const { language: languages, accent, gender } = tags;
  const said = { accent: accent || undefined, gender: gender || undefined };
  return { id, model, name, languages, ...said, hasWordTimes: WORD_TIMESTAMP_VOICES.has(id) };
}

function show({ source, voices: all, clones, dictionaries }: Catalogue): void {
  for (const model of [...Object.keys(LIGHTNING_MODELS), undefined]) {
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
    const cells = clones.map(({ voiceId, displayName, status, modelIds }) => [
      voiceId,
      displayName,
      modelIds.map((model) => model.replaceAll('-', '_')).join(' '), // as an agent file names them
      status,
    ]);
    for (const row of inColumns(cells)) print(`  ${row}`);
  }
  if (dictionaries.length > 0) {
    print(paint.bold(`\n${count(dictionaries.length, 'pronunciation dictionary', 'pronunciation dictionaries')}`));
    for (const { id, items } of dictionaries) {
      print(`  ${id}  ${items.map(({ word, pronunciation }) => `${word} = ${pronunciation}`).join(', ')}`);
    }
  }
  print(paint.dim(`\n${HINT}`));
}

const shortOf = ({ id, hasWordTimes }: Voice): string => (hasWordTimes ? `${id}*` : id);

const cellsOf = (voice: Voice): string[] => [
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

const count = (many: number, one: string, more = `${one}s`): string => `${many} ${many === 1 ? one : more}`;
