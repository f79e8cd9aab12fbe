/** `parley serve`: the worker behind a telephony bridge, until it is told to stop. */
import { loadAgent } from '../call/agent.ts';
import { VoiceError } from '../lib/errors.ts';
import { createLog, type Log } from '../lib/log.ts';
import { callsThatPlanCarries, limitsOf } from '../model/plan.ts';
import { registerQuotaMetrics } from '../worker/quota-metrics.ts';
import type { Quota } from '../worker/quota/quota.ts';
import { connectServices, simulateServices, type Services } from '../worker/services.ts';
import { checkSetting, readSettings, secretsOf, unknownSettings, type Settings } from '../worker/settings.ts';
import { startTelemetry } from '../worker/telemetry.ts';
import { Worker } from '../worker/worker.ts';
import { logView } from './log-view.ts';
import { ownName, UsageError } from './report.ts';
import { demoTranscripts, readTranscripts } from './transcripts.ts';

export interface ServeOptions {
  agent?: string;
  host?: string;
  port?: string;
  record?: string;
  simulate?: boolean;
  transcripts?: string;
}

export async function runWorker(options: ServeOptions): Promise<void> {
  const settings = readServeSettings(options);
  const { logLevel: level, logText: showText } = settings;
  const stream = process.stderr.isTTY ? { stream: logView((text) => process.stderr.write(text)) } : {};
  const log = createLog({ level, showText, secrets: secretsOf(settings), ...stream });
  for (const name of unknownSettings(process.env)) log.warn(`${name} is not a setting: see parley serve --help`);
  const stopTelemetry = await startTelemetry(process.env, log);
  const agent = await loadAgent(settings.agent, { log });
  const services = await openServices(settings, { log, transcripts: options.transcripts });
  const worker = new Worker({ settings, agent, ...services, log });
  registerQuotaMetrics(worker.metrics.registry, services.quota);
  try {
    const url = await worker.start();
    sayReady(url, { settings, agent: agent.name, log });
    sayQuota(services.quota, settings, log);
    const signal = await firstSignal();
    const { drainMs } = settings;
    log.info(
      { signal, calls: worker.calls.size, drainMs },
      'no new calls; running ones may end; once more ends at once',
    );
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

/** @throws {UsageError} for an option of the command line; {VoiceError} for the environment. */
function readServeSettings({ agent, host, port, record, simulate }: ServeOptions): Settings {
  const given = [
    ['agent', '--agent', agent],
    ['host', '--host', host],
    ['port', '--port', port],
    ['recordDirectory', '--record', record],
  ] as const;
  for (const [name, option, value] of given) {
    const problem = value === undefined ? undefined : checkSetting(name, option, value);
    if (problem !== undefined) throw new UsageError(problem);
  }
  if (agent === undefined && !process.env['PARLEY_AGENT']?.trim()) {
    throw new UsageError('expected the agent file, by --agent FILE or PARLEY_AGENT, got nothing');
  }
  return readSettings(process.env, { agent, host, port, recordDirectory: record, simulate });
}

async function openServices(
  settings: Settings,
  { log, transcripts }: { log: Log; transcripts: string | undefined },
): Promise<Services> {
  const { apiKey, simulate } = settings;
  if (simulate) {
    const known = transcripts === undefined ? [] : await readTranscripts(transcripts);
    return simulateServices({ log, transcripts: [...(await demoTranscripts().catch(() => [])), ...known] });
  }
  if (transcripts !== undefined) throw new UsageError('expected --transcripts with --simulate only');
  if (apiKey !== undefined) return connectServices({ ...settings, apiKey, log });
  throw new VoiceError('options-invalid', 'SMALLEST_API_KEY is not set; set it, or try the simulators with --simulate');
}

function sayReady(url: string, { settings, agent, log }: { settings: Settings; agent: string; log: Log }): void {
  const { simulate: simulated, maxCalls, twilioLine: line } = settings;
  log.info({ url, agent, simulated, line, maxCalls }, `ready; to try it: ${ownName()} call --url ${url}`);
  if (settings.twilioAuthTokens.length + settings.bridgeTokens.length > 0) return;
  log.warn('PARLEY_TWILIO_AUTH_TOKEN is not set: calls are taken from this machine only');
}

/** How many calls the plan carries, beside how many are taken. */
function sayQuota(quota: Quota, { plan, simulate, maxCalls, workersExpected }: Settings, log: Log): void {
  if (simulate || plan === 'none') return;
  const workers = quota.redis ? 1 : (workersExpected ?? 1);
  const callsCarried = callsThatPlanCarries(plan, { workers });
  const { requestsPerMinute, concurrent } = limitsOf(plan);
  const redis = quota.redis && (quota.redis.isConnected ? 'connected' : 'away');
  const facts = { plan, requestsPerMinute, concurrent, workers, redis, callsCarried };
  const advice = callsCarried < maxCalls ? `; with more of the ${maxCalls} that are taken, answers wait` : '';
  log.info(facts, `the plan carries about ${callsCarried} calls all the time${advice}`);
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
