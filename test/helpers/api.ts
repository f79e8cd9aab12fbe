/** A carrier's REST API, for tests: real HTTP on loopback, which says yes to everything unless it is told what to answer. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  method: string;
  path: string;
  authorization: string | undefined;
  type: string | undefined;
  body: string;
}

export interface Api {
  url: string;
  /** Every request so far. */
  asked: Asked[];
  /** The next requests are answered like this, one each. */
  answerNext(...answers: { status: number; json?: unknown }[]): void;
}

/** It is closed when the test is over. */
export async function openApi(): Promise<Api> {
  const asked: Asked[] = [];
  const answers: { status: number; json?: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      asked.push({ method, path, authorization: headers.authorization, type: headers['content-type'], body });
      const { status, json = {} } = answers.shift() ?? { status: 200 };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, answerNext: (...more) => void answers.push(...more) };
}
