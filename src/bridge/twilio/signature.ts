/** Twilio's signature, on every webhook and on the WebSocket upgrade. */
export { signRequest, verifySignature, type FormFields, type SignedRequest } from '../signature.ts';

export const SIGNATURE_HEADER = 'x-twilio-signature';
