/** The account at Smallest AI, which Electron, Lightning and Pulse have in common. */
import { z } from 'zod';
import { VoiceError } from './errors.ts';
import { setting, url, URL_EXPECTED } from './settings.ts';
import { readVendorSettings, type LackedSetting, type VendorSettings } from './vendor.ts';

/** As traces name who is asked. */
export const SMALLEST_PROVIDER = 'smallest_ai';
/** Where its services are. WebSocket addresses are derived from it. */
export const SMALLEST_BASE_URL = 'https://api.smallest.ai/waves/v1';

export const SMALLEST_SETTINGS = {
  apiKey: setting('SMALLEST_API_KEY', z.string().min(1).optional(), {
    help: 'key of the Smallest AI account',
    expected: 'a key',
    isSecret: true,
  }),
  baseUrl: setting('SMALLEST_BASE_URL', url.default(SMALLEST_BASE_URL), {
    help: 'where its services are',
    expected: URL_EXPECTED,
  }),
};

export const SmallestAccount = z.object({
  apiKey: z.string().optional(),
  baseUrl: z.string().default(SMALLEST_BASE_URL),
});

/** As messages name it: the option, and the variable that it comes from when nobody gives one. */
export const KEY_NAME = '`apiKey` (SMALLEST_API_KEY)';
/** A header carries it, and nothing else. */
export const KEY_FORM = /^[\x21-\x7e]+$/;

/** What is wrong with a key, which is never shown: none is needed where other servers are asked. */
export const wrongKey = (apiKey: string): string =>
  `Expected ${KEY_NAME} to be one word of plain letters, got ${apiKey === '' ? 'nothing' : 'blanks or other signs in it'}`;

/** @throws {VoiceError} `options-invalid`, when there is no key, or what stands there can be none. */
export function accountOf(settings: VendorSettings): { apiKey: string; baseUrl: string } {
  const { apiKey, baseUrl } = readVendorSettings(SmallestAccount, settings);
  if (apiKey === undefined) throw keyMissing();
  if (!KEY_FORM.test(apiKey)) throw new VoiceError('options-invalid', wrongKey(apiKey));
  return { apiKey, baseUrl };
}

/** Of what always needs the account's key. */
export function lacksKey(settings: VendorSettings): LackedSetting | undefined {
  return readVendorSettings(SmallestAccount, settings).apiKey === undefined ? LACKED_KEY : undefined;
}

export const LACKED_KEY: LackedSetting = {
  setting: 'SMALLEST_API_KEY',
  mend: 'set it, or try the simulators with --simulate',
};

/** Nobody has said with which key. */
export class KeyMissing extends VoiceError {}

/** It says what to set, and what works without. */
export function keyMissing(): KeyMissing {
  const inPrograms =
    '`simulate: true` for a worker, `startElectronSimulator` of parley-voice/testing for a call in text';
  const message = `${LACKED_KEY.setting} is not set; ${LACKED_KEY.mend} (in a program: ${inPrograms})`;
  return new KeyMissing('options-invalid', message);
}

/** Whether this is an address of Smallest AI itself, and not of a stand-in or of another server. */
export function isSmallestAi(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /(^|\.)smallest\.ai$/.test(new URL(baseUrl).hostname);
}
