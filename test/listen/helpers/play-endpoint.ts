/** Plays what is heard to an endpoint, in virtual time. */
import { VirtualClock } from '../../../src/lib/clock.ts';
import type { ExpectedAnswer, HeardWord } from '../../../src/listen/contract.ts';
import { Endpoint, type EndpointEvent, type EndpointOptions } from '../../../src/listen/endpoint.ts';
import { waitFor } from '../../../src/listen/wait.ts';

/** Odds by which the wait is as long as this, of an `endpointMs` of 500: found by halving, for it falls with the odds. */
function oddsFor(waitMs: number): number {
  let [least, most] = [-20, 20];
  for (let i = 0; i < 60; i++) {
    const odds = (least + most) / 2;
    if (waitFor(odds, { endpointMs: 500, mostMs: 10_000 }) > waitMs) least = odds;
    else most = odds;
  }
  return most;
}
const FOR_MS = { 500: oddsFor(500), 1_100: oddsFor(1_100), 2_200: oddsFor(2_200) };
/** Words that look open to anybody; what was learned of others has tests of its own. */
const OPEN = /(^|\s)(to|is|my|but|for|um|cancel my|and)[,.]?$/i;
export const plainJudge = (text: string): number => FOR_MS[text === 'um' ? 2_200 : OPEN.test(text) ? 1_100 : 500];

/** Plays events at their times, with its timer, and answers each `finalize` after `finalMs` if told to. */
export function play(
  script: [atMs: number, event: EndpointEvent][],
  {
    finals = [],
    finalMs = 80,
    language = 'en',
    oddsOfEnd = plainJudge,
  }: { finals?: (string | null)[]; finalMs?: number; language?: string; oddsOfEnd?: EndpointOptions['oddsOfEnd'] } = {},
) {
  const clock = new VirtualClock();
  const endpoint = new Endpoint({
    endpointMs: 500,
    leastEndpointMs: 250,
    mostEndpointMs: 3_000,
    language,
    oddsOfEnd: oddsOfEnd ?? plainJudge,
  });
  const answers = [...finals];
  const log: string[] = [];
  /** When what looked finished. */
  const finished: [atMs: number, text: string][] = [];
  let cancel = () => {};
  const hear = (event: EndpointEvent) => {
    for (const effect of endpoint.handle(event, clock.nowMs())) {
      const at = Math.round(clock.nowMs());
      if (effect.type === 'set-timer') {
        cancel();
        cancel = effect.afterMs === null ? () => {} : clock.after(effect.afterMs, () => hear({ type: 'timer' }));
      } else if (effect.type === 'finalize') {
        log.push(`${at} finalize`);
        const text = answers.shift();
        if (text !== undefined && text !== null) {
          clock.after(finalMs, () => hear({ type: 'transcript', text, isFinal: true }));
        }
      } else if (effect.type === 'turn') log.push(`${at} turn ${effect.text} (${Math.round(effect.endpointingMs)})`);
      else if (effect.type === 'likely-finished') finished.push([at, effect.text]);
      else log.push(`${at} ${effect.phase}${effect.phase === 'words' ? ` ${effect.words}` : ''}`);
    }
  };
  for (const [atMs, event] of script) clock.after(atMs, () => hear(event));
  clock.advanceTo(60_000);
  return {
    log,
    finished,
    turns: log.filter((line) => /^\d+ turn /.test(line)),
    finalizes: log.filter((line) => line.includes('finalize')),
    pending: clock.pending,
  };
}

export const voice = (phase: 'start' | 'end'): EndpointEvent =>
  phase === 'end' ? { type: 'voice', phase, silentMs: 180 } : { type: 'voice', phase, silentMs: 50 };
export const interim = (text: string): EndpointEvent => ({ type: 'transcript', text, isFinal: false });
export const final = (text: string): EndpointEvent => ({ type: 'transcript', text, isFinal: true });
export const expected = (answer: ExpectedAnswer): EndpointEvent => ({ type: 'expected', answer });
export const asked = (text: string): EndpointEvent => ({ type: 'agent-asked', text });

/** The words of a text, each so long, from `startMs` on. */
export function spokenFrom(startMs: number, text: string, wordMs = 250): HeardWord[] {
  return text.split(' ').map((word, i) => ({ word, startMs: startMs + i * wordMs, endMs: startMs + (i + 1) * wordMs }));
}
/** The same as a transcript. */
export const timed = (startMs: number, text: string, isFinal: boolean): EndpointEvent => ({
  type: 'transcript',
  text,
  isFinal,
  words: spokenFrom(startMs, text),
});
