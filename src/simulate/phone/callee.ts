/** Somebody who is called: whether they answer, what they say when they do, and whether they are a machine. */
import { encodeMulaw } from '../../audio/g711.ts';
import { encodeToneSpeech } from '../../audio/tone-speech.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MediaCaller } from './media.ts';
import { SAMPLES_PER_MS } from './voice-track.ts';

/** How long it rings before they answer: `ringMs`, default 1,000. */
export type Callee =
  /** It rings until the caller gives up. */
  | { type: 'no-answer' }
  | { type: 'busy' | 'failed'; ringMs?: number }
  /** Default: they say "Hello?". Empty: nothing. */
  | { type: 'person'; says?: string; ringMs?: number }
  /** Plays its greeting, beeps and records. `beepHz`: default 1,000; 0: no beep. */
  | { type: 'machine'; says?: string; beepHz?: number; ringMs?: number };

/** What answers, and has a line. */
export type AnsweringCallee = Extract<Callee, { type: 'person' | 'machine' }>;

const HELLO = 'Hello?';
const GREETING = 'You have reached Ann. I am not available right now. Please leave a message after the tone.';
/** They have picked up, and hold it to their ear. */
const PICK_UP_MS = 400;
const BEEP_MS = 400;
const BEFORE_BEEP_MS = 300;
const BEEP_AMPLITUDE = 8_000;
const RATE_HZ = 1_000 * SAMPLES_PER_MS;

export const RING_MS = 1_000;

/** Says what this one says who answers. Done when it is said. */
export async function answerAs(callee: AnsweringCallee, line: MediaCaller, clock: Clock): Promise<void> {
  const { says = callee.type === 'person' ? HELLO : GREETING } = callee;
  await wait(PICK_UP_MS, clock);
  if (says !== '') await line.say(encodeMulaw(encodeToneSpeech(says, RATE_HZ)));
  if (callee.type === 'person' || callee.beepHz === 0) return;
  await wait(BEFORE_BEEP_MS, clock);
  await line.say(encodeMulaw(beep(callee.beepHz ?? 1_000)));
}

function beep(hz: number): Int16Array {
  const step = (2 * Math.PI * hz) / RATE_HZ;
  return Int16Array.from({ length: BEEP_MS * SAMPLES_PER_MS }, (_, n) =>
    Math.round(BEEP_AMPLITUDE * Math.sin(step * n)),
  );
}

const wait = (ms: number, clock: Clock): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

/**
 * Of the stand-in for a carrier that nobody has told more: what the last two digits of a number say. 01: busy; 02: nobody
 * answers; 03: a machine; 04: it fails; 05: a person who says nothing; all others: a person.
 */
export function calleeAt(number: string): Callee {
  switch (number.slice(-2)) {
    case '01':
      return { type: 'busy' };
    case '02':
      return { type: 'no-answer' };
    case '03':
      return { type: 'machine' };
    case '04':
      return { type: 'failed' };
    case '05':
      return { type: 'person', says: '' };
    default:
      return { type: 'person' };
  }
}
