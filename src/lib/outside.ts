/**
 * What is waited for and happens outside of the process in a way that nobody sees from the outside of a tool, as the answer
 * of a program on its standard output. Whoever keeps a call's time by another clock than the system's is told, to hold it.
 */

type Watch = <Made>(wait: () => Promise<Made>) => Promise<Made>;

const unwatched: Watch = (wait) => wait();
let watch = unwatched;

/** Waits for it, as long as that really takes. */
export const outside: Watch = (wait) => watch(wait);

/** From here on `next` has everything that is waited for so, until the returned function is called. */
export function watchOutside(next: Watch): () => void {
  watch = next;
  return () => {
    watch = unwatched;
  };
}
