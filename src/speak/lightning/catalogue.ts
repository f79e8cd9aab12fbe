/** What `parley voices` shows of Lightning: the account's voices, clones and dictionaries, or the voices of this version. */
import { messageOf } from '../../lib/errors.ts';
import type { CatalogueClone, CatalogueVoice, VoiceCatalogue } from '../contract.ts';
import {
  listClones,
  listDictionaries,
  listVoices,
  type LightningAccount,
  type LightningClone,
  type LightningVoice,
} from './http.ts';
import { PRO, STANDARD } from './listed-voices.ts';
import { LIGHTNING_MODELS, WORD_TIMESTAMP_VOICES } from './voices.ts';

const COMMON = {
  models: Object.keys(LIGHTNING_MODELS),
  example: "voice: { id: 'magnus', model: 'lightning_v3.1', language: 'en' }",
};

/** @throws {ProviderError} when the account's voices cannot be listed; clones and dictionaries are left out with a word. */
export async function catalogueOf(account: LightningAccount): Promise<VoiceCatalogue> {
  const missing: string[] = [];
  const orNone = <Thing>(what: string, things: Promise<Thing[]>): Promise<Thing[]> =>
    things.catch((error: unknown) => {
      missing.push(`the ${what} cannot be listed: ${messageOf(error)}`);
      return [];
    });
  const found = await listVoices(account); // first: who is refused here is told once
  const [clones, dictionaries] = await Promise.all([
    orNone('clones', listClones(account)),
    orNone('pronunciation dictionaries', listDictionaries(account)),
  ]);
  const voices = found.map(describe);
  return { source: 'account', ...COMMON, voices, clones: clones.map(describeClone), dictionaries, missing };
}

/** Without an account. */
export function builtInCatalogue(): VoiceCatalogue {
  const voices = [...STANDARD, ...PRO].map(({ id, languages, gender, accent = '' }) =>
    describe({ voiceId: id, displayName: '', tags: { language: [...languages], accent, gender: gender ?? '' } }),
  );
  return { source: 'built-in', ...COMMON, voices, clones: [], dictionaries: [], missing: [] };
}

function describe({ voiceId: id, displayName: name, tags }: LightningVoice): CatalogueVoice {
  const model = Object.entries(LIGHTNING_MODELS).find(([, { voices: known }]) => known.has(id))?.[0];
  const { language: languages, accent, gender } = tags;
  const said = { accent: accent || undefined, gender: gender || undefined };
  return { id, model, name, languages, ...said, hasWordTimes: WORD_TIMESTAMP_VOICES.has(id) };
}

/** The service writes its models with hyphens. */
function describeClone(clone: LightningClone): CatalogueClone {
  return { ...clone, models: clone.modelIds.map((model) => model.replaceAll('-', '_')) };
}
