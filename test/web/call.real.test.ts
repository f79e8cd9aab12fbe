/**
 * Calls from a page in a real browser, which hears a WAV file for a microphone.
 *
 * Real time: a browser has its own clock, sound and sockets.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeToneSpeech, encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { AgentInput } from '../../src/call/agent.ts';
import { defineTool } from '../../src/tool/define.ts';
import { lettersOf as allLettersOf } from '../../src/testing/heard-words.ts';
import { after } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';
import { withStandIns, type TestWorker } from '../helpers/worker.ts';
import { BROWSER } from '../page/helpers/browser.ts';
import { Cable } from './helpers/cable.ts';
import { BEARER, click, recording, Site, toldOf } from './helpers/site.ts';

const GREETING = 'Hello, this is the harbour office.';
const TIDES = 'High water is at ten past six.';
const FILLER = 'Let me look at the calendar.';
const BERTHS = 'Two berths are free on Friday.';
const STORY =
  'The harbour was built in the year of the great storm, when forty ships were lost in a single night, and every family of the town gave a son to the work.';
const RATE_HZ = 48_000;

const berths = defineTool({
  name: 'find_berths',
  description: 'Free berths of a day.',
  input: z.object({ day: z.string() }),
  effect: 'read',
  run: async () => ({ free: 2 }),
});

/** On a busy machine a page's sound breaks off in the middle of a letter now and then, which is understood as two of them. */
const lettersOf = (text: string): string => allLettersOf(text).replace(/(.)\1+/g, '$1');

const silence = (ms: number) => new Int16Array((RATE_HZ * ms) / 1_000);
const speech = (text: string) => encodeToneSpeech(text, RATE_HZ);

/** A browser takes a while to start on a machine that does much else. */
const LIMIT = { timeout: 120_000 };

