/** `parley serve`: the worker behind a telephony bridge, until it is told to stop. */
import { loadAgent } from '../call/agent.ts';
import { VoiceError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { connectServices, simulateServices } from '../worker/services.ts';
import { readSettings } from '../worker/settings.ts';
import { startTelemetry } from '../worker/telemetry.ts';
import { Worker } from '../worker/worker.ts';

export interface ServeOptions {
  agent?: string;
  host?: string;
  port?: string;
  record?: string;
  simulate?: boolean;
}

export async function runWorker(options: ServeOptions): Promise<void> {
  const { agent: agentFile, host, port, record, simulate } = options;
  const settings = readSettings(process.env, { agent: agentFile, host, port, recordDirectory: record, simulate });
  const { apiKey } = settings;
  if (apiKey === undefined && !settings.simulate) {
    throw new VoiceError(
      'options-invalid',
      'SMALLEST_API_KEY is not set; set it, or try the simulators with --simulate',
    );
  }
  const log = createLog({ level: settings.logLevel, showText: settings.logText });
  const stopTelemetry = await startTelemetry(process.env, log);
  const agent = await loadAgent(settings.agent, { log });
  const services =
    settings.simulate || apiKey === undefined
      ? await simulateServices({ log })
      : connectServices({ ...settings, apiKey, log });
  const worker = new Worker({ settings, agent, ...services, log });
  try {
    const url = await worker.start();
    log.info({ url, agent: agent.name, simulated: settings.simulate, maxCalls: settings.maxCalls }, 'ready');
    if (settings.twilioAuthTokens.length === 0) {
      log.warn('PARLEY_TWILIO_AUTH_TOKEN is not set: calls are taken from this machine only');
    }
    const signal = await firstSignal();
    log.info({ signal, calls: worker.calls.size, drainMs: settings.drainMs }, 'no new calls; running ones may end');
    const isDrained = await Promise.race([worker.drain().then(() => true), firstSignal().then(() => false)]);
    if (!isDrained) {
      log.warn({ calls: worker.calls.size }, 'told twice: ending now');
      process.exitCode = 1;
    }
  } finally {
    await worker.close();
    await services.close();
    await stopTelemetry();
  }
  log.info('stopped');
}

/** The next time that somebody asks this process to stop. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.removeListener('SIGTERM', stop);
      process.removeListener('SIGINT', stop);
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
