/** A phone call over real sockets, driven from the caller's end: turns, fillers, and what is heard (R1 to R6). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startPhone, type Phone, type PhoneLine } from '../../src/testing/phone.ts';
import { defineTool } from '../../src/tool/define.ts';
import { after, agentWith, answering, atOnce, expectHeard, quantile, slackOf } from '../helpers/phone.ts';

const GREETING = 'Harbour office.';
const TIDES = 'High water is at ten past six, and again at half past six.';
const WIND = 'The wind comes from the west; stay near the coast.';
const FILLER = 'Let me look at the calendar of the harbour master for you.';
const BERTHS = 'Two berths are free on Friday.';
/** A look at the calendar: shorter than it takes to say the filler. */
const TOOL_MS = 300;
/** A tone is followed by so much silence anyhow. */
const BETWEEN_TONES_MS = 14;

const berths = defineTool({
  name: 'find_berths',
  description: 'Free berths of a day.',
  input: z.object({ day: z.string(), note: z.string().optional() }),
  effect: 'read',
  run: async () => {
    await after(TOOL_MS);
    return { free: 2 };
  },
});

/** Long enough to be streamed in many pieces. */
const lookUp = {
  name: 'find_berths',
  arguments: { day: 'Friday', note: 'for a boat of nine metres that draws one and a half' },
};
const pace = { firstTokenMs: 250, tokenMs: 5, finishMs: 5 };

let phone: Phone;

beforeAll(async () => {
  phone = await startPhone(
    agentWith({ greeting: GREETING, tools: [berths] }),
    answering(
      { when: 'tide', say: TIDES },
      { when: 'wind', say: WIND },
      { when: 'slow', say: FILLER, call: lookUp, pace: { ...pace, argumentsMs: 1_500 } },
      { when: 'berth', say: FILLER, call: lookUp, pace: { ...pace, argumentsMs: 0 } },
      { after: 'find_berths', say: BERTHS },
    ),
  );
});
afterAll(() => phone.close());

describe.concurrent('a call', () => {
  test('every word that is said is heard once, in order, without a hole, turn after turn', async () => {
    await atOnce(4, async () => {
      const line = await phone.dial();
      await line.caller.waitForSpeech();
      await line.caller.waitForSilence({ forMs: 300 });
      for (const question of ['When is the tide?', 'And the wind, please?']) {
        await ask(line, question);
        await line.caller.waitForSilence({ forMs: 700 });
      }
      await line.caller.hangUp();
      expectHeard(line, `${GREETING} ${TIDES} ${WIND}`);
      expect(line.caller.stats().mostBufferedMs).toBeLessThan(340 + slackOf(line)); // a clear is quick
      for (const { durationMs } of line.caller.stats().gaps) expect(durationMs).toBeLessThan(slackOf(line));
      expect(line.eventsOf('turn-end').map(({ outcome, heard }) => [outcome, heard])).toEqual([
        ['replied', TIDES],
        ['replied', WIND],
      ]);
    });
  });

  test('the first audio comes within two seconds of the end of the question', async () => {
    const lines = await atOnce(4, async () => {
      const line = await phone.dial();
      await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
      const waitMs = await ask(line, 'When is the tide?');
      await line.caller.hangUp();
      return { line, waitMs };
    });
    // 500 until the turn is over, 250 for the model, 150 for the voice, and the way
    for (const { line, waitMs } of lines) expect(waitMs).toBeLessThan(2_000 + slackOf(line));
  });

  test('R2: the filler is heard as soon when its arguments take 1,500 ms as when they take none', async () => {
    const pairs = await atOnce(4, () =>
      Promise.all(['Is there a berth?', 'A slow one, please'].map((question) => askForBerths(question))),
    );
    const lines = pairs.flat().map(({ line }) => line);
    const apart = pairs.map(([quick, slow]) => slow!.fillerMs - quick!.fillerMs);
    expect(quantile(apart, 0.5)).toBeLessThan(150 + slackOf(...lines)); // the bench holds it to 10
    for (const { line, fillerMs } of pairs.flat()) expect(fillerMs).toBeLessThan(600 + slackOf(line));
    for (const line of lines) expectHeard(line, `${GREETING} ${FILLER} ${BERTHS}`);
  });

  test('R6: the answer follows the filler without a pause when tool, model and voice fit into it', async () => {
    const calls = await atOnce(4, () => askForBerths('Is there a berth?'));
    for (const { line } of calls) expect(pauseBefore(line, BERTHS)).toBeLessThan(20 + BETWEEN_TONES_MS + slackOf(line));
  });
});

/** Asks, and tells how long after the last word the agent was heard. */
async function ask(line: PhoneLine, question: string): Promise<number> {
  const { toMs } = await line.say(question);
  return (await line.caller.waitForSpeech({ fromMs: toMs })) - toMs;
}

/** A call with one question. `fillerMs`: from the model's first word to the first sound. */
async function askForBerths(question: string): Promise<{ line: PhoneLine; fillerMs: number }> {
  const line = await phone.dial();
  await line.caller.waitForSilence({ forMs: 300, fromMs: 1_000 });
  await ask(line, question);
  await line.caller.waitForSilence({ forMs: 900 });
  await line.caller.hangUp();
  const firstWord = line.eventsOf('text-delta').find(({ turn }) => turn === 1)!;
  const heardMs = line.caller.heard.nextSoundMs(line.timeOf(firstWord) - 5)!;
  return { line, fillerMs: heardMs - line.timeOf(firstWord) };
}

/** The silence before the first word of `text`; 0 when not even a word ended there. */
function pauseBefore(line: PhoneLine, text: string): number {
  const words = line.heard();
  const first = text.split(' ')[0]!;
  const at = words.findLastIndex((word) => word.text.endsWith(first));
  expect(at).toBeGreaterThan(0);
  return words[at]!.text === first ? words[at]!.startMs - words[at - 1]!.endMs : 0;
}
