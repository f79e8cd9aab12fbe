/**
 * An agent whose module takes `SLOW_MS` to load, in every process but the first that leaves its mark at `SLOW_MARK`, and
 * which keeps something open for good, as a pool of a database would.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { defineAgent } from 'parley-voice';

const { SLOW_MS = '0', SLOW_MARK } = process.env;

function isFirst(): boolean {
  if (SLOW_MARK === undefined) return false;
  try {
    writeFileSync(SLOW_MARK, '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

setInterval(() => {}, 1_000);
if (!isFirst()) {
  process.stderr.write(`it loads slowly: ${process.pid}\n`);
  await wait(Number(SLOW_MS));
}

export default defineAgent({ name: 'slow', instructions: 'You take your time.', greeting: 'Hello.' });
