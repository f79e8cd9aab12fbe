/**
 * A web site of somebody's, in a real browser: its page loads the client from the worker, calls when its button is clicked,
 * writes down what it is told, and records what it gives out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { BROWSER } from '../../page/helpers/browser.ts';
import { writeWav } from '../../../src/audio/wav.ts';

export const BEARER = 'a-token-of-the-worker';

/** What a page was told, and when by its own clock. */
export interface Told {
  atMs: number;
  name: string;
  event: Record<string, unknown>;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>site</title>
<button id="call">Call</button><button id="resume">Resume</button><button id="hang-up">Hang up</button><input id="words">
<script>
  // everything that goes to the speakers is recorded beside them, by the frame that it is heard at
  window.streams = [];
  const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await getUserMedia(wanted);
    window.streams.push(stream);
    return stream;
  };
  const connect = AudioNode.prototype.connect;
  window.recorded = { chunks: [], startedAtMs: 0 };
  const recorder = 'registerProcessor("recorder", class extends AudioWorkletProcessor { process([[sound]]) { if (sound) this.port.postMessage(sound.slice()); return true; } })';
  const addModule = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = async function (url) {
    await addModule.call(this, 'data:text/javascript,' + encodeURIComponent(recorder));
    await addModule.call(this, url);
  };
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      const tap = new AudioWorkletNode(this.context, 'recorder', { numberOfOutputs: 0 });
      window.recorded.rateHz = this.context.sampleRate;
      tap.port.onmessage = ({ data }) => window.recorded.chunks.push(data);
      connect.call(this, tap);
      if (window.loudspeaker) connect.call(this, window.loudspeaker);
      window.audioContext = this.context;
    }
    return connect.call(this, to, ...rest);
  };
</script>
<script type="module">
  window.told = [];
  const note = (name, event) => window.told.push({ atMs: performance.now(), name, event });
  window.begin = (options) => {
    const call = options ? window.parley.connect(options) : window.parley.resume();
    window.call = call;
    for (const name of ['state', 'words', 'speaking', 'notice', 'ended', 'say']) call.on(name, (event) => note(name, typeof event === 'string' ? { is: event } : event));
    return call;
  };
  // a microphone that stands beside the loudspeaker: what the page gives out comes back by so much softer, nothing cancelled
  window.besideTheLoudspeaker = async (gain) => {
    const context = new AudioContext();
    const microphone = context.createMediaStreamDestination();
    const voice = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, autoGainControl: false } });
    context.createMediaStreamSource(voice).connect(microphone);
    window.loudspeaker = new GainNode(context, { gain });
    window.loudspeaker.connect(microphone);
    window.options = { ...window.options, context, microphone: microphone.stream };
  };
  document.querySelector('#call').onclick = () => { note('clicked', {}); window.begin(window.options); };
  document.querySelector('#resume').onclick = () => window.begin();
  document.querySelector('#hang-up').onclick = () => window.call.hangUp();
  window.parley = await import(CLIENT);
  if (window.onLoaded) window.onLoaded();
  note('loaded', {});
</script>`;

export class Site {
  readonly origin: string;
  readonly #server: Server;
  readonly #folder = mkdtempSync(join(tmpdir(), 'parley-web-'));
  readonly #browsers: Browser[] = [];
  /** Of the client, when the worker is there. */
  #client = '';
  /** What the page is served with. */
  headers: Record<string, string> = {};

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', ...this.headers })
        .end(PAGE.replace('CLIENT', JSON.stringify(this.#client))),
    );
  }

  static async open(): Promise<Site> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Site(server);
  }

  /** A browser whose microphone hears this, one behind the other, from the time at which it is asked for. */
  async browser(said: readonly Int16Array[], rateHz: number): Promise<Browser> {
    const file = join(this.#folder, `said-${this.#browsers.length}.wav`);
    writeFileSync(
      file,
      writeWav({ sampleRateHz: rateHz, channels: [Int16Array.from(said.flatMap((one) => [...one]))] }),
    );
    const browser = await chromium.launch({
      executablePath: BROWSER ?? '',
      args: [
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${file}%noloop`,
      ],
    });
    this.#browsers.push(browser);
    return browser;
  }

  /** The page, loaded and ready to be clicked. `ownClient`: the client, of a page that serves it itself. */
  async visit(browser: Browser | BrowserContext, worker: { url: string }, ownClient?: string): Promise<Page> {
    this.#client =
      ownClient === undefined
        ? `${worker.url}/web/parley.js`
        : `data:text/javascript;base64,${Buffer.from(ownClient).toString('base64')}`;
    const page = await browser.newPage();
    await page.goto(this.origin);
    await page.waitForFunction('window.parley !== undefined');
    return page;
  }

  async close(): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser.close()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }
}

/** What the server behind the page does. */
export async function announce(worker: { url: string }, wanted: object = {}): Promise<{ url: string; token: string }> {
  const response = await fetch(`${worker.url}/web/calls`, {
    method: 'POST',
    headers: { authorization: `Bearer ${BEARER}` },
    body: JSON.stringify(wanted),
  });
  if (!response.ok) throw new Error(`Expected a token, got ${response.status}: ${await response.text()}`);
  return (await response.json()) as { url: string; token: string };
}

/** Clicks, with these options and a token that has just been asked for. `before`: what the page does before. */
export async function click(page: Page, worker: { url: string }, options: object = {}, before = ''): Promise<void> {
  const call = await announce(worker);
  await page.evaluate(`window.options = ${JSON.stringify({ ...call, ...options })}`);
  await page.evaluate(before);
  await page.click('#call');
}

export const toldOf = (page: Page, name?: string): Promise<Told[]> =>
  page.evaluate(`window.told${name === undefined ? '' : `.filter((one) => one.name === ${JSON.stringify(name)})`}`);

/** Of what the page has given out. */
export async function recording(page: Page): Promise<{ samples: Int16Array; rateHz: number }> {
  const { text, rateHz } = await page.evaluate<{ text: string; rateHz: number }>(`(() => {
    const { chunks, rateHz } = window.recorded;
    const samples = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const chunk of chunks) for (const sample of chunk) samples[at++] = Math.max(-32768, Math.min(32767, sample * 32768));
    let text = '';
    const bytes = new Uint8Array(samples.buffer);
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return { text: btoa(text), rateHz };
  })()`);
  const bytes = Buffer.from(text, 'base64');
  return { samples: new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2).slice(), rateHz };
}
