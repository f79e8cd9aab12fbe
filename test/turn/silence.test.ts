/** R16, R17: when the next phrase is due, and which; and what a step without calls makes of its turn. */
import { describe, expect, test } from 'vitest';
import type { TurnEvent } from '../../src/turn/contract.ts';
import { gotOn, nextDue, nextDueAtMs, type Wait } from '../../src/turn/silence.ts';
import { endOf, newStep, type StepEndEvent } from '../../src/turn/step.ts';
import { TurnOptions } from '../../src/turn/options.ts';
import { stepFacts } from './helpers/play.ts';

const options = TurnOptions.parse({ fillerAfterMs: 350, silenceMs: 1_500, progressMs: 4_000, giveUpMs: 20_000 });

function due(
  wait: Wait,
  { silentToolSinceMs, hasSpoken = false }: { silentToolSinceMs?: number; hasSpoken?: boolean },
) {
  const what = nextDue(wait, { silentToolSinceMs, hasSpoken }, options);
  return [nextDueAtMs(wait, silentToolSinceMs, options), what];
}

describe('what is due next', () => {
  const wait = (quietSinceMs: number, phrases = 0): Wait => ({ quietSinceMs, waitingSinceMs: 0, phrases });

  test.each([
    ['a filler after `silenceMs`', wait(100), {}, [1_600, 'filler']],
    ['progress, when the step has spoken', wait(100), { hasSpoken: true }, [1_600, 'progress']],
    ['progress after `progressMs`, when a phrase was said', wait(2_000, 1), {}, [6_000, 'progress']],
    ['the filler of a tool after `fillerAfterMs`', wait(0), { silentToolSinceMs: 500 }, [850, 'filler']],
    ['not while the agent was heard', wait(2_000), { silentToolSinceMs: 500 }, [2_000, 'filler']],
    ['no later than `silenceMs`', wait(0), { silentToolSinceMs: 1_400 }, [1_500, 'filler']],
    ['nothing more, after `giveUpMs`', wait(17_000, 4), {}, [20_000, 'give-up']],
  ] as const)('%s', (_, since, of, expected) => {
    expect(due(since, of)).toEqual(expected);
  });

  test('a model that gets on with its answer is waited for anew', () => {
    const since = wait(17_000, 4);
    gotOn(since, 18_000);
    expect(due(since, { hasSpoken: true })).toEqual([18_500, 'progress']);
  });
});

describe('what a step without calls makes of its turn', () => {
  const step = (number: number, hasText: boolean) => ({ ...newStep(number, false), hasText });
  const end = (finishReason: 'stop' | 'length' | 'content_filter', isTruncated = false): StepEndEvent => ({
    type: 'step-end',
    generation: 1,
    finishReason,
    isTruncated,
    facts: stepFacts(),
  });
  const failed: TurnEvent & StepEndEvent = {
    type: 'step-failed',
    generation: 1,
    code: 'stream-cut',
    message: 'electron: stream-cut',
    facts: stepFacts(),
  };

  test.each([
    ['an answer', step(1, true), end('stop'), 'replied', false],
    ['the last answer that there may be', step(3, true), end('stop'), 'step-limit', false],
    ['an answer that grew too long', step(1, true), end('length'), 'cut', false],
    ['one that was cut in the middle', step(1, true), end('stop', true), 'cut', true],
    ['one that failed in the middle', step(1, true), failed, 'cut', true],
    ['one that failed before its first word', step(1, false), failed, 'failed', true],
    ['one that was filtered', step(1, true), end('content_filter'), 'failed', true],
    ['none', step(1, false), end('stop'), 'failed', true],
    ['none at the last', step(3, false), end('stop'), 'step-limit', true],
  ] as const)('%s', (_, state, event, outcome, isFailed) => {
    expect(endOf(state, event, { maxSteps: 3 })).toEqual({ outcome, isFailed });
  });
});
