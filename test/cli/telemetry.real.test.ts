/**
 * `parley serve` with `OTEL_*` set: a call's spans arrive at an OTLP endpoint.
 *
 * Real time: the command is a process, which reads its environment.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { until } from '../helpers/until.ts';
import { plan, run } from './helpers/processes.ts';

const WAIT_MS = 90_000;
const planned = plan();
const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

interface OtlpSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface OtlpBody {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

/** Takes what an OTLP/HTTP collector would. */
async function collect() {
  const bodies: OtlpBody[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(JSON.parse(text) as OtlpBody);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

const traced = planned(async () => {
  const { url: endpoint, bodies } = await collect();
  let child: ChildProcess | undefined;
  let output = () => '';
  const exited = run(['serve', '--agent', 'examples/clinic.ts', '--port', '0', '--simulate'], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_SERVICE_NAME: 'front-desk',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
    watch: (started, read) => ([child, output] = [started, read]),
  });
  const url = await until('it to be ready', () => /"url":"([^"]+)"/.exec(output())?.[1], WAIT_MS);
  const caller = await dialRelay({
    url: `${url.replace('http', 'ws')}/twilio/relay`,
    from: '+15550100',
    to: '+15550199',
  });
  void caller.say('Which appointments are free tomorrow?');
  await caller.waitForCommand((command) => command.type === 'text' && /\d/.test(command.token)); // the times it has found
  await caller.hangUp();
  await until('the call to end', () => output().includes('"call ended"'), WAIT_MS);
  child?.kill('SIGTERM');
  const { stderr, code } = await exited;
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { bodies, lines, code };
});

test('the spans of a call reach an OTLP endpoint before the worker is gone, under the name that was given', async () => {
  const { bodies, lines, code } = await traced();
  expect(code).toBe(0);
  const resources = bodies.flatMap(({ resourceSpans }) => resourceSpans);
  const attributes = new Map(resources[0]?.resource.attributes.map(({ key, value }) => [key, value.stringValue]));
  expect(attributes.get('service.name')).toBe('front-desk');
  expect(attributes.get('deployment.environment.name')).toBe('test');
  const spans = resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const named = (name: string) => spans.find((span) => span.name === name);
  const [call, turn, step] = ['parley.call', 'invoke_agent clinic-desk', 'chat electron'].map(named);
  expect(turn?.parentSpanId).toBe(call?.spanId);
  expect(step?.parentSpanId).toBe(turn?.spanId);
  expect(spans.find(({ name }) => name.startsWith('execute_tool '))?.parentSpanId).toBe(turn?.spanId);
  expect(step?.attributes.map(({ key }) => key)).toContain('parley.request_id');
  expect(JSON.stringify(spans)).not.toMatch(/appointments are free|15550100/);
  const ended = lines.find(({ msg }) => msg === 'turn ended');
  expect(ended?.['traceId']).toBe(call?.traceId);
});

const unanswered = planned(async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1'); // takes what comes, and answers nothing
  servers.push(server);
  await once(server, 'listening');
  let child: ChildProcess | undefined;
  let output = () => '';
  const exited = run(['serve', '--agent', 'examples/clinic.ts', '--port', '0', '--simulate'], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    watch: (started, read) => ([child, output] = [started, read]),
  });
  const url = await until('it to be ready', () => /"url":"([^"]+)"/.exec(output())?.[1], WAIT_MS);
  const caller = await dialRelay({ url: `${url.replace('http', 'ws')}/twilio/relay`, from: '+1', to: '+2' });
  await caller.hangUp();
  await until('the call to end', () => output().includes('"call ended"'), WAIT_MS);
  const sinceMs = performance.now();
  child?.kill('SIGTERM');
  const { stderr, code } = await exited;
  server.closeAllConnections();
  return { stderr, code, seconds: (performance.now() - sinceMs) / 1_000 };
});

test('exit waits 2 s at most for a collector', async () => {
  const { stderr, code, seconds } = await unanswered();
  expect(code).toBe(0);
  expect(stderr).toContain('traces were lost: the collector did not answer within 2000 ms');
  expect(seconds).toBeLessThan(4);
});
