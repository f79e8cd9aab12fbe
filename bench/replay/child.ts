/** Records a long call, then replays it several times. */
import { replay } from '../../src/index.ts';
import { answer } from '../frame/child.ts';
import { recordLongCall } from './long-call.ts';

export interface ReplayQuestion {
  lengthMs: number;
  times: number;
}

export interface ReplayAnswer {
  tookMs: number[];
  events: number;
  effects: number;
  bytes: number;
  durationMs: number;
  /** Where it differed; undefined when it never did. */
  difference: string | undefined;
}

answer(async ({ lengthMs, times }: ReplayQuestion): Promise<ReplayAnswer> => {
  const recording = await recordLongCall(lengthMs);
  const tookMs: number[] = [];
  let result = { events: 0, effects: 0, durationMs: 0, difference: undefined as string | undefined };
  for (let at = 0; at < times; at++) {
    const startedAtMs = performance.now();
    const { events, effects, durationMs, difference } = replay(recording);
    tookMs.push(performance.now() - startedAtMs);
    result = { events, effects, durationMs, difference: difference && JSON.stringify(difference).slice(0, 400) };
  }
  return { ...result, tookMs, bytes: Buffer.byteLength(recording) };
});
