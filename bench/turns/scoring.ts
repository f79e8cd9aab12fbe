/** What judging words costs: every silence of many calls at once, each judged as the endpoint does. */
import { Endpoint } from '../../src/listen/endpoint.ts';
import type { CallerTurn } from './set.ts';

export interface Scoring {
  /** Microseconds to judge the words of one silence. */
  eachUs: number;
  /** Of one core, with so many calls at once. */
  shareOfCore: number;
}

/** Silences of a caller, and words that change while one lasts: both are judged. A turn of 5 s has two or three of them. */
const JUDGED_A_SECOND = 1;
const ROUNDS = 20;

export function measureScoring(turns: readonly CallerTurn[], calls: number): Scoring {
  let judged = 0;
  let since = process.cpuUsage();
  for (let round = -2; round < ROUNDS; round++) {
    if (round === 0) [judged, since] = [0, process.cpuUsage()];
    for (const turn of turns) judged += judge(turn);
  }
  const { user, system } = process.cpuUsage(since); // other work may be in the way
  const eachUs = (user + system) / judged;
  return { eachUs, shareOfCore: (eachUs * JUDGED_A_SECOND * calls) / 1e6 };
}

function judge({ asked, language, parts }: CallerTurn): number {
  const endpoint = new Endpoint({ endpointMs: 500, leastEndpointMs: 250, mostEndpointMs: 3_000, language });
  endpoint.handle({ type: 'agent-asked', text: asked }, 0);
  let atMs = 1_000;
  let text = '';
  for (const { words } of parts) {
    endpoint.handle({ type: 'voice', phase: 'start' }, atMs);
    text = `${text} ${words}`;
    endpoint.handle({ type: 'transcript', text, isFinal: false }, (atMs += 500));
    endpoint.handle({ type: 'voice', phase: 'end', silentMs: 180 }, (atMs += 200));
    atMs += 10;
  }
  return parts.length;
}
