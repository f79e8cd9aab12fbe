/** Ctrl-C for a command that holds calls. */

export interface Stop {
  /** No further call begins. */
  signal: AbortSignal;
  forget: () => void;
}

/** The first Ctrl-C lets the calls that are held come to their end; the second one does not. */
export function stopOnSignal(): Stop {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    forget: () => void process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop),
  };
}
