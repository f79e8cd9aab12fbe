/**
 * What the stand-ins for OpenAI's audio routes have in common: a port, a key, a list of models, and what goes wrong, once, with
 * the next request. Each has one route of its own.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { openPort } from '../lib/open-port.ts';

/** What may go wrong with any request, before it is looked at. */
export type ServerFault =
  /** Answered with a status, and the body of an error. */
  | { type: 'refuse'; status: number; retryAfterSeconds?: number; message?: string }
  /** The connection is reset before any answer. */
  | { type: 'reset' }
  /** Taken, and never answered. */
  | { type: 'hang' };

export interface OpenAiServerOptions<Fault> {
  /** Default 0: any free one. */
  port?: number | undefined;
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** The only key that is let in. Default: any, and none. */
  apiKey?: string | undefined;
  /** Its route, behind `/v1`: `/audio/speech`. */
  path: string;
  /** Models that it says it has. */
  models: readonly string[];
  /** A request for it that is let in, with what is to go wrong. */
  answer: (
    request: { headers: IncomingMessage['headers']; body: Buffer },
    response: ServerResponse,
    fault: Fault | undefined,
  ) => Promise<void>;
}

export interface OpenAiServer<Fault> {
  readonly port: number;
  /** Base address for a client: `http://127.0.0.1:1234/v1`. */
  readonly baseUrl: string;
  /** Requests for its route so far, and those that run. */
  readonly requests: { count: number; running: number };
  /** Goes wrong with the next requests for its route, `times` in a row. */
  fail(fault: Fault | ServerFault, times?: number): void;
  /** Nobody is let in from now on, for their key. */
  refuseAll(): void;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** @throws {VoiceError} `file-unreadable`, when the port cannot be opened. */
export async function startOpenAiServer<Fault extends { type: string }>(
  options: OpenAiServerOptions<Fault>,
): Promise<OpenAiServer<Fault>> {
  const { host = '127.0.0.1', apiKey, path, models, answer } = options;
  const faults: (Fault | ServerFault)[] = [];
  const requests = { count: 0, running: 0 };
  let isShut = false;
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [pathname = ''] = (request.url ?? '').split('?');
    const body = await bodyOf(request);
    if (isShut || !isLetIn(request, apiKey))
      return json(response, 401, errorOf('Incorrect API key provided', 'invalid_api_key'));
    if (pathname === '/v1/models')
      return json(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
    if (pathname !== `/v1${path}` || request.method !== 'POST')
      return json(response, 404, errorOf(`No route ${pathname}`, 'not_found'));
    requests.count++;
    requests.running++;
    response.once('close', () => requests.running--);
    const fault = faults.shift();
    if (isServerFault(fault)) return goWrong(fault, request, response);
    await answer({ headers: request.headers, body }, response, fault);
  };
  const port = await openPort(server, { host, port: options.port ?? 0 });
  return {
    port,
    baseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1`,
    requests,
    fail(fault, times = 1) {
      for (let i = 0; i < times; i++) faults.push(fault);
    },
    refuseAll() {
      isShut = true;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function goWrong(fault: ServerFault, request: IncomingMessage, response: ServerResponse): void {
  if (fault.type === 'reset') return void request.socket.resetAndDestroy();
  if (fault.type === 'hang') return;
  const { status, retryAfterSeconds, message = 'Refused for a test' } = fault;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  json(response, status, errorOf(message, status === 429 ? 'rate_limit_exceeded' : 'refused'));
}

function isServerFault(fault: { type: string } | undefined): fault is ServerFault {
  return fault !== undefined && ['refuse', 'reset', 'hang'].includes(fault.type);
}

function isLetIn({ headers }: IncomingMessage, apiKey: string | undefined): boolean {
  return apiKey === undefined || headers.authorization === `Bearer ${apiKey}`;
}

/** As OpenAI tells what is wrong. */
export function errorOf(message: string, code: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_simulated' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
