/**
 * A phone call over real sockets, driven from the caller's end: what is said is heard, in time and without a hole.
 *
 * Real time: that frames are paced by the system's clock, and the line never runs dry, can be seen there alone; `talk.test.ts` has the rest.
 */
import { expect, onTestFinished, test } from 'vitest';
import { startPhone, type PhoneLine } from '../../src/testing/phone.ts';
import { agentWith, answering, atOnce, expectHeard, slackOf } from '../helpers/phone.ts';

const GREETING = 'Harbour office.';
const TIDES = 'High water is at ten past six, and again at half past six.';
const WIND = 'The wind comes from the west; stay near the coast.';

test('every word that is said is heard once, in order, without a hole, turn after turn, and the first within two seconds', async () => {
  const phone = await startPhone(
    agentWith({ greeting: GREETING }),
    answering({ when: 'tide', say: TIDES }, { when: 'wind', say: WIND }),
  );
  onTestFinished(() => phone.close());
  await atOnce(4, async () => {
    const line = await phone.dial();
    await line.caller.waitForSpeech();
    await line.caller.waitForSilence({ forMs: 300 });
    for (const question of ['When is the tide?', 'And the wind, please?']) {
      // 500 until the turn is over, 250 for the model, 150 for the voice, and the way
      expect(await ask(line, question)).toBeLessThan(2_000 + slackOf(line));
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

/** Asks, and tells how long after the last word the agent was heard. */
async function ask(line: PhoneLine, question: string): Promise<number> {
  const { toMs } = await line.say(question);
  return (await line.caller.waitForSpeech({ fromMs: toMs })) - toMs;
}
