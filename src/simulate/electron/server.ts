/** The Electron simulator with a port of its own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { openPort } from '../../lib/open-port.ts';
import { ADMIN_PATH, handleAdmin } from './admin.ts';
import { envelopeOf, invalid } from './envelope.ts';
import { handleChat, isChat, pathOf } from './http.ts';
import type { ElectronStats, RequestRecord } from './journal.ts';
import { BASE_PATH } from './limits.ts';
import type { ElectronOptionsInput, ElectronSettingsInput } from './options.ts';
import { ElectronService, type FaultOptions } from './service.ts';

/** Longer than any pause between two turns, as the service keeps its connections. */
const KEEP_ALIVE_MS = 75_000;
/** Hundreds of calls may begin in the same instant. */
const BACKLOG = 2_048;

/** A running stand-in for Electron: where it is, what it was asked, and what is to go wrong. */
export interface ElectronSimulator {
  /** Base URL for a client, `http://127.0.0.1:1234/waves/v1`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Puts a fault in wait; returns what takes it away. Faults are met in order, one a request. */
  fault(fault: FaultOptions): () => void;
  clearFaults(): void;
  /** Changes pace, shape, plan or replies for the requests to come. */
  configure(settings: ElectronSettingsInput): void;
  stats(): ElectronStats;
  /** The last requests in full, oldest first. */
  requests(): readonly RequestRecord[];
  /** Closes the connections that carry no request, as a server does that has waited for too long. */
  closeIdleConnections(): void;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks Electron's documented protocol. `clock` moves its pace, plans and cache.
 * @throws {VoiceError} `options-invalid`; `file-unreadable` when the port cannot be opened.
 */
export async function startElectronSimulator(
  options: ElectronOptionsInput = {},
  clock: Clock = systemClock,
): Promise<ElectronSimulator> {
  const service = new ElectronService(options, clock);
  const { host, port, admin } = service.options;
  const connections = { open: 0, ever: 0 };
  const stats = (): ElectronStats => ({
    ...service.stats(),
    connections: connections.open,
    connectionsEver: connections.ever,
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    if (isChat(request)) handleChat(service, request, response);
    else if (admin && pathOf(request).startsWith(ADMIN_PATH)) handleAdmin(request, response, { service, stats });
    else answerElsewhere(request, response);
  });
  server.on('connection', (socket) => {
    connections.open++;
    connections.ever++;
    socket.once('close', () => connections.open--);
    socket.on('error', () => {}); // clients reset connections; that is what they are here to try
  });
  const boundPort = await openPort(server, { host, port, backlog: BACKLOG });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}${BASE_PATH}`,
    host,
    port: boundPort,
    fault: (fault) => service.fault(fault),
    clearFaults: () => service.clearFaults(),
    configure: (settings) => service.configure(settings),
    stats,
    requests: () => service.requests(),
    closeIdleConnections: () => server.closeIdleConnections(),
    close: () => close(server),
  };
}

/** Anything that is not the chat route: good for warming a connection, else 404. */
export function answerElsewhere(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const path = pathOf(request);
  response.setHeader('X-Request-Id', crypto.randomUUID());
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { Allow: 'GET, HEAD, OPTIONS, POST' }).end();
  } else if ((request.method === 'GET' || request.method === 'HEAD') && (path === '/' || path === BASE_PATH)) {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
  } else {
    const requestId = String(response.getHeader('X-Request-Id'));
    const message = `Nothing is at ${request.method ?? ''} ${path}`;
    response.writeHead(404, { 'Content-Type': 'application/json' }).end(envelopeOf(invalid(message), requestId));
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
