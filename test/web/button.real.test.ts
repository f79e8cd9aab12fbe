/**
 * `<parley-call>` on the page of `examples/web`, with the server that stands there, in a real browser.
 *
 * Real time: a browser has its own clock, sound and sockets.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.ts';
import { until } from '../helpers/until.ts';
import { withStandIns, type TestWorker } from '../helpers/worker.ts';
import { BROWSER } from '../page/helpers/browser.ts';
import { BEARER } from './helpers/site.ts';

const GREETING = 'Hello, this is the harbour office.';
const TIDES = 'High water is at ten past six.';
const LIMIT = { timeout: 60_000 };

describe.runIf(BROWSER !== undefined)('a button that is a call, on the page of the example', LIMIT, () => {
  const startWorker = withStandIns([{ when: 'tide', say: TIDES }]);
  const folder = mkdtempSync(join(tmpdir(), 'parley-button-'));
  let browser: Browser;
  beforeAll(async () => {
    const silence = join(folder, 'silence.wav');
    writeFileSync(silence, writeWav({ sampleRateHz: 16_000, channels: [new Int16Array(16_000)] }));
    browser = await chromium.launch({
      executablePath: BROWSER ?? '',
      args: [
        ...['--no-sandbox', '--mute-audio', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
        `--use-file-for-fake-audio-capture=${silence}`,
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** The worker, the example's server in front of it, and its page. */
  async function open(reaches = true): Promise<{ worker: TestWorker; page: Page; faults: string[] }> {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const env = { PARLEY_WEB_ORIGINS: origin, PARLEY_BRIDGE_TOKEN: BEARER };
    const worker = await startWorker(env, { agent: { greeting: GREETING, listen: { language: 'en' } } });
    const server = spawn(process.execPath, ['examples/web/server.mjs'], {
      env: {
        ...process.env,
        PORT: String(port),
        WORKER_URL: worker.url,
        PARLEY_BRIDGE_TOKEN: reaches ? BEARER : 'wrong',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void server.kill());
    await once(server.stdout, 'data');
    const page = await (await browser.newContext()).newPage();
    onTestFinished(() => page.context().close());
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(origin);
    await page.getByRole('button', { name: 'Talk to us' }).waitFor();
    return { worker, page, faults };
  }

  const said = (page: Page, who: string) => page.locator(`#said .${who}`).allTextContents();

  test('by the keyboard alone: it calls, shows what is said, takes what is typed, and hangs up', async () => {
    const { worker, page, faults } = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('a call', () => worker.calls.length > 0);
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    await until('the greeting', async () => (await said(page, 'agent')).includes(GREETING));
    await page.getByLabel('Or type:').fill('when is the tide');
    await page.keyboard.press('Enter');
    await until('the answer', async () => (await said(page, 'agent')).includes(TIDES));
    expect(await said(page, 'caller')).toEqual(['when is the tide']);
    expect(worker.calls[0]!.caller).toMatchObject({ from: 'a visitor', parameters: { page: 'home' } });
    await page.getByRole('button', { name: 'Hang up' }).focus();
    await page.keyboard.press('Enter');
    expect(await worker.calls[0]!.ended).toMatchObject({ reason: 'caller-hung-up' });
    expect(await page.getByRole('status').textContent()).toBe('The call has ended.');
    expect(await page.getByRole('button', { name: 'Talk to us' }).isVisible()).toBe(true);
    expect(faults).toEqual([]); // its policy forbids inline styles and scripts of others
  });

  test('muted, it says so to whoever does not see it', async () => {
    const { worker, page } = await open();
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await until('a call', () => worker.calls.length > 0);
    const mute = page.getByRole('button', { name: 'Mute' });
    expect(await mute.getAttribute('aria-pressed')).toBe('false');
    await mute.click();
    expect(await mute.getAttribute('aria-pressed')).toBe('true');
  });

  test('a page that is loaded again has its call, and the button shows it', async () => {
    const { worker, page } = await open();
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await until('the greeting', async () => (await said(page, 'agent')).includes(GREETING));
    await page.reload();
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    await page.getByLabel('Or type:').fill('when is the tide');
    await page.keyboard.press('Enter');
    await until('the answer', () => worker.calls[0]!.messages.at(-1)?.content === TIDES);
    expect(worker.calls).toHaveLength(1);
  });

  test('where no token is to be had, it says that the call could not be made', async () => {
    const { worker, page } = await open(false);
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await until('a sentence', async () => (await page.getByRole('status').textContent()) !== '');
    expect(await page.getByRole('status').textContent()).toBe('The call could not be made. Try again later.');
    expect(worker.calls).toHaveLength(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
