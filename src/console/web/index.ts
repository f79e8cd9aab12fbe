/**
 * `parley-voice/web`: a call from a web page, in one module without dependencies. The page's own server asks the worker for a
 * token (`POST /web/calls`), and the page calls with it, in its answer to a click: by `connect`, or by `<parley-call>`.
 */
import { defineElement } from './element.ts';

export { Call, type CallEvents, type CallState, type ConnectOptions, type ResumeOptions } from './call.ts';
export { connect, resume } from './connect.ts';
export { defineElement, ParleyCallElement } from './element.ts';
export type { Levels } from './sound.ts';
export type { NoticeCode } from './sentences.ts';
export type { OpenTransport, Transport, TransportListener } from './transport.ts';

if (typeof customElements !== 'undefined') defineElement();
