/** The carriers that speak JSON, as the tests of a worker know them: settings, how one rings, how it may be rung falsely. */
import { SIGNATURE_HEADER as SIGNALWIRE_HEADER, signRequest } from '../../../src/bridge/signalwire/signature.ts';
import type { LineName } from '../../../src/simulate/dialects.ts';
import { PUBLIC_URL } from '../../helpers/worker.ts';

/** A webhook, as one would send it. */
export interface Ring {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface JsonCarrier {
  line: Exclude<LineName, 'twilio'>;
  /** As logs name its lines. */
  bridge: string;
  /** What opens it, and the variable that does. */
  secret: string;
  opener: string;
  env: Record<string, string>;
  /** Other formats, in which a whole call has to be understood, too. */
  otherwise: Record<string, string>;
  /** A genuine webhook; with another secret a false one. */
  ring(callId: string, secret?: string): Ring;
  /** Keys of the agent go out by its socket. */
  hasInbandKeys: boolean;
  /** Whether what was good once is good again: where nothing of a signature says when it was made. */
  isRingGoodTwice: boolean;
  /** Where its socket goes, and with what, as the answer says. */
  socketIn(answer: string): { path: string; headers: Record<string, string> };
}

const FORM = 'application/x-www-form-urlencoded';
const pathIn = (answer: string): string => /wss:\/\/voice\.example\.com(\/[^"'<\s]*)/.exec(answer)?.[1] ?? '';

export const JSON_CARRIERS: JsonCarrier[] = [
  {
    ...{ line: 'signalwire', bridge: 'signalwire-media', isRingGoodTwice: true, hasInbandKeys: true },
    ...{ secret: 'PSK_a-key-that-signs', opener: 'PARLEY_SIGNALWIRE_SIGNING_KEY' },
    env: { PARLEY_SIGNALWIRE_SIGNING_KEY: 'PSK_a-key-that-signs' },
    otherwise: { PARLEY_SIGNALWIRE_CODEC: 'L16@24000h' },
    ring(callId, secret = 'PSK_a-key-that-signs') {
      const path = '/signalwire/voice';
      const form = new URLSearchParams({ CallSid: callId, From: '+15550100', To: '+15550199' });
      const signature = signRequest(secret, PUBLIC_URL + path, form);
      return { path, headers: { 'content-type': FORM, [SIGNALWIRE_HEADER]: signature }, body: form.toString() };
    },
    socketIn: (answer) => ({
      path: pathIn(answer),
      headers: { authorization: `Bearer ${/authBearerToken="([^"]+)"/.exec(answer)?.[1]}` },
    }),
  },
];
