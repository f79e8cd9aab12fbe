/**
 * The speaker of a line that shows text: what is said is heard when it is said. It has nothing to report, for a machine
 * whose `heardBy` is `emitted` asks nothing; the words themselves go out as `text-delta` events.
 */
import type { Speaker } from '../speak/contract.ts';
import type { CallMedium } from './medium.ts';

export const textSpeaker: Speaker = {
  say() {},
  flush() {},
  reportHeard() {},
  clear() {},
  pause() {},
  resume() {},
  close() {},
};

/** A line that shows text, and can do nothing else. */
export const TEXT: CallMedium = { bridge: 'text', heardBy: 'emitted', speaker: () => textSpeaker };
