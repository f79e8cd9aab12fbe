/** Settings of a Genesys Cloud integration: AudioHook's Audio Connector. */
import { z } from 'zod';
import { setting, type ValuesOf } from '../../lib/settings.ts';
import { addressMissing, missingWith, SIGNED_OVER_IT } from '../together.ts';

const SHORTEST_SECRET_BYTES = 16;
const isSecret = (text: string): boolean =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length >= SHORTEST_SECRET_BYTES;

export const GENESYS_SETTINGS = {
  genesysClientSecret: setting('PARLEY_GENESYS_CLIENT_SECRET', z.string().refine(isSecret).optional(), {
    help: 'client secret of the integration, in base64: what Genesys signs its connections with',
    expected: `${SHORTEST_SECRET_BYTES} bytes or more in base64`,
    isSecret: true,
  }),
  genesysApiKey: setting('PARLEY_GENESYS_API_KEY', z.string().min(1).optional(), {
    help: 'API key of the integration: where it is set, no other may connect',
    expected: 'a key',
  }),
} as const;

export type GenesysSettings = ValuesOf<typeof GENESYS_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkGenesysSettings(settings: GenesysSettings & { publicUrl: string | undefined }): string[] {
  const { genesysClientSecret: secret, genesysApiKey: apiKey, publicUrl } = settings;
  const problems: string[] = [];
  if (secret !== undefined && publicUrl === undefined) {
    problems.push(addressMissing('Genesys connects to', 'PARLEY_GENESYS_CLIENT_SECRET', SIGNED_OVER_IT));
  }
  if (apiKey !== undefined && secret === undefined) {
    problems.push(missingWith('PARLEY_GENESYS_CLIENT_SECRET', 'PARLEY_GENESYS_API_KEY'));
  }
  return problems;
}
