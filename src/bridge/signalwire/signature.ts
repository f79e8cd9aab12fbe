/** SignalWire's signature, on every webhook and on no socket: as Twilio's, with the signing key of the project. */
export { signRequest } from '../signature.ts';

export const SIGNATURE_HEADER = 'x-signalwire-signature';
