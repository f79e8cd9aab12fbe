/**
 * `parley-voice/web`: a call from a web page, in one module without dependencies. The page's own server asks the worker for a
 * token (`POST /web/calls`), and the page calls with it, in its answer to a click.
 */
import { Call, type ConnectOptions } from './call.ts';

export { Call, type CallEvents, type CallState, type ConnectOptions } from './call.ts';
export type { Levels } from './sound.ts';
export type { NoticeCode } from './sentences.ts';
export type { OpenTransport, Transport, TransportListener } from './transport.ts';

/** Calls. To be asked in the page's answer to a click or a key: else the browser plays nothing. */
export function connect(options: ConnectOptions): Call {
  return new Call(options);
}
