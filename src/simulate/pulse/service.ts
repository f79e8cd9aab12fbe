/** The stand-in without a port: which requests are Pulse's, and what becomes of them. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { regionOf } from '../../listen/pulse/wire.ts';
import { FaultQueue, type PulseFault } from './faults.ts';
import { readOptions, type PulseSimulatorInput, type PulseSimulatorOptions } from './options.ts';
import { readLiveQuery, type LiveRequest } from './query.ts';
import { answerFile } from './files.ts';
import { Session, type PulseSession } from './session.ts';

export const BASE_PATH = '/waves/v1';
const LIVE = `${BASE_PATH}/stt/live`;
/** The older route, for live and for files. */
const OLD = `${BASE_PATH}/pulse/get_text`;
const FILES = `${BASE_PATH}/stt`;
const MOST_FRAME_BYTES = 1 << 20;
const CLOSE_TOO_MANY = 1008;
const CLOSE_NORMAL = 1000;
/** Sessions that are over, kept for whoever looks at them. */
const MOST_KEPT = 1_000;

export interface PulseSimulatorStats {
  /** Upgrades that were asked for, refused ones included. */
  connections: number;
  refused: number;
  open: number;
  files: number;
}

export class PulseService {
  readonly options: PulseSimulatorOptions;
  readonly sessions: PulseSession[] = [];
  readonly #faults = new FaultQueue();
  readonly #clock: Clock;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_FRAME_BYTES, perMessageDeflate: false });
  /** Upgrades that are held back. */
  readonly #held = new Set<Duplex>();
  #connections = 0;
  #refused = 0;
  #open = 0;
  #files = 0;

  /** @throws {VoiceError} `options-invalid`. */
  constructor(options: PulseSimulatorInput = {}, clock: Clock = systemClock) {
    this.options = readOptions(options);
    this.#clock = clock;
  }

  /** Puts a fault in wait; returns what takes it away. Faults are met in order, one a connection. */
  fault(fault: PulseFault): () => void {
    return this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  stats(): PulseSimulatorStats {
    return { connections: this.#connections, refused: this.#refused, open: this.#open, files: this.#files };
  }

  /** Whether a plain request is Pulse's. */
  owns(request: IncomingMessage): boolean {
    const path = pathOf(request);
    return path === FILES || path === OLD;
  }

  /** Whether a request for an upgrade is Pulse's. */
  ownsUpgrade(request: IncomingMessage): boolean {
    const path = pathOf(request);
    return path === LIVE || path === OLD;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#files++;
    const refusal = this.#judgeKey(request);
    answerFile(request, response, { refusal, transcripts: this.options.transcripts });
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#connections++;
    socket.on('error', () => {}); // clients leave in the middle
    const fault = this.#faults.take();
    const live = this.#judge(request, fault);
    if (fault?.type === 'hang') return this.#hold(socket);
    if (fault?.type === 'reset') return void (socket as Socket).resetAndDestroy();
    const delayMs = this.options.connectDelayMs;
    if (delayMs === 0) return this.#answer(live, fault, { request, socket, head });
    this.#hold(socket);
    this.#clock.after(delayMs, () => this.#answer(live, fault, { request, socket, head }));
  }

  /** Ends every connection. */
  close(): void {
    for (const socket of this.#held) socket.destroy();
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #hold(socket: Duplex): void {
    this.#held.add(socket);
    socket.once('close', () => this.#held.delete(socket));
  }

  #judge(request: IncomingMessage, fault: PulseFault | undefined): LiveRequest | Refusal {
    if (fault?.type === 'refuse') {
      return { status: fault.status, body: fault.body, ...(fault.headers && { headers: fault.headers }) };
    }
    const refusal = this.#judgeKey(request);
    if (refusal) return refusal;
    const live = readLiveQuery(urlOf(request).searchParams, pathOf(request) === OLD);
    return typeof live === 'string' ? { status: 400, body: errorBody(live) } : live;
  }

  #judgeKey(request: IncomingMessage): Refusal | undefined {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const { keys } = this.options;
    const isKnown = keys ? keys.includes(key) : key.startsWith('sk_');
    return isKnown ? undefined : { status: 401, body: errorBody('Invalid API key') };
  }

  #answer(
    live: LiveRequest | Refusal,
    fault: PulseFault | undefined,
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
  ): void {
    this.#held.delete(socket);
    if (socket.destroyed) return;
    if ('status' in live) return this.#refuse(live, socket);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open++;
      const session = new Session({
        id: randomUUID(),
        socket: webSocket,
        request: live,
        query: urlOf(request).searchParams,
        options: this.options,
        fault,
        clock: this.#clock,
        gone: () => this.#open--,
      });
      if (this.sessions.push(session) > MOST_KEPT) this.sessions.shift();
      if (this.#open > this.options.maxSockets) return session.close(CLOSE_TOO_MANY);
      this.#judgeRegion(live.language, session);
    });
  }

  /** South Indian on the US host: an error frame. East Asian elsewhere: a close without a word. */
  #judgeRegion(language: string, session: Session): void {
    const { region } = this.options;
    const served = regionOf(language);
    if (region === 'us' && served === 'india') {
      const message = `language ${language} is not served here`;
      session.send({ type: 'error', error_code: 'LANGUAGE_NOT_ENABLED_IN_REGION', message });
      session.close(CLOSE_NORMAL);
    }
    if (region === 'india' && served === 'us') session.close(CLOSE_NORMAL);
  }

  #refuse({ status, body, headers = {} }: Refusal, socket: Duplex): void {
    this.#refused++;
    const text = body ?? errorBody(STATUS_CODES[status] ?? 'Error');
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
  }
}

export interface Refusal {
  status: number;
  body: string | undefined;
  headers?: Record<string, string>;
}

export function errorBody(message: string): string {
  return JSON.stringify({ error: message, request_id: randomUUID() });
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://localhost');
}

/** Without the slash at its end, which the file route is documented with. */
function pathOf(request: IncomingMessage): string {
  return urlOf(request).pathname.replace(/\/+$/, '');
}
