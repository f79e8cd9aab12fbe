/** The Pulse stand-in with a port of its own. */
import { createServer } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import { openPort } from '../../lib/open-port.ts';
import type { PulseFault } from './faults.ts';
import type { PulseSimulatorInput } from './options.ts';
import { BASE_PATH, PulseService, type PulseSimulatorStats } from './service.ts';
import type { PulseSession } from './session.ts';

export interface PulseSimulator {
  /** Base URL for a client, `http://127.0.0.1:1234/waves/v1`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Puts a fault in wait; returns what takes it away. Faults are met in order, one a connection. */
  fault(fault: PulseFault): () => void;
  clearFaults(): void;
  stats(): PulseSimulatorStats;
  /** Live connections, oldest first, those that are over included. */
  sessions(): readonly PulseSession[];
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks Pulse's documented protocol, and hears what is said to it.
 * @throws {VoiceError} `options-invalid`; `file-unreadable` when the port cannot be opened.
 */
export async function startPulseSimulator(options: PulseSimulatorInput = {}, clock?: Clock): Promise<PulseSimulator> {
  const service = new PulseService(options, clock);
  const { host } = service.options;
  const server = createServer((request, response) => {
    if (service.owns(request)) return service.handle(request, response);
    request.resume();
    response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"Not found"}');
  });
  server.on('upgrade', (request, socket, head) => {
    if (service.ownsUpgrade(request)) service.handleUpgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  const port = await openPort(server, { host, port: service.options.port });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${BASE_PATH}`,
    host,
    port,
    fault: (fault) => service.fault(fault),
    clearFaults: () => service.clearFaults(),
    stats: () => service.stats(),
    sessions: () => service.sessions,
    async close() {
      service.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
