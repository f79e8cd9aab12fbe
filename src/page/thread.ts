/**
 * Pages are made in a thread of their own, one for the process: that of a long call takes 0.2 to 0.4 s, for which no other
 * call can wait. The thread starts with the first page, makes one at a time, and is let go of when it has nothing to do.
 * Where no thread can be had, as in a program that was bundled into one file, pages are made in place.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { messageOf } from '../lib/errors.ts';
import { moduleCacheFolder } from '../lib/user-jiti.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { ownModule } from '../lib/own-files.ts';
import type { RecordedCall } from '../record/recording.ts';

export interface PageThreadOptions {
  /** What the thread runs. */
  entry: URL;
  /** Nothing to do for so long, and the thread is let go of. Default 10,000. */
  idleMs?: number | undefined;
}

const IDLE_MS = 10_000;

export class PageThread {
  readonly #entry: URL;
  readonly #idleMs: number;
  readonly #queue = new PQueue({ concurrency: 1 });
  #worker: Worker | undefined;
  #isImpossible = false;
  #idle: NodeJS.Timeout | undefined;

  constructor({ entry, idleMs = IDLE_MS }: PageThreadOptions) {
    this.#entry = entry;
    this.#idleMs = idleMs;
  }

  /** A thread is there. */
  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Resolves when the page is on disk; until then the process does not end. Rejects when it could not be made. */
  make(job: RecordedCall, log: Log = silentLog): Promise<void> {
    return this.#queue.add(async () => {
      clearTimeout(this.#idle);
      const worker = (this.#worker ??= await this.#start(log));
      if (!worker) return (await import('./job.ts')).makePage(job);
      worker.ref();
      worker.postMessage(job);
      try {
        const { problem } = await nextMessage<{ problem: string | undefined }>(worker);
        if (problem !== undefined) throw new Error(problem);
      } finally {
        worker.unref();
        this.#idle = setTimeout(() => this.#letGo(worker), this.#idleMs).unref();
      }
    });
  }

  async #start(log: Log): Promise<Worker | undefined> {
    if (this.#isImpossible) return undefined;
    try {
      const worker = startWorker(this.#entry);
      await nextMessage(worker);
      const letGo = () => this.#letGo(worker);
      return worker.on('error', letGo).on('exit', letGo);
    } catch (error) {
      this.#isImpossible = true;
      log.warn({ why: messageOf(error) }, 'there is no thread to make pages in: each is made between two frames');
      return undefined;
    }
  }

  #letGo(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    void worker.terminate();
  }
}

/** When we run from source, TypeScript is loaded as `import-module.ts` loads that of users. */
function startWorker(entry: URL): Worker {
  const execArgv: string[] = []; // what this process was started with may load much that a page has no use for
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, { execArgv });
  const [jiti, path, options] = [
    createRequire(import.meta.url).resolve('jiti'),
    fileURLToPath(entry),
    { fsCache: moduleCacheFolder() },
  ].map((value) => JSON.stringify(value));
  const start = `require(${jiti}).createJiti(${path}, ${options}).import(${path})`;
  return new Worker(`${start}.catch((error) => setImmediate(() => { throw error; }));`, { eval: true, execArgv });
}

/** Rejects when the thread ends before it has said anything. */
async function nextMessage<Message>(worker: Worker): Promise<Message> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const ended = once(worker, 'exit', { signal }).then(([code]) => {
      throw new Error(`the thread that makes pages ended with code ${code}`);
    });
    return await Promise.race([once(worker, 'message', { signal }).then(([message]) => message as Message), ended]);
  } finally {
    over.abort();
  }
}

/** This process's own. */
export const pageThread = new PageThread({
  entry: pathToFileURL(ownModule('page/worker')),
});
