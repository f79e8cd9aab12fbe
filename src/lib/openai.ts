/**
 * Where OpenAI's API is, and what servers that speak as it does need: its own wants a key, one of your own may do without.
 * What is relied on of its audio routes is its public documentation; it is named at each `wire.ts`.
 */
import { VoiceError } from './errors.ts';
import { KEY_FORM } from './smallest.ts';
import type { LackedSetting } from './vendor.ts';

/** As traces name who is asked, whichever server it is. */
export const OPENAI_PROVIDER = 'openai';
export const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** What messages call the two settings of a server. */
export interface ServerNames {
  /** `PARLEY_SPEECH_BASE_URL`. */
  baseUrl: string;
  /** `PARLEY_SPEECH_API_KEY`. */
  apiKey: string;
}

/** @throws {VoiceError} `options-invalid`, when the key is missing where one is needed, or can be none. It is never shown. */
export function checkServer(server: { baseUrl: string; apiKey: string | undefined }, names: ServerNames): void {
  const { baseUrl, apiKey } = server;
  if (apiKey !== undefined && !KEY_FORM.test(apiKey))
    throw invalid(`Expected ${names.apiKey} to be one word of plain letters, got blanks or other signs in it`);
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw invalid(`Expected ${names.baseUrl} to be an http or https address, got \`${baseUrl}\``);
  const lacked = lacksServerKey(server, names);
  if (lacked) throw invalid(`${lacked.setting} is not set, and ${new URL(baseUrl).host} wants one; ${lacked.mend}`);
}

/** OpenAI's own wants a key. */
export function lacksServerKey(
  { baseUrl, apiKey }: { baseUrl: string; apiKey?: string | undefined },
  names: ServerNames,
): LackedSetting | undefined {
  if (apiKey !== undefined || !isOpenAi(baseUrl)) return undefined;
  const elsewhere = `set ${names.baseUrl} to a server of your own, such as http://localhost:8000/v1`;
  return { setting: names.apiKey, mend: `set it, or ${elsewhere}, or try the simulators with --simulate` };
}

/** Whether this is OpenAI's own. */
function isOpenAi(baseUrl: string): boolean {
  return /(^|\.)openai\.com$/.test(new URL(baseUrl).hostname);
}

function invalid(message: string): VoiceError {
  return new VoiceError('options-invalid', message);
}
