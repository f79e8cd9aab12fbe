import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { isWanted, startTelemetry } from '../../src/worker/telemetry.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

test.each([
  [{}, false],
  [{ OTEL_SERVICE_NAME: 'desk' }, false],
  [ENDPOINT, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }, true],
])('with %j, traces are wanted: %s', (env, expected) => {
  expect(isWanted(env)).toBe(expected);
});

test.each([
  [{ OTEL_TRACES_EXPORTER: 'jaeger' }, 'expected OTEL_TRACES_EXPORTER to be otlp or none, got `jaeger`'],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'to be http/json or http/protobuf, got `grpc`'],
])('what cannot be had is said, and the worker runs on without: %j', async (env, message) => {
  const lines: string[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push(line) } });
  const stop = await startTelemetry(env, { log, clock: new VirtualClock() });
  await stop();
  expect(lines).toHaveLength(1);
  expect((JSON.parse(lines[0] ?? '') as { msg: string }).msg).toContain(message);
});
