/** Frames broken in every way, for parsers that must read or refuse and never do anything else. */
import { VoiceError } from '../../../src/lib/errors.ts';

/** The code of what `run` throws, undefined when it does not. What is not a `VoiceError` is thrown on. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof VoiceError)) throw error;
    return error.code;
  }
}

/** Genuine frames with a value, a key or some characters replaced; from a seed, so that a failure can be repeated. */
export function fuzz(
  frames: readonly string[],
  read: (frame: string) => unknown,
  count = 100_000,
): (string | undefined)[] {
  const values = [
    'null',
    '7',
    '-1e400',
    '""',
    '"x"',
    '[]',
    '{}',
    'true',
    '"\\ud800"',
    '{"__proto__":{"a":1}}',
    '[[[[]]]]',
  ];
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  return Array.from({ length: count }, (_, i) => {
    const frame = frames[i % frames.length] ?? '';
    const [from, length] = [random(frame.length), random(12)];
    const value = values[random(values.length)] ?? '';
    const broken =
      i % 3 === 0
        ? frame.replace(/:("[^"]*"|\d+|\{[^{}]*\})/g, (all) => (random(4) === 0 ? `:${value}` : all))
        : frame.slice(0, from) +
          (i % 3 === 1 ? value : String.fromCharCode(random(65_536))) +
          frame.slice(from + length);
    return codeOf(() => read(broken));
  });
}
