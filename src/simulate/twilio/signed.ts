/** What Twilio shows of itself when it opens a socket: a signature, like any of its requests. */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';

export function signedHeaders(options: { signedUrl: string; authToken: string | undefined }): Record<string, string> {
  const { signedUrl, authToken } = options;
  return authToken === undefined ? {} : { [SIGNATURE_HEADER]: signRequest(authToken, signedUrl) };
}
