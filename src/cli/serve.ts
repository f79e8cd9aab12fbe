/** `parley serve`: the worker behind a telephony bridge, until it is told to stop; of one process, or of several. */
import { availableParallelism } from 'node:os';
import type { Door } from '../bridge/door.ts';
import { requestLimitsOf, vendorsWith } from '../call/vendors.ts';
import type { WallClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { ownModule } from '../lib/own-files.ts';
import type { AllowanceLimits } from '../model/contract.ts';
import { tellRoomToAskAhead } from '../model/plan.ts';
import type { CallLimit } from '../worker/capacity.ts';
import { CARRIERS } from '../worker/carriers.ts';
import { countProcesses, planCallsOf, wholeLimitOf } from '../worker/group.ts';
import { openerOf } from '../worker/open-door.ts';
import type { Quota } from '../worker/quota/quota.ts';
import { readSettings, unknownSettings, valuesFor, type Settings } from '../worker/settings.ts';
import { givenSettings } from './given-settings.ts';
import { Orders } from './orders.ts';
import { endSoon, ownName, takeWarnings, UsageError } from './report.ts';
import { openLog } from './worker-log.ts';

export interface ServeOptions {
  agent?: string;
  host?: string;
  port?: string;
  processes?: string;
  record?: string;
  prices?: string;
  baseUrl?: string;
  model?: string;
  simulate?: boolean;
  watch?: boolean;
  transcripts?: string;
  json?: boolean;
}

interface Serving {
  settings: Settings;
  /** Of the model. Who hands out connections does not load the agent: it goes by the model of one that names none. */
  requests: AllowanceLimits;
  limit: CallLimit;
  clock: WallClock;
  log: Log;
  orders: Orders;
  transcripts: string | undefined;
}

export async function runWorker(options: ServeOptions, clock: WallClock): Promise<void> {
  const orders = new Orders();
  orders.heedSignals();
  const settings = readServeSettings(options);
  const log = await openLog(settings);
  takeWarnings((err) => log.warn({ err }, 'a warning of this process'));
  for (const name of unknownSettings(process.env)) log.warn(`${name} is not a setting: see parley serve --help`);
  const requests = requestLimitsOf(settings);
  const limit = wholeLimitOf(settings, requests);
  const processes = countProcesses(settings, limit, availableParallelism());
  const serving: Serving = { settings, requests, limit, clock, log, orders, transcripts: options.transcripts };
  try {
    const exitCode = await (processes > 1 ? serveByMany(serving, processes) : serveAlone(serving));
    if (exitCode !== 0) process.exitCode = exitCode;
    log.info('stopped');
  } finally {
    endSoon();
  }
}

async function serveAlone(serving: Serving): Promise<number> {
  const { answerCalls } = await import('./answering.ts');
  return answerCalls({
    ...serving,
    async open(worker, agent, { quota }) {
      const url = await worker.start();
      const requests = requestLimitsOf(serving.settings, {
        name: agent.vendors.model,
        vendors: vendorsWith(agent.own),
      });
      const limit = wholeLimitOf(serving.settings, requests);
      sayReady(url, agent.name, { ...serving, requests, limit }, { processes: 1, quota });
    },
  });
}

async function serveByMany(serving: Serving, processes: number): Promise<number> {
  const { orders, log, settings } = serving;
  const { Primary } = await import('../worker/primary.ts');
  const primary = new Primary({ ...serving, processes, module: ownModule('cli/serve-process') });
  try {
    const told = orders.next();
    const started = await Promise.race([primary.start(), told]);
    if ('exitCode' in started) return started.exitCode; // it has said why
    if ('url' in started) sayReady(started.url, started.agent, serving, { processes });
    await told; // the first processes may have calls though others still start
    log.info(
      { calls: primary.calls, drainMs: settings.drainMs },
      'no new calls; running ones may end; once more ends at once',
    );
    const end = await Promise.race([primary.drain(), orders.next()]);
    if (typeof end === 'boolean') return end ? 0 : 1;
    log.warn({ calls: primary.calls }, 'told twice: ending now');
    return 1;
  } finally {
    await primary.close();
  }
}

/** @throws {UsageError} for an option of the command line; {VoiceError} for the environment. */
function readServeSettings(options: ServeOptions): Settings {
  const { agent, host, port, processes, record, prices, baseUrl, model, simulate, watch, json } = options;
  const given = givenSettings([
    ['agent', '--agent', agent],
    ['host', '--host', host],
    ['port', '--port', port],
    ['processes', '--processes', processes],
    ['recordDirectory', '--record', record],
    ['prices', '--prices', prices],
    ['modelBaseUrl', '--base-url', baseUrl],
    ['modelName', '--model', model],
  ]);
  if (agent === undefined && !process.env['PARLEY_AGENT']?.trim()) {
    throw new UsageError('expected the agent file, as `parley serve agent.ts` or by PARLEY_AGENT, got nothing');
  }
  return readSettings(process.env, { ...given, simulate, watch, logFormat: json ? 'json' : undefined });
}

interface ReadyFacts {
  processes: number;
  quota?: Quota;
}

function sayReady(url: string, agent: string, serving: Serving, { processes, quota }: ReadyFacts): void {
  const { settings, limit, log } = serving;
  const { simulate: simulated } = settings;
  const carriers: readonly Door[] = CARRIERS;
  const doors = Object.assign({}, ...carriers.map((door) => door.readyFacts?.(valuesFor(door, settings)))) as object;
  log.info(
    { url, agent, simulated, ...doors, maxCalls: limit.calls, processes },
    `ready; to try it: ${ownName()} call --url ${url}`,
  );
  sayQuota(serving, quota);
  sayWhoMayCall(serving);
}

/** Where no carrier's secret is set, the doors are as open as a machine that nobody else reaches. */
function sayWhoMayCall({ settings, log }: Serving): void {
  if (settings.bridgeTokens.length > 0) return;
  const openers = CARRIERS.flatMap((door) => openerOf(door, settings) ?? []);
  if (openers.some(({ isSet }) => isSet)) return;
  const [first] = openers;
  log.warn(`no carrier is set up, as by ${first?.env}: calls are taken from this machine only`);
}

/** How many calls the plan carries, and whether that is what limits. */
function sayQuota({ settings, requests, limit, log }: Serving, quota: Quota | undefined): void {
  const { plan, simulate, workersExpected, redisUrl } = settings;
  const callsCarried = planCallsOf(settings, requests);
  if (simulate || callsCarried === Infinity) return;
  const workers = redisUrl === undefined ? (workersExpected ?? 1) : 1;
  const redis = quota?.redis && (quota.redis.isConnected ? 'connected' : 'away');
  const { requestsPerMinute, concurrent } = requests;
  const facts = { plan, requestsPerMinute, concurrent, workers, redis, callsCarried };
  const advice =
    limit.reason === 'quota' ? '; more are refused, unless PARLEY_PLAN_CALLS says that it carries more' : '';
  log.info(facts, `the plan carries about ${callsCarried} calls all the time${advice}`);
  log.info({ plan }, `before a turn is sure: ${tellRoomToAskAhead(requests)}`);
}
