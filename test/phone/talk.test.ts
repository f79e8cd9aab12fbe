/** What a caller hears of turns, fillers and the answers behind them, and when (R1 to R6). */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gapsIn } from '../../src/testing/metrics/gaps.ts';
import type { Turn } from '../../src/testing/result.ts';
import { scopeOf } from '../../src/testing/scope.ts';
import { startTestCall } from '../../src/testing/test-call.ts';
import { defineTool } from '../../src/tool/define.ts';
import { agentWith } from '../helpers/phone.ts';

const GREETING = 'Harbour office.';
const TIDES = 'High water is at ten past six, and again at half past six.';
const WIND = 'The wind comes from the west; stay near the coast.';
const FILLER = 'Let me look at the calendar of the harbour master for you.';
const BERTHS = 'Two berths are free on Friday.';
/** A look at the calendar: shorter than it takes to say the filler. */
const TOOL_MS = 300;

const berths = defineTool({
  name: 'find_berths',
  description: 'Free berths of a day.',
  input: z.object({ day: z.string(), note: z.string().optional() }),
  effect: 'read',
  run: () => ({ free: 0 }),
});

/** Long enough to be streamed in many pieces. */
const lookUp = {
  name: 'find_berths',
  arguments: { day: 'Friday', note: 'for a boat of nine metres that draws one and a half' },
};
const pace = { firstTokenMs: 250, tokenMs: 5, finishMs: 5 };

const replies = [
  { when: 'tide', say: TIDES },
  { when: 'wind', say: WIND },
  { when: 'slow', say: FILLER, call: lookUp, pace: { ...pace, argumentsMs: 1_500 } },
  { when: 'berth', say: FILLER, call: lookUp, pace: { ...pace, argumentsMs: 0 } },
  { after: 'find_berths', say: BERTHS },
];

/** One call a seed: chance is in how long the model takes. */
const SEEDS = [1, 2];

async function ask(seed: number, ...questions: string[]): Promise<Turn[]> {
  await using call = await startTestCall(agentWith({ greeting: GREETING, tools: [berths] }), {
    ...{ seed, model: { replies }, tools: { find_berths: { returns: { free: 2 }, takes: TOOL_MS } } },
  });
  for (const question of questions) await call.say(question);
  return call.turns;
}

describe.each(SEEDS)('a call, seed %i', (seed) => {
  test('every word that is said is heard once, in order, without a hole, turn after turn, and the first within a second and a half', async () => {
    const turns = await ask(seed, 'When is the tide?', 'And the wind, please?');
    expect(turns.map(({ outcome, heard }) => [outcome, heard])).toEqual([
      [undefined, GREETING],
      ['replied', TIDES],
      ['replied', WIND],
    ]);
    // 500 until the turn is over, 250 for the model, 150 for the voice, and the way
    for (const turn of turns.slice(1)) expect(turn.latencyMs).toBeLessThan(1_500);
    // what tones have between them themselves is no hole
    for (const turn of turns)
      expect(gapsIn(scopeOf(turn)).filter(({ fromMs, toMs }) => toMs - fromMs > 100)).toEqual([]);
  });

  test('R2: the filler is heard as soon when its arguments take 1,500 ms as when they take none; R6: where tool, model and voice fit into it, the answer follows without a pause', async () => {
    const [[, quick], [, slow]] = [await ask(seed, 'Is there a berth?'), await ask(seed, 'A slow one, please')];
    for (const turn of [quick, slow]) expect(turn?.heard).toBe(`${FILLER} ${BERTHS}`);
    for (const turn of [quick, slow]) expect(fillerMs(turn!)).toBeLessThan(450);
    expect(quick?.filler).toBe(FILLER);
    expect(pauseBeforeAnswerMs(quick!)).toBeLessThan(60);
    expect(Math.abs(fillerMs(slow!) - fillerMs(quick!))).toBeLessThan(100);
  });
});

/** From the model's first word to the first sound. */
function fillerMs({ number, call, fromMs, latencyMs = NaN }: Turn): number {
  const first = call.events.find((event) => event.type === 'text-delta' && event.turn === number);
  return fromMs + latencyMs - (first?.atMs ?? NaN);
}

function pauseBeforeAnswerMs({ number, call }: Turn): number {
  const words = (call.heard ?? []).filter(({ turn }) => turn === number);
  const at = words.findIndex(({ kind }) => kind === 'answer');
  return words[at]!.fromMs - words[at - 1]!.toMs;
}
