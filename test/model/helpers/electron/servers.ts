/** Servers on loopback that do exactly what a test says, and count what they see. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Server as RawServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createBudget } from '../../../../src/model/budget.ts';
import type { LanguageModel, ModelEvent, StepRequest } from '../../../../src/model/contract.ts';
import { createElectron, type ElectronOptions } from '../../../../src/model/electron/client.ts';

export interface Asked {
  /** From 1. */
  attempt: number;
  request: IncomingMessage;
  response: ServerResponse;
  body: string;
}

/** An HTTP server that hands each `POST` to `answer`, and answers anything else with 404. */
export async function serve(answer: (asked: Asked) => void) {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(404).end();
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const one = { attempt: asked.length + 1, request, response, body };
      asked.push(one);
      answer(one);
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  const port = await listen(server, sockets);
  return {
    baseUrl: `http://127.0.0.1:${port}/waves/v1`,
    asked,
    sockets,
    get connections() {
      return connections;
    },
  };
}

/** A TCP server: whatever it says is not HTTP unless the test writes it so. */
export async function serveRaw(connected: (socket: Socket, connection: number) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    connected(socket, ++connections);
  });
  const port = await listen(server, sockets);
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    sockets,
    get connections() {
      return connections;
    },
  };
}

async function listen(server: Server | RawServer, sockets: Set<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A client without limits and without jitter, closed when the test is over. */
export function connect(options: ElectronOptions): LanguageModel {
  const { clock } = options;
  const model = createElectron({
    apiKey: 'sk_test_0123456789',
    budget: createBudget({ plan: 'none', clock }),
    random: () => 0,
    ...options,
  });
  onTestFinished(() => model.close());
  return model;
}

/** Asks, and keeps what streams back. */
export function ask(model: LanguageModel, request: Partial<StepRequest> = {}) {
  const events: ModelEvent[] = [];
  const waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  const until = (isMet: () => boolean) =>
    new Promise<void>((resolve) => {
      if (isMet()) resolve();
      else waiting.push({ isMet, resolve });
    });
  const whole: StepRequest = {
    messages: [{ role: 'user', content: 'Hello?' }],
    toolsJson: undefined,
    options: {},
    priority: 'answer',
    ...request,
  };
  const step = model.startStep(whole, (event) => {
    events.push(event);
    for (const { isMet, resolve } of waiting) if (isMet()) resolve();
  });
  return {
    step,
    events,
    /** Once this many events have come. */
    count: (count: number) => until(() => events.length >= count),
    /** The last event, once it has come. */
    async last() {
      await until(() => /^step-/.test(events.at(-1)?.type ?? ''));
      const last = events.at(-1);
      if (last?.type !== 'step-end' && last?.type !== 'step-failed') throw new Error('Expected an end');
      return last;
    },
    get text() {
      return events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
    },
  };
}

export const streamHeaders = { 'content-type': 'text/event-stream', 'x-request-id': 'request-1' };

export function chunk(delta: object | undefined, finishReason?: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finishReason ?? null }] })}\n\n`;
}

export const usageChunk = `data: ${JSON.stringify({
  choices: [],
  usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25, prompt_tokens_details: { cached_tokens: 8 } },
})}\n\n`;
export const done = 'data: [DONE]\n\n';

/** A whole short answer. */
export function answerWith(response: ServerResponse, text: string): void {
  response.writeHead(200, streamHeaders);
  response.end(chunk({ role: 'assistant', content: text }) + chunk({}, 'stop') + usageChunk + done);
}

/** Resolves once something more has come to our side: the headers of an answer, or a piece of its body. */
export function arrival(part: 'headers' | 'bodyChunkReceived'): Promise<void> {
  return messages(`undici:request:${part}`, 1);
}

/** Resolves once so many more answers have come whole, and their connections are free again. */
export async function answersIn(count: number): Promise<void> {
  await messages('undici:request:trailers', count);
  await new Promise((resolve) => setImmediate(resolve)); // undici lets go of a connection a turn later
}

function messages(channel: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const told = () => {
      if (--left > 0) return;
      unsubscribe(channel, told);
      resolve();
    };
    subscribe(channel, told);
  });
}
