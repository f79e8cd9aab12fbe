/** A whole call by jambonz's control socket, in real time: greeted, answered with a tool, cut in upon, keys both ways, hung up. */
import { expect, test } from 'vitest';
import { placeCallBy } from '../../../src/simulate/telephone.ts';
import { until } from '../../helpers/until.ts';
import { PUBLIC_URL } from '../../helpers/worker.ts';
import { NUMBERS } from './knocking.ts';
import { STORY, withTalkingAgent } from './whole-call.ts';

const PASSWORD = 'a-password-of-jambonz';
const start = withTalkingAgent();

async function call() {
  const one = await start({ PARLEY_JAMBONZ_PASSWORD: PASSWORD });
  const placed = await placeCallBy('jambonz-text', {
    ...{ voiceUrl: `${PUBLIC_URL}/jambonz/control`, ...NUMBERS, authToken: PASSWORD },
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

test('greeting, tool, cut-in, keys of the caller, and the caller hangs up', { timeout: 60_000 }, async () => {
  const { caller, answered } = await call();
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
  // reckoned by the pace of speech, since jambonz does not tell: near, and never what was not said
  const heard = caller.heardText.slice(caller.heardText.indexOf('Once'), caller.heardText.indexOf('All right.')).trim();
  expect(STORY.startsWith(cut.heard)).toBe(true);
  expect(Math.abs(cut.heard.length - heard.length)).toBeLessThan(30);

  const keys: string[] = [];
  answered.on('event', (event) => event.type === 'digit' && keys.push(event.digit));
  caller.press('12#');
  await until('the keys', () => keys.join('') === '12#');
  expect(caller.stats().badFrames).toBe(0);
  await caller.hangUp();
  expect(await answered.ended).toMatchObject({ reason: 'caller-hung-up' });
});

test('keys of the agent, and the agent hangs up', { timeout: 60_000 }, async () => {
  const { caller, answered } = await call();
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
