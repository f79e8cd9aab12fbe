/** A server on loopback that answers as it is told, and one run of a tool that asks it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { ToolOutcome } from '../../../src/tool/contract.ts';
import type { ToolDefinition } from '../../../src/tool/define.ts';
import { createToolbox } from '../../../src/tool/toolbox.ts';

export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Server {
  url: string;
  /** Every request so far. */
  asked: Asked[];
}

export type Answering = (asked: Asked, response: ServerResponse) => void;

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answering =>
  (_asked, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

/** The last of `answers` stays. It is closed when the test is over. */
export async function serve(...answers: Answering[]): Promise<Server> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      asked.push(one);
      answers[Math.min(asked.length, answers.length) - 1]?.(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

export interface Run {
  outcome: ToolOutcome;
  /** What the model reads, parsed. */
  result: unknown;
  /** All that was logged, as one text. */
  log: string;
}

export const caller = {
  carrierCallId: 'CA1',
  from: '+15550100',
  to: '+15550199',
  parameters: { tenant: 'a&b' } as Record<string, string>,
};

/** Calls the tool as a model does; pauses between attempts are over as soon as they begin. */
export async function ask(
  tool: ToolDefinition,
  input: unknown = {},
  env: Record<string, string | undefined> = {},
): Promise<Run> {
  const lines: string[] = [];
  const log = pino({ base: null, level: 'trace' }, { write: (line: string) => lines.push(line) });
  const clock = new VirtualClock();
  const runner = createToolbox([tool], { env, log, mayLackEnv: true });
  const outcome = await new Promise<ToolOutcome>((resolve) => {
    const running = runner.runner({
      callId: 'call-7',
      caller,
      clock,
      listener: {
        settled: (_id, settled) => resolve(settled),
        progress: () => undefined,
        failed: ({ what }) => what.includes('tried again') && queueMicrotask(() => clock.advanceBy(2_000)),
      },
    });
    running.run({ id: 't1', name: tool.name, arguments: JSON.stringify(input) }, 1);
  });
  return { outcome, result: JSON.parse(outcome.content) as unknown, log: lines.join('\n') };
}
