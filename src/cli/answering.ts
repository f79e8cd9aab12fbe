/** Answers calls in this process until it is told to stop: the whole of `parley serve`, or one process of several. */
import type { Agent } from '../call/agent.ts';
import { readOwnSettings } from '../call/vendors.ts';
import type { Call } from '../call/call.ts';
import { isDoneWithin, type WallClock } from '../lib/clock.ts';
import { Closers } from '../lib/closers.ts';
import type { Log } from '../lib/log.ts';
import { openAgentSource } from '../worker/agent-source.ts';
import { guardProcess } from '../worker/faults.ts';
import type { Group } from '../worker/group.ts';
import { registerQuotaMetrics } from '../worker/quota-metrics.ts';
import { connectServices, simulateAccounts, simulateServices, type Services } from '../worker/services.ts';
import type { Settings } from '../worker/settings.ts';
import { startTelemetry } from '../worker/telemetry.ts';
import { Worker } from '../worker/worker.ts';
import type { Orders } from './orders.ts';
import { UsageError } from './report.ts';
import { isForPeople } from './worker-log.ts';

export interface AnsweringOptions {
  settings: Settings;
  clock: WallClock;
  log: Log;
  orders: Orders;
  transcripts: string | undefined;
  group?: Group | undefined;
  /** Opens it, or has connections handed over. */
  open(worker: Worker, agent: Agent, services: Services): Promise<void> | void;
  /** Awaited when every call has ended by itself. */
  leave?(): Promise<void>;
}

/** A start that is to stop and takes longer is given up, for an agent's module may wait for anything. */
const GIVE_UP_MS = 2_000;

/** Resolves with the exit code. Whatever becomes of the start, nothing that was opened stays open. */
export async function answerCalls(options: AnsweringOptions): Promise<number> {
  const { orders, clock, log } = options;
  const opened = new Closers();
  try {
    const starting = start(options, opened);
    const givenUp = orders.given.then(() => isDoneWithin(starting, GIVE_UP_MS, clock));
    const worker = await Promise.race([starting, givenUp.then(() => undefined)]);
    if (worker) return await obey(worker, options);
    log.info('told to stop before any call was taken');
    return 0;
  } finally {
    await opened.close();
  }
}

/** Undefined when it has been told to stop meanwhile: then nobody is let in. */
async function start(options: AnsweringOptions, opened: Closers): Promise<Worker | undefined> {
  const { settings, clock, log, orders, group } = options;
  let isToStop = false;
  void orders.given.then(() => (isToStop = true));
  let stopGuard = () => {};
  opened.add(() => stopGuard());
  opened.add(await startTelemetry(process.env, { log, clock }));
  const source = await openAgentSource(settings.agent, { isWatched: settings.watch, clock, log });
  opened.add(() => source.close());
  if (isToStop) return undefined;
  const agent = source.now();
  const services = await openServices(agent, options);
  opened.add(() => services.close());
  source.speakBy(services.speech);
  if (isToStop) return undefined;
  const shown = isForPeople(settings) ? await import('./for-people.ts') : undefined;
  const onCall = (call: Call) => {
    source.hold(call);
    shown?.showCall(call);
  };
  const accounts = await simulateAccounts(settings.simulate, clock);
  if (accounts) opened.add(() => accounts.close());
  const worker = new Worker({
    ...{ settings, ...services, clock, log, group, accounts: accounts?.settings, onCall },
    agent: () => source.now(),
  });
  opened.add(() => worker.close());
  registerQuotaMetrics(worker.metrics.registry, services.quota);
  stopGuard = guardProcess({
    log,
    metrics: worker.metrics,
    isTainted: () => orders.give({ type: 'tainted' }),
    isLost: () => orders.give({ type: 'lost' }),
  });
  await options.open(worker, agent, services);
  return worker;
}

/** First an order to stop, or several, of which the second by hand, or one that says so, means: at once. */
async function obey(worker: Worker, options: AnsweringOptions): Promise<number> {
  const { orders, settings, log } = options;
  let drained: Promise<'drained'> | undefined;
  let signals = 0;
  let exitCode = 0;
  for (;;) {
    const order = await (drained ? Promise.race([drained, orders.next()]) : orders.next());
    if (order === 'drained') return options.leave?.().then(() => exitCode) ?? exitCode;
    if (order.type === 'tainted' || order.type === 'lost') exitCode = 1;
    if (order.type === 'close' || order.type === 'lost') return 1;
    if (order.type === 'signal' && ++signals > 1) {
      log.warn({ calls: worker.calls.size }, 'told twice: ending now');
      return 1;
    }
    if (drained) continue;
    const { drainMs } = settings;
    const facts = { signal: order.type === 'signal' ? order.signal : order.type, calls: worker.calls.size, drainMs };
    log.info(facts, 'no new calls; running ones may end; once more ends at once');
    drained = worker.drain().then(() => 'drained');
  }
}

async function openServices({ vendors: names, own: vendors }: Agent, options: AnsweringOptions): Promise<Services> {
  const { clock, log, transcripts } = options;
  const settings = { ...readOwnSettings(vendors, process.env), ...options.settings };
  const common = { names, vendors, settings, clock, log };
  if (settings.simulate) {
    const { demoTranscripts, readTranscripts } = await import('./transcripts.ts');
    const known = transcripts === undefined ? [] : await readTranscripts(transcripts);
    return simulateServices({ ...common, transcripts: [...(await demoTranscripts().catch(() => [])), ...known] });
  }
  if (transcripts !== undefined) throw new UsageError('expected --transcripts with --simulate only');
  return connectServices(common);
}
