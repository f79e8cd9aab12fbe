/** Why a worker was not reached, in words for whoever tried. */
import { VoiceError } from './errors.ts';

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nobody listens there; is `parley serve` running?',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host, or no network',
  EHOSTUNREACH: 'the host cannot be reached',
  ECONNRESET: 'the connection was reset; is it a worker, and is it http or https?',
  UND_ERR_SOCKET: 'the connection was closed; is it a worker, and is it http or https?',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  EPROTO: 'it does not speak TLS; is it http or https?',
};

/** Of the error or whatever caused it; what nobody has thought of is told as it is. Undefined when nothing is. */
export function whyUnreached(error: unknown): string | undefined {
  let cause = error;
  let told: string | undefined;
  for (; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : '';
    if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP';
    if (code.startsWith('ERR_SSL')) return REASONS['EPROTO'];
    if (REASONS[code] !== undefined) return REASONS[code];
    if (!(cause instanceof VoiceError) && cause.message !== 'fetch failed') told = cause.message;
  }
  return told;
}
