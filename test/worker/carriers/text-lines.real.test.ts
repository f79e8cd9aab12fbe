/**
 * Whole calls by lines of text, whose carrier hears and speaks: greeted, answered with a tool, cut in upon, keys both ways, hung up.
 *
 * Real time: each carrier is a protocol on a socket.
 */
import { expect, test } from 'vitest';
import { DIALECTS } from '../../../src/simulate/dialects.ts';
import { publicKeyOf } from '../../../src/simulate/telnyx/signed.ts';
import { placeCallBy } from '../../../src/simulate/telephone.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL } from '../../helpers/worker.ts';
import { TELNYX_KEY } from './json-carriers.ts';
import { NUMBERS } from './knocking.ts';
import { STORY, withTalkingAgent } from './whole-call.ts';

const PASSWORD = 'a-password-of-jambonz';
interface World {
  line: 'jambonz-text' | 'telnyx-text';
  secret: string;
  env: Record<string, string>;
  /** Its carrier says what was heard when somebody cuts in. */
  tells: boolean;
}

const LINES: readonly World[] = [
  { line: 'jambonz-text', secret: PASSWORD, env: { PARLEY_JAMBONZ_PASSWORD: PASSWORD }, tells: false },
  {
    ...{ line: 'telnyx-text', secret: TELNYX_KEY, tells: true },
    env: { PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY), PARLEY_TELNYX_LINE: 'relay' },
  },
];
const start = withTalkingAgent();

async function call({ line, secret, env }: World) {
  const one = await start({ PARLEY_PUBLIC_URL: PUBLIC_URL, ...env });
  const placed = await placeCallBy(line, {
    ...{ voiceUrl: PUBLIC_URL + DIALECTS[line].paths.voice, ...NUMBERS, authToken: secret },
    reach: one.reach,
  });
  if (placed.type !== 'relay') throw new Error('Expected a line of text');
  const { caller } = placed;
  const answered = await until('a call', () => one.calls[0]);
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ fromMs: 100 });
  expect(caller.heardText.trim()).toBe('Hello.');
  return { caller, answered };
}

test.concurrent.each(LINES)(
  '$line: greeting, tool, cut-in, keys of the caller, and the caller hangs up',
  { timeout: 60_000 },
  async (line) => {
    const { caller, answered } = await call(line);
    expect(answered.caller).toMatchObject({ carrierCallId: caller.callSid, ...NUMBERS });
    await caller.say('What are your hours?');
    await until('the answer', () => caller.heardText.includes('We open at nine.'), 10_000);

    const interruptions: { heard: string }[] = [];
    answered.on('event', (event) => event.type === 'interruption' && interruptions.push(event));
    await caller.say('Tell me a story.');
    await until('some of the story', () => caller.heardText.includes('lighthouse'), 10_000);
    await caller.say('Please stop right there now.');
    const cut = await until('the interruption', () => interruptions[0], 10_000);
    await until('the answer', () => caller.heardText.includes('All right.'), 10_000);
    // jambonz does not tell: what was heard is reckoned by the pace of speech, near, and never what was not said
    const heard = caller.heardText
      .slice(caller.heardText.indexOf('Once'), caller.heardText.indexOf('All right.'))
      .trim();
    expect(STORY.startsWith(cut.heard)).toBe(true);
    expect(Math.abs(cut.heard.length - heard.length)).toBeLessThan(line.tells ? 2 : 30);

    const keys: string[] = [];
    answered.on('event', (event) => event.type === 'digit' && keys.push(event.digit));
    caller.press('12#');
    await until('the keys', () => keys.join('') === '12#');
    expect(caller.stats().badFrames).toBe(0);
    await caller.hangUp();
    expect(await answered.ended).toMatchObject({ reason: 'caller-hung-up' });
  },
);

test.concurrent.each(LINES)('$line: keys of the agent, and the agent hangs up', { timeout: 60_000 }, async (line) => {
  const { caller, answered } = await call(line);
  void answered.say('press');
  const pressed = () =>
    caller.events.flatMap((event) =>
      event.type === 'command' && event.command.type === 'sendDigits' ? [event.command.digits] : [],
    );
  await until('all keys', () => pressed().join('') === '12#');
  void answered.say('goodbye');
  expect(await caller.ended).toMatchObject({ by: 'worker' });
  expect((await answered.ended).reason).not.toMatch(/caller|lost|error/);
  expect(caller.stats().badFrames).toBe(0);
});
