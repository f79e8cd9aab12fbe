/** The chat route over HTTP: what is said to the service, and how its script leaves by a socket. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid, type Refusal } from './envelope.ts';
import { CHAT_PATH, MAX_BODY_BYTES } from './limits.ts';
import type { Outlet } from './player.ts';
import type { Answer, ElectronService } from './service.ts';

/** Whether this request is for the chat route. */
export function isChat(request: IncomingMessage): boolean {
  return pathOf(request) === CHAT_PATH;
}

/** Answers a request to the chat route. */
export function handleChat(service: ElectronService, request: IncomingMessage, response: ServerResponse): void {
  const exchange = service.open(request.headers.authorization);
  response.setHeader('X-Request-Id', exchange.record.requestId);
  const refusal = request.method === 'POST' ? exchange.refusal : wrongMethod();
  if (refusal) {
    request.resume();
    return refuse(response, service.refuse(refusal, exchange));
  }
  readBody(request, (bodyText) => {
    const answer = service.answer(bodyText, exchange);
    if (answer.type === 'refusal') return refuse(response, answer);
    response.on('error', () => {}); // a client that goes is told of by `close`
    const playing = answer.play(outletOf(response));
    const close = () => playing.closed(response.writableFinished);
    if (response.closed) close();
    else response.once('close', close);
  });
}

function refuse(response: ServerResponse, { status, headers, body }: Extract<Answer, { type: 'refusal' }>): void {
  response.writeHead(status, headers);
  response.end(body);
}

function outletOf(response: ServerResponse): Outlet {
  return {
    begin(status, headers) {
      response.writeHead(status, headers);
      response.flushHeaders(); // else they would wait for the first piece
    },
    write: (data, done) => response.write(data, done && (() => done())),
    onRoom: (run) => void response.once('drain', run),
    end: () => void response.end(),
    reset: () => response.socket?.resetAndDestroy(),
  };
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** Hands over the whole body, or `undefined` when it is too large. A client that goes in the middle gets no answer. */
export function readBody(request: IncomingMessage, done: (text: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => done(bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : undefined));
  request.on('error', () => {}); // the client went; its response tells
}

function wrongMethod(): Refusal {
  return { ...invalid('Only POST is answered here'), status: 405, headers: { Allow: 'POST' } };
}
