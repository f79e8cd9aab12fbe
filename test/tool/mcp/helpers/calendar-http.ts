/** The calendar at an address: Streamable HTTP, with sessions, on loopback. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { createCalendar, type CalendarState } from './calendar.ts';

export interface CalendarAt {
  url: string;
  state: CalendarState;
  /** Authorization headers that were shown. */
  shown: Set<string | null>;
  /** Sessions that were begun, and those that were ended by who began them. */
  begun(): number;
  ended(): number;
  /** What it answers in place of all else; 0: as it should. */
  status: number;
  /** As if it had been started anew: it knows no session any more. */
  forget(): void;
  close(): Promise<void>;
}

export async function startCalendar(port = 0): Promise<CalendarAt> {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const state: CalendarState = { bookings: [], cancelled: 0 };
  let [begun, ended] = [0, 0];
  const answer = async (request: Request): Promise<Response> => {
    started.shown.add(request.headers.get('authorization'));
    if (started.status !== 0) return new Response('no', { status: started.status });
    if (request.method === 'DELETE') ended++;
    const id = request.headers.get('mcp-session-id');
    const known = id === null ? await open() : transports.get(id);
    return known?.handleRequest(request) ?? new Response('no such session', { status: 404 });
  };
  const open = async () => {
    begun++;
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await createCalendar(state).connect(transport);
    return transport;
  };
  const listener = getRequestListener(answer);
  const server: Server = createServer((request, response) => void listener(request, response)).listen(
    port,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port: at } = server.address() as AddressInfo;
  const started: CalendarAt = {
    ...{ url: `http://127.0.0.1:${at}/mcp`, state, shown: new Set(), status: 0 },
    begun: () => begun,
    ended: () => ended,
    forget: () => transports.clear(),
    close: async () => {
      for (const transport of transports.values()) await transport.close();
      server.closeAllConnections();
      transports.clear();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return started;
}
