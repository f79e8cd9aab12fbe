/**
 * The page of `parley talk` in a real browser, with a worker behind it as the command has it: typed and spoken calls, what is
 * drawn while they go on, files that change under it, and who is kept out.
 *
 * Real time: a browser has its own clock, sound and sockets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decodeToneSpeech, encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { readWav, writeWav } from '../../../src/audio/wav.ts';
import { talkAssets } from '../../../src/console/talk/assets.ts';
import { parley, start, type RunningCommand } from '../../cli/helpers/command.ts';
import { createFolder } from '../../helpers/folder.ts';
import { lettersApart, lettersOf } from '../../../src/testing/heard-words.ts';
import { until } from '../../helpers/until.ts';
import { BROWSER } from '../../page/helpers/browser.ts';

const AGENT = `import { defineAgent, endCall } from 'parley-voice';

export default defineAgent({
  name: 'desk',
  instructions: 'You are the front desk of a workshop.',
  greeting: 'Hello, this is the workshop.',
  tools: ['./tools', endCall],
});
`;
const tool = (status: string) => `import { z } from 'zod';
import { defineTool } from 'parley-voice';

export default defineTool({
  name: 'repair_status',
  description: 'Looks up how far a repair is, by its ticket.',
  input: z.object({ ticket: z.string().describe('The number of the ticket.') }),
  effect: 'read',
  async run({ ticket }) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return { ticket, status: '${status}' };
  },
});
`;
const RECEPTION = `import { defineAgent } from 'parley-voice';

export default defineAgent({
  name: 'reception',
  description: 'All but money.',
  instructions: 'You are the reception of a workshop.',
  greeting: 'Hello.',
  tools: ['hand_off'],
  team: { billing: './billing.ts' },
});
`;
const BILLING = `import { collectName, defineAgent } from 'parley-voice';

export default defineAgent({
  name: 'billing',
  description: 'Bills and payments.',
  instructions: 'You are the billing of a workshop.',
  greeting: 'Billing here.',
  tools: [collectName(), 'hand_off'],
  team: { reception: './agent.ts' },
});
`;
const QUESTION = 'What is the status of my repair, ticket 4711?';

describe.runIf(BROWSER !== undefined)('the page of parley talk', () => {
  const silence = mkdtempSync(join(tmpdir(), 'parley-silence-'));
  let browser: Browser;
  const pages: Page[] = [];
  const faults: string[] = [];
  const folders: (() => void)[] = [];

  beforeAll(async () => {
    await talkAssets(); // made once, where no test is being timed
    const file = join(silence, 'silence.wav');
    writeFileSync(file, writeWav({ sampleRateHz: 16_000, channels: [new Int16Array(16_000)] }));
    browser = await launch(file);
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    for (const remove of folders.splice(0)) remove();
    expect(faults.splice(0)).toEqual([]); // of the console: errors, and what the page's policy refused
  });
  afterAll(async () => {
    await browser.close();
    rmSync(silence, { recursive: true });
  });

  /** A browser whose microphone hears this file. */
  const launch = (file: string): Promise<Browser> =>
    chromium.launch({
      executablePath: BROWSER ?? '',
      args: [
        ...['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio'],
        ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
        `--use-file-for-fake-audio-capture=${file}`,
      ],
    });

  interface Project {
    url: string;
    path: string;
    command: RunningCommand;
    write: (name: string, text: string) => void;
  }

  const open = (...args: string[]): Promise<Project> =>
    openWith({ 'agent.ts': AGENT, 'tools/repair.ts': tool('waiting for parts') }, ...args);

  async function openWith(files: Record<string, string>, ...args: string[]): Promise<Project> {
    const { path, remove } = createFolder(files);
    folders.push(remove);
    const command = start(['talk', 'agent.ts', '--port', '0', '--no-open', '--json', ...args], { cwd: path });
    const told = await until('its address', () => /"url":"([^"]+)"/.exec(command.stdout)?.[1]);
    return { url: told, path, command, write: (name, text) => writeFileSync(join(path, name), text) };
  }

  async function visit({ url }: Project, options: BrowserContextOptions = {}, by = browser): Promise<Page> {
    const context = await by.newContext({ viewport: { width: 1_400, height: 900 }, ...options });
    const page = await context.newPage();
    pages.push(page);
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(url);
    return page;
  }

  const type = async (page: Page, text: string) => {
    await page.fill('#words', text);
    await page.press('#words', 'Enter');
  };
  const choose = (page: Page, way: string) => page.check(`input[value=${way}]`, { force: true });

  test('a typed call: the tool as it runs, what was waited for, the history, keys, and the recording at the end', async () => {
    const page = await visit(await open());
    expect(await page.textContent('#name')).toBe('desk');
    await choose(page, 'letters');
    await type(page, QUESTION);
    await page.waitForSelector('.live .line.tool .tag.state:has-text("still running")');
    await page.waitForSelector('.line.tool .tag.state.ok');
    expect(await page.textContent('.line.tool code')).toBe('repair_status');
    await page.waitForSelector('#turn-1 .tag.outcome.replied');
    expect(await page.textContent('#turn-1 .line.caller')).toContain(QUESTION);
    expect(await page.locator('#turn-1 .names').innerText()).toMatch(/model\s+tools[^]*silence/);
    const roles = await page.locator('#history .role').allTextContents();
    expect(roles).toEqual(['system', 'assistant', 'user', 'assistant', 'tool', 'assistant']);
    expect(await page.textContent('#history .message.tool')).toContain('waiting for parts');
    expect(await page.textContent('#turn-1 .line.agent:last-of-type')).toBeTruthy();
    await page.click('#keys');
    await page.click('[data-digit="7"]');
    await page.waitForSelector('kbd:has-text("7")');
    await page.click('#call');
    await page.waitForSelector('#after:not([hidden]) a');
    const [recorded] = await Promise.all([page.context().waitForEvent('page'), page.click('#after a')]);
    await recorded.waitForSelector('.scene#turn-1');
  });

  test('R27, R28: a handover and a task, as they go on and on the page of the call: who speaks, and what the task comes to', async () => {
    const page = await visit(await openWith({ 'agent.ts': RECEPTION, 'billing.ts': BILLING }));
    await choose(page, 'letters');
    await type(page, 'I have a question about billing.');
    await page.waitForSelector('#after-1 .tag.who:has-text("billing")');
    expect([await page.title(), await page.textContent('#name')]).toEqual(['Talk: billing', 'billing']);
    await type(page, 'Please collect my name.');
    await page.waitForSelector('#turn-2 .tag.task:has-text("collect_name begins")');
    await type(page, 'Asha Rao.');
    await page.waitForSelector('#turn-3 .tag.task:has-text("in collect_name")');
    await type(page, 'Yes.');
    await page.waitForSelector('#turn-4 .tag.task:has-text("collect_name finished")');
    expect(await page.textContent('#turn-1 .tag.who')).toBe('reception');
    expect(await page.locator('#turn-4 .line.task').innerText()).toContain('"name": "Asha Rao"');
    expect(await page.locator('.bracket').count()).toBe(3);
    await page.waitForSelector('#turn-4 .tag.outcome.replied');
    await page.click('#call');
    await page.waitForSelector('#after:not([hidden]) a');
    expect(await page.title()).toBe('Talk: reception'); // who answers the next call
    const [recorded] = await Promise.all([page.context().waitForEvent('page'), page.click('#after a')]);
    await recorded.waitForSelector('.scene#turn-4');
    expect(await recorded.locator('.overview .span text').allTextContents()).toEqual([
      'reception',
      'billing',
      'collect_name',
    ]);
  });

  test('a call of sound: words are dim until they are heard, and the recording can be played and sought in', async () => {
    const page = await visit(await open('--simulate'));
    expect(await page.isChecked('input[value=sound]')).toBe(true);
    await page.click('#call');
    await page.waitForSelector('#greeting .line.agent del'); // said, and not heard yet
    await until(async () => {
      expect(await page.textContent('#greeting .line.agent')).toContain('workshop');
      expect(await page.locator('#greeting .line.agent del').count()).toBe(0);
    });
    await type(page, QUESTION);
    await page.waitForSelector('#turn-1 .tag.outcome.replied', { timeout: 30_000 });
    await page.click('#call');
    await page.waitForSelector('#after audio');
    const seconds = await page.evaluate<number[]>(`(async () => {
      const audio = document.querySelector('#after audio');
      await new Promise((resolve) => (audio.readyState > 0 ? resolve() : (audio.onloadedmetadata = resolve)));
      audio.currentTime = audio.duration / 2;
      await new Promise((resolve) => (audio.onseeked = resolve));
      return [audio.duration, audio.currentTime];
    })()`);
    expect(seconds[0]).toBeGreaterThan(2);
    expect(seconds[1]).toBeCloseTo((seconds[0] ?? 0) / 2, 1);
  });

  /** A voice for a browser that has none: it takes its time over what it is given, and writes it down. */
  const VOICE = `(() => {
    window.said = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    const speak = (utterance) => {
      window.said.push(utterance.text);
      utterance.onstart();
      setTimeout(() => utterance.onend(), 50);
    };
    Object.defineProperty(window, 'speechSynthesis', { value: { speak, cancel() {} } });
  })()`;

  test("by the browser's own voice: what the agent says is spoken clause by clause, all of it and once", async () => {
    const page = await visit(await open());
    await page.evaluate(VOICE);
    await choose(page, 'speech');
    await type(page, QUESTION);
    await page.waitForSelector('#turn-1 .tag.outcome.replied');
    const answers = await page.locator('#history .message.assistant p').allTextContents();
    expect(answers.length).toBeGreaterThan(1); // what is said while the tool runs stands by itself, or before the answer
    const said = await page.evaluate<string[]>('window.said');
    expect(said.length).toBeGreaterThan(2);
    expect(said.map((one) => one.trim()).join(' ')).toBe(answers.join(' '));
  });

  /** An ear for a browser that has none: what it understands, and how it fails, the test says. */
  const EAR = `(() => {
    window.started = 0;
    window.SpeechRecognition = class {
      constructor() { window.ear = this; }
      start() { window.started++; }
      abort() { this.isStopped = true; }
    };
    window.understand = (transcript, isFinal) => {
      const result = Object.assign([{ transcript }], { isFinal });
      window.ear.onresult({ resultIndex: 0, results: [result] });
    };
  })()`;

  test("by the browser's own ear: what it understands is shown, said and answered, and it is started again", async () => {
    const page = await visit(await open());
    await page.addInitScript(EAR);
    await page.reload();
    await page.evaluate(VOICE);
    expect(await page.isChecked('input[value=speech]')).toBe(true);
    await page.click('#call');
    await page.waitForSelector('#state:has-text("In a call.")');
    await until('the greeting', () => page.evaluate<boolean>('window.said.length > 0'));
    await page.evaluate(`window.ear.onspeechstart(); window.understand('what is the status', false)`);
    await page.waitForSelector('#understood:has-text("what is the status")');
    await page.evaluate(`window.understand(${JSON.stringify(QUESTION)}, true); window.ear.onspeechend()`);
    await page.waitForSelector('#turn-1 .line.caller:has-text("4711")');
    await page.waitForSelector('#turn-1 .tag.outcome.replied');
    await page.evaluate(`window.ear.onend()`); // browsers end it after a while
    await until('another start', () => page.evaluate<boolean>('window.started === 2'));
    await page.evaluate(`window.ear.onerror({ error: 'not-allowed' }); window.ear.onend()`);
    await page.waitForSelector('#notice:has-text("Type instead, or allow the microphone")');
    await page.click('#call');
    await page.waitForSelector('#state:has-text("has ended")');
    expect(await page.evaluate('window.started')).toBe(2);
  });

  test('spoken into the microphone: it is understood, answered with the tool, and the sound of both is in the recording', async () => {
    const file = join(silence, 'said.wav');
    const rateHz = 48_000;
    const parts = [new Int16Array(4 * rateHz), encodeToneSpeech(QUESTION, rateHz), new Int16Array(60 * rateHz)];
    writeFileSync(
      file,
      writeWav({ sampleRateHz: rateHz, channels: [Int16Array.from(parts.flatMap((one) => [...one]))] }),
    );
    const speaking = await launch(`${file}%noloop`);
    try {
      const page = await visit(await open('--simulate'), {}, speaking);
      await page.click('#call');
      await page.waitForSelector('#turn-1 .line.caller:has-text("4711")', { timeout: 30_000 });
      await page.waitForSelector('#turn-1 .line.tool .tag.state.ok');
      await page.waitForSelector('#turn-1 .tag.outcome.replied', { timeout: 30_000 });
      await page.click('#call');
      const address = await page.getAttribute('#after audio', 'src');
      const bytes = await page.evaluate<number[]>(
        `fetch(${JSON.stringify(address)}).then((answer) => answer.arrayBuffer()).then((found) => [...new Uint8Array(found)])`,
      );
      const { sampleRateHz, channels } = readWav(Uint8Array.from(bytes));
      const [caller, agent] = channels.map((one) =>
        decodeToneSpeech(one, sampleRateHz)
          .map(({ text }) => text)
          .join(''),
      );
      expect(lettersApart(QUESTION, lettersOf(caller ?? ''))).toBeLessThanOrEqual(2);
      expect(lettersOf(agent ?? '')).toContain(lettersOf('workshop'));
    } finally {
      await speaking.close();
    }
  });

  test('a tool that is saved is in the next call within 2 s, and a running call keeps its own', async () => {
    const project = await open();
    const page = await visit(project);
    await choose(page, 'letters');
    await type(page, QUESTION);
    await page.waitForSelector('#turn-1 .tag.outcome.replied');
    const savedAtMs = performance.now();
    project.write('tools/repair.ts', tool('ready since noon'));
    await page.waitForSelector('#version:has-text("version 2: from the next call on")');
    const loadedInMs = performance.now() - savedAtMs;
    await page.click('#call');
    await page.waitForSelector('#state:has-text("has ended")');
    await type(page, QUESTION);
    await page.waitForSelector('#history .message.tool:has-text("ready since noon")');
    expect(loadedInMs).toBeLessThan(2_000);
  });

  test('a broken file is told on the page with its line, the last good agent answers, and mended it goes on', async () => {
    const project = await open();
    const page = await visit(project);
    project.write('tools/repair.ts', `${tool('x')}\nconst a = = 1;\n`);
    await page.waitForSelector('#faults:not([hidden])');
    expect(await page.innerText('#faults .what')).toBe('tools/repair.ts:15');
    expect(await page.innerText('#faults li p')).toContain('Unexpected token');
    await choose(page, 'letters');
    await type(page, QUESTION);
    await page.waitForSelector('#history .message.tool:has-text("waiting for parts")');
    project.write('tools/repair.ts', tool('ready'));
    await page.waitForSelector('#faults', { state: 'hidden' });
  });

  test('without a mouse: ways, call, words, keys and the end are reached by the keyboard alone', async () => {
    const page = await visit(await open());
    const focused = () =>
      page.evaluate<string>("document.activeElement.id || document.activeElement.getAttribute('value')");
    const tabTo = async (wanted: string) => {
      for (let presses = 0; (await focused()) !== wanted; presses++) {
        expect(presses).toBeLessThan(20);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo('speech');
    await page.keyboard.press('ArrowRight');
    expect(await page.isChecked('input[value=letters]')).toBe(true);
    await tabTo('call');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#state:has-text("In a call")');
    await tabTo('keys');
    await page.keyboard.press('Enter');
    await page.keyboard.press('4');
    await page.waitForSelector('kbd:has-text("4")');
    await tabTo('words');
    await page.keyboard.type('goodbye');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#history .message.user:has-text("goodbye")');
    const state = page.locator('#state');
    if (!(await state.innerText()).includes('ended')) {
      await page.focus('#call');
      await page.keyboard.press('Enter');
    }
    await page.waitForSelector('#state:has-text("has ended")');
  });

  test.each([360, 768, 1_920])(
    'at %i pixels nothing runs out of the page, in the light and in the dark',
    async (width) => {
      const project = await open();
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await visit(project, { viewport: { width, height: 800 }, colorScheme });
        await choose(page, 'letters');
        await type(page, QUESTION);
        await page.waitForSelector('#turn-1 .tag.outcome.replied');
        expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
        const folder = process.env['PARLEY_SCREENSHOTS'];
        if (folder) await page.screenshot({ path: join(folder, `talk-${width}-${colorScheme}.png`), fullPage: true });
      }
    },
  );

  test('two pages have a call each, and each shows its own', async () => {
    const project = await open();
    const [one, other] = [await visit(project), await visit(project)];
    for (const page of [one, other]) await choose(page, 'letters');
    await type(one, 'I am the first');
    await one.waitForSelector('#turn-1 .tag.outcome');
    await type(other, 'I am the second');
    await other.waitForSelector('#turn-1 .line.caller:has-text("second")');
    expect(await one.textContent('#turn-1 .line.caller')).toContain('first');
  });

  test.each(['letters', 'speech'])(
    'a page that is loaded again in the middle of a call by %s shows it, and goes on with it',
    async (way) => {
      const page = await visit(await open());
      await choose(page, way);
      await type(page, QUESTION);
      await page.waitForSelector('#turn-1 .tag.outcome.replied');
      await page.reload();
      await page.waitForSelector('#turn-1 .tag.outcome.replied');
      expect(await page.textContent('#turn-1 .line.caller')).toContain(QUESTION);
      await page.waitForSelector('#state:has-text("In a call.")');
      expect(await page.isChecked(`input[value=${way}]`)).toBe(true);
      await type(page, 'And now?');
      await page.waitForSelector('#turn-2 .line.caller:has-text("And now?")');
      await page.waitForSelector('#turn-2 .tag.outcome.replied');
      await page.click('#call'); // which hangs up
      await page.waitForSelector('#after:not([hidden]) a');
      await page.reload();
      await page.waitForSelector('#turn-2');
      expect(await page.textContent('#call')).toBe('Start the call');
    },
  );

  test('nobody else is answered: not another host, not another origin, not a frame, not another address of the machine', async () => {
    const { url } = await open();
    const { host, port } = new URL(url);
    const ask = (path: string, headers: Record<string, string>) =>
      fetch(`http://${host}${path}`, { headers }).then(({ status }) => status);
    for (const path of ['/talk', '/talk/events', '/healthz', '/web/parley.js']) {
      expect(await ask(path, { origin: 'https://evil.example' })).toBe(403);
    }
    const page = await visit({ url } as Project);
    const policy = (await page.reload())?.headers()['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    await expect(fetch(`http://[::1]:${port}/talk`)).rejects.toThrow();
    const foreign = await page.evaluate(
      (address) =>
        new Promise((resolve) => {
          const socket = new WebSocket(address, ['parley.v1', 'token.x']);
          socket.onopen = () => resolve('open');
          socket.onclose = () => resolve('closed');
        }),
      `ws://${host}/web/call`,
    );
    expect(foreign).toBe('closed');
    faults.length = 0; // the browser has said that it was refused
  });

  test('Ctrl-C ends it in the middle of a call, with exit code 0 and the recording on disk', async () => {
    const { command, ...project } = await open();
    const page = await visit({ command, ...project });
    await choose(page, 'letters');
    await type(page, QUESTION);
    await page.waitForSelector('#turn-1 .tag.outcome.replied');
    command.child.kill('SIGINT');
    const { code, stderr } = await command.exited;
    expect([code, stderr]).toEqual([0, '']);
    await page.waitForSelector('#notice:has-text("not reached")');
    faults.length = 0; // so has the browser
  });
});

test('a port that was asked for and is taken is an error, and one that nobody asked for is another one', async () => {
  const { path, remove } = createFolder({ 'agent.ts': AGENT.replace("'./tools', ", '') });
  const first = start(['talk', 'agent.ts', '--port', '0', '--no-open', '--json'], { cwd: path });
  const port = await until('its port', () => /127\.0\.0\.1:(\d+)/.exec(first.stdout)?.[1]);
  const { code, stderr } = await parley(['talk', 'agent.ts', '--port', port, '--no-open'], { cwd: path });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/another program listens there.*--port/)]);
  first.child.kill('SIGTERM');
  expect((await first.exited).code).toBe(0);
  remove();
});
