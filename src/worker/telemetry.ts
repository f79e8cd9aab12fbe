/**
 * Traces, when somebody wants them: with `OTEL_EXPORTER_OTLP_ENDPOINT` (or the traces' own) set, the OpenTelemetry SDK is
 * loaded, if it is installed. A program that registers an SDK of its own needs none of this.
 */
import type { Log } from '../lib/log.ts';

const PACKAGES = '@opentelemetry/sdk-trace-node @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-http';

/** Returns what flushes and stops it. Never throws: a worker runs without traces. */
export async function startTelemetry(env: NodeJS.ProcessEnv, log: Log): Promise<() => Promise<void>> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT'] && !env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return async () => {};
  try {
    const [{ NodeTracerProvider }, { BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] =
      await Promise.all([
        import('@opentelemetry/sdk-trace-node'),
        import('@opentelemetry/sdk-trace-base'),
        import('@opentelemetry/exporter-trace-otlp-http'),
        import('@opentelemetry/resources'),
      ]);
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'parley' }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    });
    provider.register();
    log.info('traces go to the OpenTelemetry endpoint');
    return () => provider.shutdown().catch((error: unknown) => log.warn({ err: error }, 'traces were lost'));
  } catch (error) {
    log.warn({ err: error }, `no traces: install ${PACKAGES} @opentelemetry/resources`);
    return async () => {};
  }
}
