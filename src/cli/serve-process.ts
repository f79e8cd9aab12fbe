/** One process of `parley serve --processes N`: started by the primary, and told by it alone what to do. */
import { systemClock } from '../lib/clock.ts';
import type { Setup, ToProcess } from '../worker/group.ts';
import { ProcessLink } from '../worker/process-link.ts';
import { answerCalls } from './answering.ts';
import { Orders } from './orders.ts';
import { endSoon, report, takeWarnings, watchFaults, watchOutput } from './report.ts';
import { openLog } from './worker-log.ts';

watchOutput();
watchFaults();
const orders = new Orders();
orders.heedSignals(() => !process.connected); // a signal to the whole group is the primary's to act upon
process.once('message', (message: ToProcess) => {
  if (message.type === 'start') void run(message.setup);
});

async function run(setup: Setup): Promise<void> {
  const { settings, url, transcripts } = setup;
  const link = new ProcessLink(setup, systemClock, (type) => orders.give({ type }));
  const log = (await openLog(settings)).child({ process: setup.slot });
  takeWarnings((err) => log.warn({ err }, 'a warning of this process'));
  try {
    process.exitCode = await answerCalls({
      ...{ settings, clock: systemClock, log, orders, transcripts },
      group: link,
      leave: () => link.leave(),
      async open(worker, agent) {
        await worker.attach(url);
        link.open(worker, agent.name);
        log.info({ pid: process.pid, maxCalls: setup.limit.calls }, 'takes calls');
      },
    });
  } catch (error) {
    process.exitCode = report(error);
  }
  if (process.connected) process.disconnect(); // nothing else of ours keeps it alive
  endSoon();
}
