/**
 * Whole calls by every carrier that sends audio by messages: greeted, answered with a tool, cut in upon, keys, hung up.
 *
 * Real time: each carrier is a protocol on a socket, and some are fed by the clock.
 */
import { describe, expect, test } from 'vitest';
import type { MediaCaller } from '../../../src/simulate/telephone.ts';
import { understand, voiceOf } from '../../../src/testing/phone.ts';
import { lettersApart, lettersOf, wordsHeard } from '../../../src/testing/heard-words.ts';
import { until } from '../../helpers/until.ts';
import type { TestWorker } from '../../helpers/worker.ts';
import { ASTERISK_CARRIERS } from './asterisk-carriers.ts';
import { BINARY_CARRIERS } from './binary-carriers.ts';
import { EXOTEL, JSON_CARRIERS } from './json-carriers.ts';
import { NUMBERS, place, type WholeCallCarrier } from './knocking.ts';
import { STORY, withTalkingAgent } from './whole-call.ts';

const start = withTalkingAgent();

const heardBy = (caller: MediaCaller, fromMs = 0) =>
  lettersOf(
    understand(caller.heard, fromMs)
      .map(({ text }) => text)
      .join(' '),
  );

/** To the letter; where the line ran dry, in which case this machine was busy, a letter may have been split in two. */
function expectHeard(caller: MediaCaller, text: string, fromMs = 0): void {
  const apart = lettersApart(text, heardBy(caller, fromMs));
  expect([text, apart <= caller.stats().gaps.length ? 0 : heardBy(caller, fromMs)]).toEqual([text, 0]);
}

const carriers: WholeCallCarrier[] = [...JSON_CARRIERS, EXOTEL, ...BINARY_CARRIERS, ...ASTERISK_CARRIERS];
const worlds = carriers.flatMap((carrier) => [
  { ...carrier, how: 'as it comes', more: {}, from: NUMBERS.from },
  ...(carrier.otherwise
    ? [
        {
          ...{ ...carrier, how: `with ${Object.values(carrier.otherwise).join(', ')}`, more: carrier.otherwise },
          from: carrier.otherwiseFrom ?? NUMBERS.from,
        },
      ]
    : []),
]);

describe.concurrent.each(worlds)('$line, $how', { timeout: 60_000 }, (carrier) => {
  const open = () => start({ ...carrier.env, ...carrier.more });

  async function call(one: TestWorker) {
    const caller = await place(carrier, one, carrier.from);
    const answered = await until('a call', () => one.calls[0]);
    await caller.waitForSpeech();
    await caller.waitForSilence();
    expectHeard(caller, 'Hello.');
    return { caller, answered };
  }

  test('greeting, tool, barge-in, keys of the caller, and the caller hangs up', async () => {
    const one = await open();
    const { caller, answered } = await call(one);
    expect(answered.caller).toMatchObject({
      carrierCallId: caller.callSid,
      ...(carrier.numbers ?? { ...NUMBERS, from: carrier.from }),
    });

    const asked = await caller.say(voiceOf('What are your hours?'));
    await caller.waitForSpeech({ fromMs: asked.toMs });
    await caller.waitForSilence({ fromMs: asked.toMs, forMs: 900 });
    expectHeard(caller, 'We open at nine.', asked.toMs);

    const told = await caller.say(voiceOf('Tell me a story.'));
    const beganMs = await caller.waitForSpeech({ fromMs: told.toMs });
    await caller.waitForSpeech({ fromMs: beganMs + 1_500 });
    const events: { heard: string }[] = [];
    answered.on('event', (event) => event.type === 'interruption' && events.push(event));
    const cut = caller.interrupt(voiceOf('Please stop right there now.'));
    if (carrier.hasClear !== false) await caller.waitForEvent(({ type }) => type === 'clear');
    await until('the interruption', () => events.length > 0);
    const stretch = await cut;
    await caller.waitForSpeech({ fromMs: stretch.toMs });
    await caller.waitForSilence({ fromMs: stretch.toMs, forMs: 900 });
    // what the history says was heard is what was heard, to the word: a last word may be cut in the middle
    const words = (events[0]?.heard ?? '').split(' ').length;
    const heard = heardBy(caller, beganMs).replace(/Allright\.$/, '');
    expect(words).toBeGreaterThan(2);
    // where we keep real time, or nearly, a machine that is busy makes a hole in it, and a word of two
    const isNearRealTime = carrier.hasClear === false || carrier.isNearRealTime;
    const holes = isNearRealTime ? Math.min(1, caller.stats().gaps.length) : 0;
    expect(Math.abs(wordsHeard(STORY, heard) - words)).toBeLessThanOrEqual(1 + holes);
    expect(lettersOf(heardBy(caller, stretch.toMs))).toMatch(/ght\.$/);

    const keys: string[] = [];
    answered.on('event', (event) => event.type === 'digit' && keys.push(event.digit));
    caller.press('12#');
    await until('the keys', () => keys.length === 3);
    expect(caller.stats().badFrames).toBe(0);
    const end = await caller.hangUp();
    expect(end.by).toBe('caller');
    expect(await answered.ended).toMatchObject({ reason: 'caller-hung-up' });
  });

  test('keys of the agent where the line has them, and the agent hangs up', async () => {
    const one = await open();
    const { caller, answered } = await call(one);
    if (carrier.hasInbandKeys) {
      void answered.say('press');
      await caller.waitForEvent(({ type }) => type === 'digits');
      const pressed = () => caller.events.flatMap((event) => (event.type === 'digits' ? [event.digits] : []));
      await until('all keys', () => pressed().join('') === '12#');
    }
    void answered.say('goodbye');
    const end = await caller.ended;
    expect([end.by, end.code]).toEqual(['worker', 1000]);
    expect((await answered.ended).reason).not.toMatch(/caller|lost|error/);
    expect(caller.stats().badFrames).toBe(0);
  });
});
