/** The carriers that speak JSON, as the tests of a worker know them: settings, how one rings, how it may be rung falsely. */
import { API_KEY_HEADER } from '../../../src/bridge/cloudonix/signature.ts';
import { SIGNATURE_HEADER as SIGNALWIRE_HEADER, signRequest } from '../../../src/bridge/signalwire/signature.ts';
import { NONCE_HEADER, SIGNATURE_HEADER as PLIVO_HEADER, signPlivo } from '../../../src/bridge/plivo/signature.ts';
import { texmlIdOf } from '../../../src/simulate/telnyx/phone.ts';
import { publicKeyOf, signedHeaders } from '../../../src/simulate/telnyx/signed.ts';
import { PUBLIC_URL } from '../../helpers/worker.ts';
import type { Ring, WholeCallCarrier } from './knocking.ts';

export interface JsonCarrier extends WholeCallCarrier {
  /** The variable that opens it. */
  opener: string;
  /** A genuine webhook; with another secret a false one. */
  ring(callId: string, secret?: string, path?: string): Ring;
  /** By what its API knows the call that the line calls so. Default: by the same. */
  apiIdOf?(callId: string): string;
  /** Whether what was good once is good again: where nothing of a signature says when it was made. */
  isRingGoodTwice: boolean;
  /** An account, whose API is at this address. */
  account(apiUrl: string): Record<string, string>;
  /** Where it asks what to do with a call that was sent back; undefined where its API is told at once. */
  nextPath?: string;
  /** Whether what it shows is good for another body, too: where nothing is signed. Default false. */
  isGoodForAnyBody?: boolean;
  /** Where its socket goes, and with what, as the answer says. */
  socketIn(answer: string): { path: string; headers: Record<string, string> };
}

/** Of a Telnyx of its own. */
export const TELNYX_KEY = Buffer.alloc(32, 1).toString('base64');
const FORM = 'application/x-www-form-urlencoded';
const pathIn = (answer: string): string => /wss:\/\/voice\.example\.com(\/[^"'<\s]*)/.exec(answer)?.[1] ?? '';

/** Which signs nothing, and has no API that a line would ask. */
export const EXOTEL: WholeCallCarrier = {
  ...{ line: 'exotel', secret: 'a-password-of-exotel', hasInbandKeys: false, isNearRealTime: true },
  env: { PARLEY_EXOTEL_SECRET: 'a-password-of-exotel' },
  otherwise: { PARLEY_EXOTEL_SAMPLE_RATE: '24000' },
};

export const JSON_CARRIERS: JsonCarrier[] = [
  {
    ...{ line: 'signalwire', isRingGoodTwice: true, hasInbandKeys: true },
    ...{ secret: 'PSK_a-key-that-signs', opener: 'PARLEY_SIGNALWIRE_SIGNING_KEY' },
    env: { PARLEY_SIGNALWIRE_SIGNING_KEY: 'PSK_a-key-that-signs' },
    otherwise: { PARLEY_SIGNALWIRE_CODEC: 'L16@24000h' },
    account: (PARLEY_SIGNALWIRE_SPACE_URL) => ({
      ...{ PARLEY_SIGNALWIRE_PROJECT_ID: 'p-1', PARLEY_SIGNALWIRE_API_TOKEN: 'PT1', PARLEY_SIGNALWIRE_SPACE_URL },
    }),
    nextPath: '/signalwire/next',
    ring(callId, secret = 'PSK_a-key-that-signs', path = '/signalwire/voice') {
      const form = new URLSearchParams({ CallSid: callId, From: '+15550100', To: '+15550199' });
      const signature = signRequest(secret, PUBLIC_URL + path, form);
      return { path, headers: { 'content-type': FORM, [SIGNALWIRE_HEADER]: signature }, body: form.toString() };
    },
    socketIn: (answer) => ({
      path: pathIn(answer),
      headers: { authorization: `Bearer ${/authBearerToken="([^"]+)"/.exec(answer)?.[1]}` },
    }),
  },
  {
    ...{ line: 'plivo', isRingGoodTwice: false, hasInbandKeys: true },
    ...{ secret: 'a-token-of-plivo', opener: 'PARLEY_PLIVO_AUTH_TOKEN' },
    env: { PARLEY_PLIVO_AUTH_TOKEN: 'a-token-of-plivo' },
    otherwise: { PARLEY_PLIVO_CONTENT_TYPE: 'audio/x-l16;rate=16000' },
    account: (url) => ({ PARLEY_PLIVO_AUTH_ID: 'MA1', PARLEY_PLIVO_REST_URL: `${url}/v1` }),
    nextPath: '/plivo/next',
    ring(callId, secret = 'a-token-of-plivo', path = '/plivo/answer') {
      const form = new URLSearchParams({ CallUUID: callId, From: '+15550100', To: '+15550199' });
      const nonce = `nonce-of-${callId}${path}`;
      const signature = signPlivo({ method: 'POST', url: PUBLIC_URL + path, form, nonce }, secret);
      const headers = { 'content-type': FORM, [PLIVO_HEADER]: signature, [NONCE_HEADER]: nonce };
      return { path, headers, body: form.toString() };
    },
    socketIn: (answer) => ({ path: pathIn(answer), headers: {} }),
  },
  {
    ...{ line: 'cloudonix', isRingGoodTwice: true, isGoodForAnyBody: true, hasInbandKeys: false },
    ...{ secret: 'XI-a-key-of-the-domain', opener: 'PARLEY_CLOUDONIX_API_KEY' },
    env: { PARLEY_CLOUDONIX_API_KEY: 'XI-a-key-of-the-domain' },
    account: (PARLEY_CLOUDONIX_REST_URL) => ({
      ...{ PARLEY_CLOUDONIX_DOMAIN: 'example.cloudonix.net', PARLEY_CLOUDONIX_REST_URL },
    }),
    ring(callId, secret = 'XI-a-key-of-the-domain', path = '/cloudonix/voice') {
      const form = new URLSearchParams({
        CallSid: `media-${callId}`,
        Session: callId,
        From: '+15550100',
        To: '+15550199',
      });
      return { path, headers: { 'content-type': FORM, [API_KEY_HEADER]: secret }, body: form.toString() };
    },
    socketIn: (answer) => ({ path: pathIn(answer), headers: {} }),
  },
  {
    ...{ line: 'telnyx', isRingGoodTwice: false, hasInbandKeys: false },
    ...{ secret: TELNYX_KEY, opener: 'PARLEY_TELNYX_PUBLIC_KEY' },
    env: { PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY) },
    otherwise: { PARLEY_TELNYX_CODEC: 'L16' }, // which TeXML does not know: mu-law
    otherwiseFrom: '+4930123456', // who speaks A-law
    account: (PARLEY_TELNYX_REST_URL) => ({ PARLEY_TELNYX_API_KEY: 'KEY1', PARLEY_TELNYX_REST_URL }),
    apiIdOf: (callId) => encodeURIComponent(texmlIdOf(callId)),
    ring(callId, secret = TELNYX_KEY, path = '/telnyx/texml') {
      const fields = { CallSid: `v2:${callId}`, AccountSid: 'a-1', From: '+15550100', To: '+15550199' };
      const body = new URLSearchParams(fields).toString();
      const key = secret === TELNYX_KEY ? secret : Buffer.alloc(32, 7).toString('base64');
      return { path, headers: { 'content-type': FORM, ...signedHeaders(body, key, Date.now()) }, body };
    },
    socketIn: (answer) => ({ path: pathIn(answer), headers: {} }),
  },
];
