/** Settings of a Genesys Cloud integration: AudioHook's Audio Connector. */
import { z } from 'zod';
import { setting, type ValuesOf } from '../../lib/settings.ts';

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
    problems.push(
      'PARLEY_PUBLIC_URL: expected the address that Genesys connects to, since PARLEY_GENESYS_CLIENT_SECRET is set and signatures are made over it, got nothing',
    );
  }
  if (apiKey !== undefined && secret === undefined) {
    problems.push('PARLEY_GENESYS_CLIENT_SECRET: expected it with PARLEY_GENESYS_API_KEY, got nothing');
  }
  return problems;
}
