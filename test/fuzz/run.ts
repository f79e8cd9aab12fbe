/** `npm run fuzz`: every reader, with as many inputs as `PARLEY_FUZZ_RUNS` says, and others each time. Default: 100,000. */
import { startVitest } from 'vitest/node';

process.env['PARLEY_FUZZ_RUNS'] ??= '100000';
const vitest = await startVitest('test', ['test/fuzz'], { run: true, watch: false, maxWorkers: 1 });
await vitest.close();
