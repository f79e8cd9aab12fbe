/**
 * R11, R12, R22: the caller cuts in at 50 instants of a long answer, on a line that returns marks and on one that does not.
 * The model is told the words that the caller heard: one word off at the most for 95 of 100.
 *
 * Real time: what was played is told by marks that cross sockets, or guessed by the system's clock; to the word it is shown in
 * `interruption.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { startPhone, voiceOf, type Phone, type PhoneLine } from '../../src/testing/phone.ts';
import { Dice } from '../helpers/dice.ts';
import { wordsHeard } from '../../src/testing/heard-words.ts';
import { agentWith, answering, atOnce, quantile, reach, requestWith, saidByAgent, slackOf } from '../helpers/phone.ts';

const ANSWER =
  'The rain in Spain falls mainly on the plain, and we have had a lot of it this year. Tomorrow will be dry again, with ' +
  'some clouds in the north. On Friday there may be thunder near the coast; take an umbrella if you go out.';
/** On each of the two lines; all at once. */
const INSTANTS = 25;
const LATEST_MS = 3_000;
interface Cut {
  line: PhoneLine;
  /** From the caller's first sound to the last of the agent's. */
  silentAfterMs: number;
  /** From the confirmation to the last of the agent's; less than 0 when the line was silent before. */
  silentSinceConfirmedMs: number;
  /** Words told less words heard. */
  wordsOff: number;
}

describe.concurrent('50 instants', () => {
  test.each([
    ['a line that returns marks, a voice that does not tell when each word was spoken', true, { id: 'magnus' }],
    ['a line that returns none, a voice that tells it', false, { id: 'liam' }],
  ])('%s: silent at once, and the model is told what was heard', async (_what, returnsMarks, voice) => {
    const dice = new Dice(returnsMarks ? 1 : 2);
    const phone = await startPhone(agentWith({ voice }), answering({ when: 'story', say: ANSWER }, { say: 'Fine.' }));
    const cuts = await atOnce(INSTANTS, (index) =>
      cutIn(phone, { name: `Story ${index} please`, afterMs: dice.next() * LATEST_MS, returnsMarks }),
    ).finally(() => phone.close());
    const slackMs = slackOf(...cuts.map(({ line }) => line));
    const off = cuts.map(({ wordsOff }) => Math.abs(wordsOff));
    expect(quantile(off, 0.95), JSON.stringify(off)).toBeLessThanOrEqual(1);
    for (const { silentSinceConfirmedMs } of cuts) expect(silentSinceConfirmedMs).toBeLessThan(100);
    expect(
      quantile(
        cuts.map(({ silentAfterMs }) => silentAfterMs),
        0.5,
      ),
    ).toBeLessThan(150 + slackMs);
    if (process.env['PARLEY_TELL']) tell(cuts);
  });
});

async function cutIn(
  phone: Phone,
  { name, afterMs, returnsMarks }: { name: string; afterMs: number; returnsMarks: boolean },
): Promise<Cut> {
  const line = await phone.dial({ returnsMarks });
  const { caller } = line;
  let confirmedMs = NaN;
  line.call.once('interruption', () => (confirmedMs = caller.nowMs));
  const { toMs } = await line.say(name);
  const startedMs = await caller.waitForSpeech({ fromMs: toMs });
  await reach(line, startedMs + afterMs);
  const { fromMs } = await caller.interrupt(voiceOf('No, wait a moment'));
  const request = await requestWith(phone, name, (record) => users(record.body?.messages) === 2);
  const silentMs = Math.max(...caller.heard.stretches().map((sound) => (sound.fromMs < confirmedMs ? sound.toMs : 0)));
  await caller.hangUp();
  const told = saidByAgent(request).join(' ');
  return {
    line,
    silentAfterMs: silentMs - fromMs,
    silentSinceConfirmedMs: silentMs - confirmedMs,
    wordsOff: (told === '' ? 0 : told.split(' ').length) - wordsHeard(ANSWER, line.heardText(toMs, silentMs + 1)),
  };
}

const users = (messages: unknown): number => JSON.stringify(messages).split('"role":"user"').length - 1;

/** The figures, for whoever wants to see them: `PARLEY_TELL=1`. */
function tell(cuts: readonly Cut[]): void {
  const off = cuts.map(({ wordsOff }) => wordsOff);
  const silent = cuts.map(({ silentAfterMs }) => silentAfterMs);
  process.stdout.write(
    `words off ${[...new Set(off)]
      .sort()
      .map((words) => `${words}: ${off.filter((one) => one === words).length}`)
      .join(', ')}; ` +
      `voice to silence p50 ${quantile(silent, 0.5).toFixed(0)} ms, p95 ${quantile(silent, 0.95).toFixed(0)} ms\n`,
  );
}
