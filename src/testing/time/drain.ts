/** The system's own timers, taken before anybody puts others in their place: what moves a call in virtual time goes by them. */

const realSetImmediate = setImmediate;
const realSetTimeout = setTimeout;
const realNow = performance.now.bind(performance);

/** Whatever was only waiting for promises has gone on when this resolves. */
export function drained(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}

/** Waits in real time, for what happens outside of the process. */
export function restMs(ms: number): Promise<void> {
  return new Promise((resolve) => realSetTimeout(resolve, ms));
}

/** Milliseconds of the system, whatever clock a test has put there. */
export function realNowMs(): number {
  return realNow();
}
