/** A worker of two processes that has the bell's door too. Started alone it is the primary; by that, one of them. */
import { createAgent } from '../../../src/call/agent.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { CARRIERS } from '../../../src/worker/carriers.ts';
import { wholeLimitOf, type Setup, type ToProcess } from '../../../src/worker/group.ts';
import { Primary } from '../../../src/worker/primary.ts';
import { ProcessLink } from '../../../src/worker/process-link.ts';
import { simulateServices } from '../../../src/worker/services.ts';
import { readSettings } from '../../../src/worker/settings.ts';
import { Worker } from '../../../src/worker/worker.ts';
import { bell } from './bell.ts';

const carriers = [...CARRIERS, bell] as const;
const common = { carriers, clock: systemClock, log: silentLog };

if (process.send) {
  process.once('message', (message: ToProcess) => {
    if (message.type === 'start') void answerCalls(message.setup);
  });
} else await lead();

async function lead(): Promise<void> {
  const settings = readSettings(process.env, {}, carriers);
  const limit = wholeLimitOf(settings);
  const primary = new Primary({ settings, limit, processes: 2, module: process.argv[1] ?? '', ...common });
  await primary.start();
  process.once('SIGTERM', () => void primary.close());
  process.stdout.write(`${JSON.stringify(Object.fromEntries(primary.addresses))}\n`);
}

async function answerCalls(setup: Setup): Promise<void> {
  const services = await simulateServices({ clock: systemClock, log: silentLog, electron: { pace: 'instant' } });
  const link = new ProcessLink(setup, systemClock, () => process.exit(0));
  const agent = await createAgent({ name: 'desk', instructions: 'You answer.', greeting: `Process ${process.pid}.` });
  const worker = new Worker({ settings: setup.settings, agent, ...services, ...common, group: link });
  await worker.attach(setup.url);
  link.open(worker, agent.name);
}