describe.runIf(BROWSER !== undefined)('a call from a page in a browser', LIMIT, () => {
  const startWorker = withStandIns([
    { when: 'tide', say: TIDES },
    { when: 'story', say: STORY },
    { when: 'berth', say: FILLER, call: { name: 'find_berths', arguments: { day: 'Friday' } } },
    { after: 'find_berths', say: BERTHS },
  ]);
  let site: Site;
  beforeAll(async () => void (site = await Site.open()));
  afterAll(() => site.close());

  const worker = (agent: Partial<AgentInput> = {}) =>
    startWorker(
      { PARLEY_WEB_ORIGINS: site.origin, PARLEY_BRIDGE_TOKEN: BEARER },
      { agent: { greeting: GREETING, tools: [berths], ...agent } },
    );

  /** A page that has called; its microphone hears `said` from the call's beginning. */
  async function call(
    said: readonly Int16Array[],
    running: TestWorker,
    at: { url: string; before?: string } = running,
  ) {
    const page = await site.visit(await site.browser([...said, silence(60_000)], RATE_HZ), at);
    const url = `${at.url.replace('http', 'ws')}/web/call`;
    await click(page, running, { url }, at.before);
    await until('a call', () => running.calls.length > 0);
    return { page, call: running.calls.at(-1)! };
  }

  const storyBegins = (page: Page) =>
    until(
      'the story',
      async () => (await toldOf(page, 'speaking')).filter(({ event }) => event['isSpeaking']).length >= 2,
    );
  const endsOfAgent = async (page: Page) => (await toldOf(page, 'speaking')).filter(endsAgent).length;
  const spoken = (page: Page, count: number) =>
    until('the agent to end', async () => (await endsOfAgent(page)) >= count);
  const noticesOf = async (page: Page) => (await toldOf(page, 'notice')).map(({ event }) => event['code']);
  async function heardIn(page: Page): Promise<string> {
    const { samples, rateHz } = await recording(page);
    const text = decodeToneSpeech(samples, rateHz).map((one) => one.text);
    return text.join('');
  }

  test('greeting, question, filler, tool, answer: all of it is heard once, in order, and the page hangs up', async () => {
    const running = await worker();
    const { page, call: talk } = await call([silence(4_000), speech('is there a berth on friday')], running);
    await spoken(page, 2);
    expect(talk.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content)).toEqual([
      ...[GREETING, FILLER, BERTHS],
    ]);
    expect(lettersOf(await heardIn(page))).toBe(lettersOf(GREETING + FILLER + BERTHS));
    await page.click('#hang-up');
    expect(await talk.ended).toMatchObject({ reason: 'caller-hung-up' });
    expect((await toldOf(page, 'ended'))[0]?.event).toEqual({ reason: 'caller-hung-up' });
  });

  test('the greeting sounds within 300 ms of the click', async () => {
    const running = await worker();
    const times: number[] = [];
    const browser = await site.browser([silence(60_000)], RATE_HZ);
    for (let i = 0; i < 5; i++) {
      const page = await site.visit(browser, running);
      await click(page, running);
      await until('the agent to begin', async () => (await toldOf(page, 'speaking')).length > 0);
      const [clicked] = await toldOf(page, 'clicked');
      const [begins] = await toldOf(page, 'speaking');
      times.push(begins!.atMs - clicked!.atMs);
      await page.click('#hang-up');
      await page.close();
    }
    console.info('click to greeting, ms:', times.map(Math.round).join(' ')); // eslint-disable-line no-console
    expect(Math.min(...times)).toBeLessThan(300);
  });

  test('R22: of an answer that is cut into, the history holds what a recording of the page holds', async () => {
    const running = await worker();
    const said = [silence(4_000), speech('tell me a story'), silence(6_000), speech('stop please stop now')];
    const { page, call: talk } = await call(said, running);
    const cutIn = new Promise<string>((resolve) => talk.on('interruption', ({ heard }) => resolve(heard)));
    const heard = await cutIn;
    await after(1_000);
    const sounded = lettersOf(await heardIn(page)).slice(lettersOf(GREETING).length);
    expect(lettersOf(heard).length).toBeGreaterThan(10);
    // to the word: the one that was being spoken may be there in part
    const words = STORY.split(' ');
    const count = heard.split(' ').length;
    expect([count - 1, count, count + 1].map((n) => lettersOf(words.slice(0, n).join('')))).toContain(
      nearest(sounded, words),
    );
    await page.click('#hang-up');
    await talk.ended;
  });

  test('a network that is lost for 5 s: the call goes on, and every word of the agent is heard once', async () => {
    const running = await worker();
    const cable = await Cable.to(running.url);
    const { page, call: talk } = await call([silence(4_000), speech('tell me a story')], running, { url: cable.url });
    await storyBegins(page);
    await after(1_500);
    cable.cut();
    await after(5_000);
    cable.mend();
    await until('the network to be back', async () => (await noticesOf(page)).includes('network-back'));
    await until('the story to end', () => talk.messages.at(-1)?.content === STORY);
    await until(
      'all of it to be heard',
      async () => lettersOf(await heardIn(page)).length >= lettersOf(GREETING + STORY).length,
    );
    expect(lettersOf(await heardIn(page))).toBe(lettersOf(GREETING + STORY));
    expect(await noticesOf(page)).toEqual(['network-lost', 'network-back']);
    expect(running.calls).toHaveLength(1);
    await page.click('#hang-up');
    await talk.ended;
    cable.close();
  });

  test('a page that is loaded again: the call goes on behind what was heard', async () => {
    const running = await worker();
    const { page, call: talk } = await call([silence(4_000), speech('tell me a story')], running);
    await storyBegins(page);
    await after(3_000);
    const before = lettersOf(await heardIn(page)).slice(lettersOf(GREETING).length);
    await page.reload();
    await page.waitForFunction('window.parley !== undefined');
    await page.click('#resume');
    await page.evaluate('window.call.mute()'); // this microphone's file begins anew
    await until('the call to go on', async () => (await noticesOf(page)).includes('call-resumed'));
    await until('the story to end', () => talk.messages.at(-1)?.content === STORY, 60_000);
    await spoken(page, 1);
    const whole = lettersOf(STORY);
    const rest = lettersOf(await heardIn(page));
    expect(before.length).toBeGreaterThan(5);
    // a letter that was sounding when the page went is cut in two, and neither half need be understood
    expect(whole).toContain(before.slice(0, -2));
    expect(whole.slice(-rest.length + 2)).toBe(rest.slice(2));
    // what was in the device when the page went may have sounded or not: nothing that did is said once more
    expect(Math.abs(before.length + rest.length - whole.length)).toBeLessThanOrEqual(4);
    expect(running.calls).toHaveLength(1);
    await page.click('#hang-up');
    await talk.ended;
  });

  test('R11: the agent that comes back into the microphone by 20 dB softer cuts into nothing; the caller still does', async () => {
    const running = await worker();
    const before = 'window.besideTheLoudspeaker(0.1)';
    const said = [silence(4_000), speech('tell me a story'), silence(7_000), speech('stop please stop now')];
    const { page, call: talk } = await call(said, running, { url: running.url, before });
    const told: string[] = [];
    talk.on('transcript', ({ text, isFinal }) => isFinal && told.push(lettersOf(text)));
    const cutIn = new Promise<string>((resolve) => talk.on('interruption', ({ heard }) => resolve(heard)));
    await storyBegins(page);
    const beganMs = performance.now();
    const heard = await cutIn;
    expect(performance.now() - beganMs).toBeGreaterThan(4_000); // by the caller, and by nothing before
    expect(heard.split(' ').length).toBeGreaterThan(8);
    await until('what they said', () => told.length >= 2);
    expect(told[0]).toBe(lettersOf('tell me a story'));
    expect(lettersOf('stop please stop now')).toContain(told[1]!.slice(3));
    await page.click('#hang-up');
    await talk.ended;
  });

  test('a tab in the background: it plays on, and says how much was heard', async () => {
    const running = await worker();
    const browser = await site.browser([silence(4_000), speech('tell me a story'), silence(60_000)], RATE_HZ);
    const context = await browser.newContext();
    const page = await site.visit(context, running);
    await click(page, running);
    await until('a call', () => running.calls.length > 0);
    const [talk] = running.calls;
    await (await context.newPage()).bringToFront();
    await page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await until('the story to end', () => talk!.messages.at(-1)?.content === STORY, 60_000);
    await spoken(page, 2);
    expect(await noticesOf(page)).toContain('page-hidden');
    expect(lettersOf(await heardIn(page))).toBe(lettersOf(GREETING + STORY));
  });

  test('sound that the browser suspends: the agent waits, nothing counts as heard, and it goes on at the very word', async () => {
    const running = await worker();
    const { page, call: talk } = await call([silence(4_000), speech('tell me a story')], running);
    await storyBegins(page);
    await after(1_000);
    await page.evaluate(`window.audioContext.resume = async () => {}; window.audioContext.suspend()`);
    await until('the page to say so', async () => (await noticesOf(page)).includes('sound-suspended'));
    const before = JSON.stringify(talk.messages.at(-1));
    await after(3_000);
    expect(JSON.stringify(talk.messages.at(-1))).toBe(before);
    await page.evaluate(`delete window.audioContext.resume; window.audioContext.resume()`);
    await until('the story to end', () => talk.messages.at(-1)?.content === STORY);
    await spoken(page, 2);
    expect(lettersOf(await heardIn(page))).toBe(lettersOf(GREETING + STORY));
  });

  test('a microphone that is unplugged: the page says so, takes another, and is heard again', async () => {
    const running = await worker();
    const { page, call: talk } = await call([silence(500)], running);
    await spoken(page, 1);
    await page.evaluate(`window.streams[0].getAudioTracks()[0].dispatchEvent(new Event('ended'))`);
    await until('another', async () => (await noticesOf(page)).includes('microphone-changed'));
    expect(await noticesOf(page)).toEqual(['microphone-lost', 'microphone-changed']);
    await page.evaluate(`window.call.type('when is the tide')`);
    await spoken(page, 2);
    expect(talk.messages.at(-1)?.content).toBe(TIDES);
  });

  test('a page of another origin is told that its call was not taken, and the worker has no call', async () => {
    const running = await worker();
    const foreign = await Site.open();
    const page = await foreign.visit(
      await foreign.browser([silence(100)], RATE_HZ),
      running,
      await (await running.get('/web/parley.js')).text(),
    );
    await click(page, running);
    await until('a refusal', async () => (await toldOf(page, 'ended')).length > 0);
    expect((await toldOf(page, 'ended'))[0]?.event).toEqual({ reason: 'refused' });
    expect(running.calls).toHaveLength(0);
    await foreign.close();
  });
});

const endsAgent = ({ event }: { event: Record<string, unknown> }): boolean =>
  event['who'] === 'agent' && event['isSpeaking'] === false;

/** The whole words of which the last has sounded, or most of it. */
function nearest(sounded: string, words: readonly string[]): string {
  const ends = words.map((_, index) => lettersOf(words.slice(0, index + 1).join('')));
  return ends.reduce((best, end) =>
    Math.abs(end.length - sounded.length) < Math.abs(best.length - sounded.length) ? end : best,
  );
}
