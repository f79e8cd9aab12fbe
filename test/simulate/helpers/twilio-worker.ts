/** A worker for the simulated Twilio to dial: real sockets, the bridges of Parley, and whatever a test has them do. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { SIGNATURE_HEADER, verifySignature } from '../../../src/bridge/twilio/signature.ts';
import { BRIDGE_SERVER_OPTIONS } from '../../../src/bridge/socket-line.ts';

export interface Worker {
  url: string;
  close(): Promise<void>;
}

export async function openWorker(
  onSocket: (socket: WebSocket) => void,
  options: { authToken?: string; publicUrl?: string } = {},
): Promise<Worker> {
  const server = createServer();
  const sockets = new WebSocketServer({ ...BRIDGE_SERVER_OPTIONS, noServer: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/twilio/media`;
  server.on('upgrade', (request, socket, head) => {
    const signature = request.headers[SIGNATURE_HEADER];
    const isGenuine =
      options.authToken === undefined ||
      verifySignature({
        url: options.publicUrl ?? url,
        signature: typeof signature === 'string' ? signature : undefined,
        authTokens: [options.authToken],
      });
    if (isGenuine) sockets.handleUpgrade(request, socket, head, onSocket);
    else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  return {
    url,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
