/** How the time that something takes grows with the length of what it is given. */
import { VoiceError } from '../../../src/lib/errors.ts';

/** Runs it; what it throws must be a `VoiceError` that says something. */
export function survive(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof VoiceError) || error.message === '' || error.code === 'internal') throw error;
  }
}

/** Of processor time, not of the clock: what others do on this machine is no matter. */
function costMs(run: () => unknown): number {
  const start = process.cpuUsage();
  survive(run);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const LENGTH = 64 * 1024;
/** What is quicker than this is quick enough: a quadratic reading of so much takes seconds. */
const QUICK_MS = 100;
/** Four times the length: linear is 4, quadratic is 16. */
const MOST_GROWTH = 9;

/** Undefined when twice the length is about twice the time; measured again before it is said not to be. */
export function growthOf<Input>(
  make: (length: number) => Input,
  read: (input: Input) => unknown,
  length = LENGTH,
): string | undefined {
  const [longer, shorter] = [make(length), make(length / 4)];
  let worst = '';
  for (let attempt = 0; attempt < 3; attempt++) {
    const long = costMs(() => read(longer));
    if (long <= QUICK_MS) return undefined;
    const short = costMs(() => read(shorter));
    worst = `${Math.round(short)} ms, and ${Math.round(long)} ms for four times the length`;
    if (long / Math.max(short, 1) <= MOST_GROWTH) return undefined;
  }
  return worst;
}
