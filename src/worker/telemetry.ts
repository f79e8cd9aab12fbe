/**
 * Traces, when somebody wants them: with `OTEL_EXPORTER_OTLP_ENDPOINT` (or the traces' own) or `OTEL_TRACES_EXPORTER=otlp`
 * set, the OpenTelemetry SDK is loaded, if it is installed. It reads the other `OTEL_*` variables itself: sampler, headers,
 * batches, limits, propagators, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`. A program that registers an SDK of its
 * own needs none of this, and keeps its own.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import { diag, DiagLogLevel, ProxyTracerProvider, trace } from '@opentelemetry/api';
import { isDoneWithin, type Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';

export interface TelemetryOptions {
  log: Log;
  clock: Clock;
}

const PACKAGES = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
].join(' ');

/** How long the end of a process waits for a collector. */
const FLUSH_MS = 2_000;

const nothing = async (): Promise<void> => {};

/** Returns what flushes and stops it. Never throws: a worker runs without traces. */
export async function startTelemetry(
  env: NodeJS.ProcessEnv,
  { log, clock }: TelemetryOptions,
): Promise<() => Promise<void>> {
  if (!isWanted(env)) return nothing;
  const problem = problemOf(env);
  if (problem !== undefined) {
    log.warn(`no traces: ${problem}`);
    return nothing;
  }
  try {
    return await startSdk({ log, clock });
  } catch (error) {
    log.warn({ err: error }, `no traces: install ${PACKAGES}`);
    return nothing;
  }
}

/** Whether the environment asks for traces, as the specification has it. */
export function isWanted(env: NodeJS.ProcessEnv): boolean {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  const exporters = listOf(env['OTEL_TRACES_EXPORTER']);
  if (exporters.includes('none')) return false;
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return Boolean(endpoint) || exporters.length > 0;
}

/** What is asked for and cannot be had. */
function problemOf(env: NodeJS.ProcessEnv): string | undefined {
  const other = listOf(env['OTEL_TRACES_EXPORTER']).find((name) => name !== 'otlp');
  if (other !== undefined) return `expected OTEL_TRACES_EXPORTER to be otlp or none, got \`${other}\``;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol !== 'grpc') return undefined;
  return 'expected OTEL_EXPORTER_OTLP_PROTOCOL to be http/json or http/protobuf, got `grpc`: use the port for HTTP, mostly 4318';
}

const listOf = (text = ''): string[] => text.split(',').flatMap((one) => one.trim() || []);

async function startSdk({ log, clock }: TelemetryOptions): Promise<() => Promise<void>> {
  const registered = trace.getTracerProvider();
  if (!(registered instanceof ProxyTracerProvider) || registered.getDelegateTracer('parley-voice')) {
    log.info('traces go to the OpenTelemetry SDK that is registered already');
    return nothing;
  }
  const [sdk, { BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  tellFailures(log);
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources;
  const named = detectResources({ detectors: [envDetector] });
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'parley' }))
    .merge(named);
  const provider = new sdk.NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  log.info('traces go to the OpenTelemetry endpoint');
  return async () => {
    try {
      if (await isDoneWithin(provider.shutdown(), FLUSH_MS, clock)) return;
      log.warn(`traces were lost: the collector did not answer within ${FLUSH_MS} ms`);
    } catch (error) {
      log.warn({ err: error }, 'traces were lost');
    }
  };
}

/** What the SDK complains of, such as an endpoint that does not answer. */
function tellFailures(log: Log): void {
  const tell = (message: string) => log.warn({ reason: message.slice(0, 200) }, 'OpenTelemetry has a problem');
  const quiet = () => {};
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
