/** Settings of the SignalWire project. */
import { z } from 'zod';
import { flag, FLAG_EXPECTED, setting, url, type ValuesOf } from '../../lib/settings.ts';
import { accountMissing, addressMissing, missingIn, SIGNED_OVER_IT } from '../together.ts';
import { CODECS, type Codec } from './wire.ts';

const text = z.string().min(1).optional();
const codecs = Object.keys(CODECS) as [Codec, ...Codec[]];

export const SIGNALWIRE_SETTINGS = {
  signalwireSigningKey: setting('PARLEY_SIGNALWIRE_SIGNING_KEY', text, {
    help: 'signing key of the project: what SignalWire signs its webhooks with',
    expected: 'the key, of the API page of the space',
    isSecret: true,
  }),
  signalwireProjectId: setting('PARLEY_SIGNALWIRE_PROJECT_ID', text, {
    help: 'project, for hang-up, transfer and calls out by its REST API',
    expected: 'an id of a project',
  }),
  signalwireApiToken: setting('PARLEY_SIGNALWIRE_API_TOKEN', text, {
    help: 'API token of the project, for the same',
    expected: 'a token',
    isSecret: true,
  }),
  signalwireSpaceUrl: setting('PARLEY_SIGNALWIRE_SPACE_URL', url.optional(), {
    help: 'address of the space, for the same',
    expected: 'an address such as https://example.signalwire.com',
  }),
  signalwireDetection: setting('PARLEY_SIGNALWIRE_DETECTION', flag.default(false), {
    help: 'have SignalWire find out too, at its price, whether a machine has answered a call that was placed',
    expected: FLAG_EXPECTED,
  }),
  signalwireCodec: setting('PARLEY_SIGNALWIRE_CODEC', z.enum(codecs).default('PCMU@8000h'), {
    help: 'sound of its lines, both ways',
    expected: codecs.join(' or '),
  }),
} as const;

export type SignalwireSettings = ValuesOf<typeof SIGNALWIRE_SETTINGS>;

/** What its REST API needs: all of it, or none. */
export const SIGNALWIRE_ACCOUNT = ['signalwireProjectId', 'signalwireApiToken', 'signalwireSpaceUrl'] as const;

/** Each is right by itself, but together they make no sense: why. */
export function checkSignalwireSettings(settings: SignalwireSettings & { publicUrl: string | undefined }): string[] {
  const { signalwireSigningKey: key, publicUrl } = settings;
  const missing = missingIn(SIGNALWIRE_SETTINGS, settings, SIGNALWIRE_ACCOUNT);
  const problems: string[] = [];
  if (key !== undefined && publicUrl === undefined) {
    problems.push(addressMissing('SignalWire calls', 'PARLEY_SIGNALWIRE_SIGNING_KEY', SIGNED_OVER_IT));
  }
  if (missing.length > 0 && missing.length < SIGNALWIRE_ACCOUNT.length) {
    problems.push(accountMissing('SignalWire', missing));
  }
  return problems;
}
