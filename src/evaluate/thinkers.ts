/** Who plays the caller and who judges: any OpenAI-compatible server by the environment, else the stand-ins. */
import { z } from 'zod';
import { DEFAULT_VENDORS, vendorsWith } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { withoutSecrets } from '../lib/public-url.ts';
import { httpUrl, readBlock, setting } from '../lib/settings.ts';
import { MadeModels } from '../worker/models.ts';
import { askOf, type Ask } from './ask.ts';
import { mindOf, type CallerMind } from './caller/mind.ts';
import { STAND_IN_CALLER, standInCaller } from './caller/stand-in.ts';
import { askStandInJudge, STAND_IN_JUDGE } from './judge/stand-in.ts';

/** By their names in the environment. */
const settingsOf = (names: { baseUrl: string; model: string; apiKey: string }, does: string) => ({
  baseUrl: setting(names.baseUrl, httpUrl.optional(), {
    help: `server of the model that ${does}, any OpenAI-compatible one (default: a stand-in)`,
    expected: 'an address such as http://localhost:11434/v1',
  }),
  model: setting(names.model, z.string().min(1).optional(), { help: "the model's name there", expected: 'a name' }),
  apiKey: setting(names.apiKey, z.string().min(1).optional(), {
    help: 'its key, where it needs one',
    expected: 'a key',
    isSecret: true,
  }),
});

/** Of the model that plays callers. */
const CALLER_SETTINGS = settingsOf(
  { baseUrl: 'PARLEY_CALLER_BASE_URL', model: 'PARLEY_CALLER_MODEL', apiKey: 'PARLEY_CALLER_API_KEY' },
  'plays callers in `parley eval`',
);
/** Of the model that judges calls. */
const JUDGE_SETTINGS = settingsOf(
  { baseUrl: 'PARLEY_JUDGE_BASE_URL', model: 'PARLEY_JUDGE_MODEL', apiKey: 'PARLEY_JUDGE_API_KEY' },
  'judges calls in `parley eval`',
);

/** Somebody to ask, by the name that reports have. */
export interface Thinker<Kind> {
  name: string;
  isReal: boolean;
  think: Kind;
  close(): Promise<void>;
}

/** @throws {VoiceError} `options-invalid`, with every setting that is wrong. */
export function openCaller(env: NodeJS.ProcessEnv, clock: Clock): Thinker<CallerMind> {
  const opened = open(readBlock(CALLER_SETTINGS, env), { priority: 'answer', clock });
  if (!opened) return { name: STAND_IN_CALLER, isReal: false, think: standInCaller, close: () => Promise.resolve() };
  return { ...opened, think: mindOf(opened.ask) };
}

/** @throws {VoiceError} `options-invalid`, with every setting that is wrong. */
export function openJudge(env: NodeJS.ProcessEnv, clock: Clock): Thinker<Ask> {
  const opened = open(readBlock(JUDGE_SETTINGS, env), { priority: 'summary', clock });
  if (!opened) return { name: STAND_IN_JUDGE, isReal: false, think: askStandInJudge, close: () => Promise.resolve() };
  return { ...opened, think: opened.ask };
}

interface Server {
  baseUrl?: string | undefined;
  model?: string | undefined;
  apiKey?: string | undefined;
}

/** Undefined where no server is named. */
function open({ baseUrl, ...server }: Server, { priority, clock }: { priority: 'answer' | 'summary'; clock: Clock }) {
  if (baseUrl === undefined) return undefined;
  const { model, close } = openServer({ baseUrl, ...server }, clock);
  const ask = askOf(model, { priority, model: server.model });
  return { name: `${server.model ?? 'a model'} at ${withoutSecrets(baseUrl)}`, isReal: true, ask, close };
}

/** The model of any OpenAI-compatible server: without limits of our own, and with no key but this one. */
export function openServer({ baseUrl, model: modelName, apiKey }: Server & { baseUrl: string }, clock: Clock) {
  const settings = { modelBaseUrl: baseUrl, baseUrl, apiKey, modelApiKey: apiKey, modelName, plan: 'none' };
  const models = new MadeModels({ vendors: vendorsWith().models, settings, clock, log: silentLog });
  return { model: models.of(DEFAULT_VENDORS.model), close: () => models.close() };
}
