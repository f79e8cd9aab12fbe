/** A worker as `parley serve` starts it, with the real services, of which none is asked. */
import { runWorker } from '../../src/cli/serve.ts';
import { systemClock } from '../../src/lib/clock.ts';

await runWorker({ agent: process.argv[2] ?? '', port: '0' }, systemClock);
