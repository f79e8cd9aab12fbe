/** What is measured in one call, from what is known of it; the definitions are those of `testing/metrics`. */
import { costOf, type Prices } from '../testing/metrics/cost.ts';
import { causesOf, deadAirIn, waitsIn } from '../testing/metrics/dead-air.ts';
import { talkOversIn } from '../testing/metrics/talk-over.ts';
import { yieldsIn } from '../testing/metrics/yields.ts';
import type { Silence } from '../page/picture.ts';
import type { CallResult, Turn } from '../testing/result.ts';
import { scopeOf } from '../testing/scope.ts';
import { turnsOf } from '../testing/turns.ts';
import type { RunMetrics } from './evaluation.ts';

export function measure(call: CallResult, prices?: Prices): RunMetrics {
  const turns = turnsOf(call).filter(({ number }) => number > 0);
  const whole = scopeOf(call);
  const waits = waitsIn(call);
  const end = call.events.find((event) => event.type === 'call-end');
  const cost = prices && costOf(call, prices)?.total;
  return {
    durationMs: tidy(call.end?.atMs ?? call.events.at(-1)?.atMs ?? 0),
    turns: turns.length,
    firstSoundMs: turns.flatMap(({ latencyMs }) => latencyMs ?? []).map(tidy),
    answerMs: turns.flatMap(({ answerMs }) => answerMs ?? []).map(tidy),
    deadAir: turns.flatMap((turn) => longestSilence(turn, waits)),
    talkOvers: talkOversIn(whole).length,
    yieldMs: yieldsIn(whole).map(({ yieldMs }) => tidy(yieldMs)),
    waitMs: turns.flatMap(({ silence }) => (silence && silence.endpointingMs > 0 ? [tidy(silence.endpointingMs)] : [])),
    cutOffs: cutOffsIn(call),
    requests: call.requests.length || call.events.filter(({ type }) => type === 'step-end').length,
    promptTokens: end?.usage.promptTokens ?? 0,
    cachedTokens: end?.usage.cachedTokens ?? 0,
    completionTokens: end?.usage.completionTokens ?? 0,
    ...(cost !== undefined && { cost }),
  };
}

/** A caller who goes on so soon after the decision that they had finished had not. */
const GOES_ON_WITHIN_MS = 1_200;

/**
 * How often the caller was taken to have finished, and went on. Where a script says what is one utterance: turns that began
 * within it; else voice that begins soon behind the decision, with no answer heard between.
 */
function cutOffsIn(call: CallResult): number {
  const starts = call.events.filter(({ type }) => type === 'turn-start').map(({ atMs }) => atMs);
  const utterances = call.caller.filter((stretch) => stretch.kind === 'utterance');
  if (call.line !== 'recording') {
    return starts.filter((atMs) => utterances.some(({ fromMs, toMs }) => atMs > fromMs && atMs < toMs - JOINT_MS))
      .length;
  }
  return starts.filter((atMs) => {
    const next = utterances.find(({ fromMs }) => fromMs > atMs);
    if (!next || next.fromMs - atMs > GOES_ON_WITHIN_MS) return false;
    return !(call.agentSound ?? []).some((sound) => sound.toMs > atMs && sound.fromMs < next.fromMs);
  }).length;
}

/** A decision that comes with the last sound is not early. */
const JOINT_MS = 20;

function longestSilence(turn: Turn, waits: readonly Silence[]): RunMetrics['deadAir'] {
  const silences = deadAirIn(scopeOf(turn)).map((silence) => ({ ...silence, ms: silence.toMs - silence.fromMs }));
  const longest = silences.reduce<(typeof silences)[number] | undefined>(
    (most, one) => (most && most.ms >= one.ms ? most : one),
    undefined,
  );
  if (!longest) return [];
  const [most] = causesOf(waits, longest);
  return [{ ms: tidy(longest.ms), ...(most && { cause: most.cause }), atMs: tidy(longest.fromMs) }];
}

/** To the hundredth of a millisecond: a sample at 8 kHz is an eighth of one. */
const tidy = (ms: number): number => Math.round(ms * 100) / 100;
