/** The thread of `thread.ts`: one job after the other, each answered with what went wrong, if anything did. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../lib/errors.ts';
import type { RecordedCall } from '../record/recording.ts';
import { makePage } from './job.ts';

/** Calls come first. Linux alone counts this for the thread; elsewhere it would hold for the whole process. */
const NICENESS = 10;

if (process.platform === 'linux') setPriority(NICENESS);

parentPort?.on('message', (job: RecordedCall) => {
  makePage(job).then(
    () => parentPort?.postMessage({ problem: undefined }),
    (error: unknown) => parentPort?.postMessage({ problem: messageOf(error) }),
  );
});
parentPort?.postMessage('ready');
