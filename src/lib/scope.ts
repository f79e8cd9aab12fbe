/** Cancellation: a scope owns a controller and ends by aborting it. */

type Work<T> = (signal: AbortSignal, interrupt: (reason: Error) => void) => Promise<T>;

/** Runs `work` under a signal that follows `parent` and `interrupt()`, and is spent once `work` settles. */
export async function inScope<T>(parent: AbortSignal, work: Work<T>): Promise<T> {
  const own = new AbortController();
  try {
    return await work(AbortSignal.any([parent, own.signal]), (reason) => own.abort(reason));
  } finally {
    own.abort(); // frees listeners left on the composite, which `parent` would otherwise keep alive
  }
}
