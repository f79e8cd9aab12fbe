/**
 * A stand-in for Lightning on a real port, with the documented wire and its awkward sides. It speaks tones that a test
 * decodes at the caller's end, or any voice that it is given. Faults are asked for one by one.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { systemClock } from '../../lib/clock.ts';
import { openPort } from '../../lib/open-port.ts';
import type { Dictionary } from './dictionaries.ts';
import { json, LightningHttp } from './http.ts';
import type { LightningFault, LightningSettings, LightningSimulatorOptions } from './options.ts';
import { LightningSession, type RecordedRequest } from './session.ts';

export interface LightningSimulator {
  readonly port: number;
  /** For `SMALLEST_BASE_URL`. */
  readonly baseUrl: string;
  /** What was asked on WebSockets, oldest first; the last 1,000. */
  readonly requests: readonly RecordedRequest[];
  /** Open WebSockets, and how many were ever opened. */
  readonly sockets: { open: number; opened: number; most: number };
  /** How many syntheses the account has running. */
  readonly active: number;
  /** Goes wrong with the next connection or request that it fits, `times` in a row; `sessionId`: of this call's requests. */
  fail(fault: LightningFault, times?: number, sessionId?: string): void;
  /** Closes the sockets on which nothing is being spoken. */
  dropIdle(): void;
  /** The next HTTP requests are answered with this. */
  failHttp(status: number, body: unknown, times?: number): void;
  /** Behaves otherwise from now on. */
  set(options: Partial<Omit<LightningSimulatorOptions, 'port' | 'host'>>): void;
  close(): Promise<void>;
}

const DEFAULTS: LightningSettings = {
  port: 0,
  host: '127.0.0.1',
  concurrency: 1,
  slotLagMs: 0,
  firstByteMs: 150,
  realTimeFactor: 3.3,
  chunkBytes: [1_365, 2_048, 0, 3_001, 1_024, 777],
  afterComplete: 'close',
  completeBackoffMs: 4_000,
  ignoresBackoff: false,
  enoughCharacters: 120,
  idleTimeoutMs: 60_000,
  clock: systemClock,
};
const LIVE = '/waves/v1/tts/live';
const MOST_RECORDED = 1_000;

export async function startLightningSimulator(options: LightningSimulatorOptions = {}): Promise<LightningSimulator> {
  const settings: LightningSettings = { ...DEFAULTS, ...options };
  const requests: RecordedRequest[] = [];
  const sockets = { open: 0, opened: 0, most: 0 };
  const connectionFaults: Extract<LightningFault, { type: 'refuse' | 'reset' }>[] = [];
  const requestFaults: { fault: LightningFault; sessionId: string | undefined }[] = [];
  const sessions = new Set<LightningSession>();
  const httpFaults: { status: number; body: unknown }[] = [];
  const account = {
    settings,
    active: new Set<object>(),
    dictionaries: new Map<string, Dictionary>(),
    takeFault: (sessionId: string | undefined, only?: LightningFault['type']) => {
      const at = requestFaults.findIndex(
        ({ sessionId: of, fault }) => (of === undefined || of === sessionId) && (!only || fault.type === only),
      );
      return at < 0 ? undefined : requestFaults.splice(at, 1)[0]?.fault;
    },
    record: (request: RecordedRequest) => {
      requests.push(request);
      if (requests.length > MOST_RECORDED) requests.shift();
    },
  };

  const http = new LightningHttp(account);
  const server = createServer((request, response) => {
    const fault = httpFaults.shift();
    if (!isLetIn(request, settings)) return json(response, 401, { error: 'Unauthorized', message: 'Invalid API key' });
    if (fault) return json(response, fault.status, fault.body);
    http.answer(request, response).catch(() => response.destroy());
  });
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const fault = connectionFaults.shift();
    if (pathname !== LIVE) return refuse(socket, 404, 'No such route');
    if (!isLetIn(request, settings)) return refuse(socket, 401, 'Invalid API key');
    if (fault?.type === 'reset') return void socket.resetAndDestroy();
    if (fault) return refuse(socket, fault.status, 'Refused for a test', fault.retryAfterSeconds);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.opened++;
      sockets.most = Math.max(sockets.most, ++sockets.open);
      const timeoutMs = Number(searchParams.get('timeout')) * 1_000;
      const session = new LightningSession(webSocket, account, timeoutMs > 0 ? timeoutMs : settings.idleTimeoutMs);
      sessions.add(session);
      webSocket.on('close', () => {
        sockets.open--;
        sessions.delete(session);
      });
    });
  });
  const port = await openPort(server, settings);
  return {
    port,
    baseUrl: `http://${settings.host}:${port}/waves/v1`,
    requests,
    sockets,
    get active() {
      return account.active.size;
    },
    fail(fault, times = 1, sessionId) {
      for (let i = 0; i < times; i++) {
        if (fault.type === 'refuse' || fault.type === 'reset') connectionFaults.push(fault);
        else requestFaults.push({ fault, sessionId });
      }
    },
    dropIdle() {
      for (const session of sessions) if (!session.isBusy) session.close();
    },
    failHttp(status, body, times = 1) {
      for (let i = 0; i < times; i++) httpFaults.push({ status, body });
    },
    set(changes) {
      Object.assign(settings, changes);
    },
    async close() {
      for (const webSocket of webSockets.clients) webSocket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isLetIn({ headers }: IncomingMessage, { apiKey }: LightningSettings): boolean {
  const [, key] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
  return key !== undefined && (apiKey === undefined ? key.startsWith('sk_') : key === apiKey);
}

function refuse(socket: Socket, status: number, message: string, retryAfterSeconds?: number): void {
  const body = JSON.stringify({ error: 'Refused', message });
  const retryAfter = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nX-Request-Id: ${randomUUID()}\r\n${retryAfter}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
