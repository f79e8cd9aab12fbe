/** Calls from a page in a real browser, which hears a WAV file for a microphone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeToneSpeech, encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { lettersOf } from '../helpers/heard.ts';
import { until } from '../helpers/until.ts';
import { withStandIns } from '../helpers/worker.ts';
import { BROWSER } from '../page/helpers/browser.ts';
import { BEARER, click, recording, Site, toldOf } from './helpers/site.ts';

const GREETING = 'Hello, this is the harbour office.';
const TIDES = 'High water is at ten past six.';
const RATE_HZ = 48_000;

describe.runIf(BROWSER !== undefined)('a call from a page in a browser', () => {
  const startWorker = withStandIns([{ when: 'tide', say: TIDES }]);
  let site: Site;
  beforeAll(async () => void (site = await Site.open()));
  afterAll(() => site.close());

  const worker = () =>
    startWorker({ PARLEY_WEB_ORIGINS: site.origin, PARLEY_BRIDGE_TOKEN: BEARER }, { agent: { greeting: GREETING } });

  test('the greeting is heard, a question is understood, its answer is heard, and the page hangs up', async () => {
    const running = await worker();
    const said = [
      new Int16Array(RATE_HZ * 4),
      encodeToneSpeech('when is the tide', RATE_HZ),
      new Int16Array(RATE_HZ * 30),
    ];
    const page = await site.visit(await site.browser(said, RATE_HZ), running);
    await click(page, running);
    await until('an answer that is over', async () => (await toldOf(page, 'speaking')).filter(endsAgent).length >= 2);
    const [call] = running.calls;
    expect(call!.messages.slice(1)).toEqual([
      { role: 'assistant', content: GREETING },
      { role: 'user', content: 'when is the tide' },
      { role: 'assistant', content: TIDES },
    ]);
    const { samples, rateHz } = await recording(page);
    const heard = decodeToneSpeech(samples, rateHz).map(({ text }) => text);
    expect(lettersOf(heard.join(''))).toBe(lettersOf(GREETING + TIDES));
    await page.click('#hang-up');
    expect(await call!.ended).toMatchObject({ reason: 'caller-hung-up' });
    expect((await toldOf(page, 'ended'))[0]?.event).toEqual({ reason: 'caller-hung-up' });
  });
});

const endsAgent = ({ event }: { event: Record<string, unknown> }): boolean =>
  event['who'] === 'agent' && event['isSpeaking'] === false;
