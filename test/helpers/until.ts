/** Waiting for what happens. Nothing in a test waits for time to pass and hopes that it was enough. */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** For a machine that has much else to do: only a test that fails waits for so long. */
const LIMIT_MS = 30_000;
/** What comes about on loopback does so within a few turns of the event loop; then there is no hurry. */
const EAGER_TURNS = 50;
const EVERY_MS = 5;

type Nothing = undefined | false;

/**
 * Looks again and again until there is something, and returns it.
 * @param what is waited for, in words that follow "Waited in vain for"
 * @param look returns it, or undefined or false as long as it is not there
 * @param limitMs default: 30 s
 */
export function until<T>(what: string, look: () => T | Nothing | Promise<T | Nothing>, limitMs?: number): Promise<T>;
/** Checks again and again until `check` neither throws nor returns false. If it never does, what it threw is the cause. */
export function until(check: () => unknown, limitMs?: number): Promise<void>;
export function until(
  first: string | (() => unknown),
  second: (() => unknown) | number = LIMIT_MS,
  limitMs = LIMIT_MS,
): Promise<unknown> {
  if (typeof first === 'string') return lookFor(first, second as () => unknown, limitMs);
  return holds(first, second as number);
}

async function holds(check: () => unknown, limitMs: number): Promise<void> {
  let cause: unknown;
  const attempt = async () => {
    try {
      return (await check()) !== false;
    } catch (thrown) {
      cause = thrown;
      return false;
    }
  };
  await lookFor(`\`${String(check)}\``, attempt, limitMs, () => cause);
}

async function lookFor(what: string, look: () => unknown, limitMs: number, causeOf?: () => unknown): Promise<unknown> {
  const giveUpAtMs = performance.now() + limitMs;
  for (let turns = 0; ; turns++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > giveUpAtMs) {
      throw new Error(`Waited in vain for ${what}, for ${limitMs} ms`, { cause: causeOf?.() });
    }
    await (turns < EAGER_TURNS ? turn() : wait(EVERY_MS));
  }
}
