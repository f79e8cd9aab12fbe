/**
 * A model that says the script, as cheaply as `node:http` can: child process, loopback. It is asked for its port, and for
 * the processor time that it has used and how late its writes were, which shows whether it was the bottleneck.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from '../frame/child.ts';
import { monotonicMs } from '../frame/monotonic.ts';
import { quantile } from '../frame/statistics.ts';
import { ANSWER_CHUNKS, ARGUMENT_PIECES, FILLER_CHUNKS, PACES, TOOL_NAME, type Pace } from './script.ts';

export interface ServerReport {
  port: number;
  cpuMs: number;
  requests: number;
  lateP50Ms: number;
  lateP99Ms: number;
}

/** One write: after so many ms since the request, and what, given the time of the write and of the request. */
interface Write {
  afterMs: number;
  text: (atMs: number, requestAtMs: number) => string;
}

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-7c1e5f0a9b3d4e21',
    object: 'chat.completion.chunk',
    created: 1764000000,
    model: 'electron',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

/** `build` makes a chunk around a mark, which is replaced by what is known only at the time of the write. */
function withStamp(build: (mark: string) => object): (stamp: string) => string {
  const [before, after] = chunk(build('@@')).split('@@');
  return (stamp) => `${before}${stamp}${after}`;
}

const content = withStamp((mark) => ({ content: `${mark} word ` }));
const firstContent = withStamp((mark) => ({ role: 'assistant', content: `${mark} word ` }));
const lastPiece = withStamp((mark) => ({ tool_calls: [{ index: 0, function: { arguments: `${mark}}` } }] }));
const ARGUMENTS = ['', '{"city', '":"Pu', 'ne",', '"sentAtMs":'];

function contentWrite(index: number, afterMs: number): Write {
  if (index > 0) return { afterMs, text: (atMs) => content(atMs.toFixed(3)) };
  return { afterMs, text: (atMs, requestAtMs) => firstContent(`${atMs.toFixed(3)} ${requestAtMs.toFixed(3)}`) };
}

function ending(finish: string, afterMs: number): Write {
  const usage = { prompt_tokens: 400, completion_tokens: 50, total_tokens: 450 };
  const usageChunk = `data: ${JSON.stringify({ id: 'chatcmpl-7c1e5f0a9b3d4e21', object: 'chat.completion.chunk', created: 1764000000, model: 'electron', choices: [], usage })}\n\n`;
  const text = `${chunk({}, finish)}${usageChunk}data: [DONE]\n\n`;
  return { afterMs, text: () => text };
}

function fillerScript({ firstTokenMs, tokenMs, finishMs }: Pace): Write[] {
  const writes: Write[] = [];
  let afterMs = firstTokenMs;
  for (let i = 0; i < FILLER_CHUNKS; i++, afterMs += tokenMs) writes.push(contentWrite(i, afterMs));
  for (let i = 0; i < ARGUMENT_PIECES - 1; i++, afterMs += tokenMs) {
    const first = i === 0 ? { id: 'call_@@', type: 'function' } : {};
    const name = i === 0 ? { name: TOOL_NAME } : {};
    const delta = { tool_calls: [{ index: 0, ...first, function: { ...name, arguments: ARGUMENTS[i] } }] };
    const [before, after = ''] = chunk(delta).split('@@');
    writes.push({ afterMs, text: i === 0 ? (atMs) => `${before}${atMs.toFixed(3)}${after}` : () => `${before}` });
  }
  writes.push({ afterMs, text: (atMs) => lastPiece(atMs.toFixed(3)) });
  writes.push(ending('tool_calls', afterMs + finishMs));
  return writes;
}

function answerScript({ firstTokenMs, tokenMs }: Pace): Write[] {
  const writes: Write[] = [];
  let afterMs = firstTokenMs;
  for (let i = 0; i < ANSWER_CHUNKS; i++, afterMs += tokenMs) writes.push(contentWrite(i, afterMs));
  writes.push(ending('stop', afterMs));
  return writes;
}

const SCRIPTS = new Map(
  Object.entries(PACES).map(([name, pace]) => [name, { filler: fillerScript(pace), answer: answerScript(pace) }]),
);

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-request-id': 'req-bench' };
const lateMs: number[] = [];
let requests = 0;

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (piece: string) => (body += piece));
  request.on('end', () => reply(request, response, body));
});

function reply(request: IncomingMessage, response: ServerResponse, body: string): void {
  const requestAtMs = monotonicMs();
  const scripts = SCRIPTS.get(request.url?.split('/')[1] ?? '');
  if (request.method !== 'POST' || !scripts) return void response.writeHead(404).end();
  requests++;
  const hasResult = body.lastIndexOf('"role":"tool"') > body.lastIndexOf('"role":"user"');
  const writes = hasResult ? scripts.answer : scripts.filler;
  response.writeHead(200, HEADERS);
  response.flushHeaders();
  let at = 0;
  const go = () => {
    const now = monotonicMs();
    for (; at < writes.length; at++) {
      const { afterMs, text } = writes[at] as Write;
      if (afterMs > now - requestAtMs) break;
      if (afterMs > 0) lateMs.push(now - requestAtMs - afterMs);
      response.write(text(monotonicMs(), requestAtMs), 'latin1');
    }
    const next = writes[at];
    if (!next) return void response.end();
    setTimeout(go, Math.ceil(next.afterMs - (monotonicMs() - requestAtMs)));
  };
  go();
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  let usedBefore = process.cpuUsage();
  answer((): ServerReport => {
    const { user, system } = process.cpuUsage(usedBefore);
    usedBefore = process.cpuUsage();
    const report = {
      port,
      cpuMs: (user + system) / 1_000,
      requests,
      lateP50Ms: quantile(lateMs, 0.5),
      lateP99Ms: quantile(lateMs, 0.99),
    };
    lateMs.length = 0;
    requests = 0;
    return report;
  });
});
