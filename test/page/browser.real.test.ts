/**
 * The page of a call in a real browser: it plays, it seeks, and what stands on its pictures can be told apart and read.
 *
 * Real time: a browser plays it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeWav } from '../../src/audio/wav.ts';
import { renderPage } from '../../src/page/page.ts';
import { sine } from '../helpers/sine.ts';
import { BROWSER, startBrowser } from './helpers/browser.ts';
import {
  agentVoice,
  callerVoice,
  end,
  event,
  inOrder,
  start,
  stepEnd,
  stepStart,
  text,
  toolEnd,
  toolStart,
  turnEnd,
  turnStart,
} from './helpers/events.ts';
import { LONG_SPANS } from './helpers/long-spans.ts';

const LENGTH_MS = 20_000;

/** A greeting, a turn that is cut off after a hold, and one that says goodbye and ends the call. */
const CALL = inOrder([
  start(),
  text(0, 0, undefined, 'Hello, this is the clinic.', 'greeting'),
  ...agentVoice(0, 100, 2_000),
  ...callerVoice(2_500, 4_000),
  turnStart(4_500, 1, 'What is free tomorrow?'),
  stepStart(4_500, 1, 1),
  text(4_900, 1, 1, 'We have nine thirty, ten and eleven in the morning, and two in the afternoon.'),
  stepEnd(5_000, 1, 1),
  event(5_200, { type: 'reply-audio-start', turn: 1 }),
  ...callerVoice(8_000, 9_500),
  event(8_000, { type: 'reply-audio-paused', turn: 1 }),
  event(8_700, { type: 'interruption', turn: 1, heard: 'We have nine thirty,', unheard: 'ten and eleven' }),
  event(8_700, { type: 'reply-audio-end', turn: 1 }),
  turnEnd(8_700, 1, 'We have nine thirty,', { outcome: 'interrupted', firstWordMs: 700 }),
  turnStart(10_000, 2, 'Nothing, goodbye.'),
  stepStart(10_000, 2, 1),
  text(10_400, 2, 1, 'Thank you for calling. Goodbye!'),
  toolStart(10_500, 2, 'end', 'end_call', { effect: 'terminal' }),
  toolEnd(10_510, 2, 'end', 'end_call', {}),
  stepEnd(10_520, 2, 1, { textKind: 'filler' }),
  ...agentVoice(2, 10_600, 13_000),
  turnEnd(13_000, 2, 'Thank you for calling. Goodbye!', { firstWordMs: 600 }),
  end(LENGTH_MS),
]);

describe.runIf(BROWSER !== undefined)('the page of a call in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-page-'));
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const samples = sine(440, LENGTH_MS, 8_000);
    writeFileSync(join(folder, 'call.wav'), writeWav({ sampleRateHz: 8_000, channels: [samples, samples] }));
    writeFileSync(join(folder, 'call.html'), renderPage(CALL, { audio: 'call.wav' }));
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
    await page.goto(pathToFileURL(join(folder, 'call.html')).href);
    await until('document.querySelector("audio").readyState >= 2');
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** What the page's own script, or its style, makes of it. */
  const ask = <Answer>(expression: string): Promise<Answer> => page.evaluate(expression);
  const until = (expression: string) =>
    vi.waitFor(async () => expect(await ask<unknown>(`Boolean(${expression})`)).toBe(true), { timeout: 20_000 });
  const nowSeconds = () => ask<number>('document.querySelector("audio").currentTime');
  const isPaused = () => ask<boolean>('document.querySelector("audio").paused');
  const colourOf = (selector: string, property: string) =>
    ask<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);

  test('space and arrows play and seek, wherever the focus is', async () => {
    for (const focus of ['body', '.turn-area', 'audio']) {
      await ask(`document.querySelector('${focus}').focus()`);
      await page.keyboard.press(' ');
      await until('!document.querySelector("audio").paused');
      await page.keyboard.press(' ');
      expect(await isPaused()).toBe(true);
      await ask('void (document.querySelector("audio").currentTime = 6)');
      await page.keyboard.press('ArrowRight');
      expect(await nowSeconds()).toBe(11);
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Shift+ArrowLeft');
      expect(await nowSeconds()).toBe(5);
      expect(await isPaused()).toBe(true);
    }
    await ask('void (document.querySelector("audio").currentTime = 2)');
    await page.keyboard.press('ArrowLeft');
    expect(await nowSeconds()).toBe(0);
    for (let press = 0; press < 6; press++) await page.keyboard.press('ArrowRight');
    expect(await nowSeconds()).toBeCloseTo(LENGTH_MS / 1_000, 1);
  });

  test('space is still its own on a line of a tool that opens, and letters stay those of a form', async () => {
    await ask('document.querySelector(".line.tool summary").focus()');
    await page.keyboard.press(' ');
    expect(await ask<boolean>('document.querySelector(".line.tool details").open')).toBe(true);
    expect(await isPaused()).toBe(true);
    await ask('document.querySelector(".follow input").focus()');
    await page.keyboard.press(' ');
    expect(await ask<boolean>('document.querySelector(".follow input").checked')).toBe(true);
    expect(await isPaused()).toBe(true);
  });

  test('playhead and cut-in are of two colours, and the legend has both, with what is held back', async () => {
    await ask('void (document.querySelector("audio").currentTime = 6)');
    await until('document.querySelector("#turn-1 .playhead.on")');
    const [head, cutIn] = [
      await colourOf('#turn-1 .playhead', 'stroke'),
      await colourOf('#turn-1 .cut-in line', 'stroke'),
    ];
    expect(head).not.toBe(cutIn);
    expect(await colourOf('.legend i.playing', 'backgroundColor')).toBe(head);
    expect(await colourOf('.legend i.cut-in', 'backgroundColor')).toBe(cutIn);
    expect(await page.locator('.legend').innerText()).toMatch(/held back for the caller's voice.*cut in.*playing/s);
  });

  test('the text on held playback can be read: what is held is marked below it', async () => {
    const [held, words] = await ask<[{ top: number; height: number }, { bottom: number }]>(
      `[document.querySelector('#turn-1 .held rect').getBoundingClientRect(),
        document.querySelector('#turn-1 .agent.working .inside text').getBoundingClientRect()].map((box) => box.toJSON())`,
    );
    expect(held.height).toBeLessThanOrEqual(5);
    expect(held.top).toBeGreaterThanOrEqual(words.bottom - 3); // the foot of a `g` may touch it
  });

  test('a cut-in stands where the agent fell silent, in the turn and in the whole call', async () => {
    const lines = await ask<{ turn: number; hold: number; overview: number }>(`({
      turn: document.querySelector('#turn-1 .cut-in line').getBoundingClientRect().x,
      hold: document.querySelector('#turn-1 .held rect').getBoundingClientRect().x,
      overview: parseFloat(document.querySelector('.overview .cut-in line').getAttribute('x1')),
    })`);
    expect(Math.abs(lines.turn - lines.hold)).toBeLessThan(3);
    expect(lines.overview).toBeCloseTo(40, 0); // 8 of 20 s
  });

  test('a goodbye is no filler', async () => {
    const words = await page.locator('#turn-2 .line.agent').innerText();
    expect(words).toContain('Goodbye!');
    expect(words).not.toContain('filler');
  });

  test('no label of an axis runs into another', async () => {
    const overlaps = await ask<number>(`[...document.querySelectorAll('svg.plot')].flatMap((plot) => {
      const boxes = [...plot.querySelectorAll('.tick-label')].map((label) => label.getBoundingClientRect());
      const shown = boxes.filter(({ width }) => width > 0).sort((one, other) => one.left - other.left);
      return shown.filter((box, index) => index > 0 && box.left < shown[index - 1].right);
    }).length`);
    expect(overlaps).toBe(0);
  });

  test('nothing of it runs over the edge, and nothing is complained of', async () => {
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.reload();
    await until('document.querySelector("audio").readyState >= 2');
    await page.screenshot({ path: process.env['PARLEY_SCREENSHOT'] ?? join(folder, 'page.png'), fullPage: true });
    expect(await ask<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test('R28: the bracket of a task is one line from where it begins to where it ends, beside that of a task within it', async () => {
    writeFileSync(join(folder, 'spans.html'), renderPage(LONG_SPANS, { audio: undefined }));
    const spans = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
    await spans.goto(pathToFileURL(join(folder, 'spans.html')).href);
    const boxes = await spans.evaluate<[top: number, bottom: number, left: number][][]>(`[0, 1].map((depth) =>
      [...document.querySelectorAll('.bracket.depth-' + depth)].map((one) => {
        const { top, bottom, left } = one.getBoundingClientRect();
        return [top, bottom, left];
      }))`);
    const [outer = [], inner = []] = boxes;
    expect([outer.length, inner.length]).toEqual([3, 2]);
    for (const line of boxes) {
      for (const [index, [top]] of line.entries()) expect(top).toBeLessThanOrEqual(line[index - 1]?.[1] ?? top);
    }
    expect(inner[0]?.[2]).toBeGreaterThan(outer[0]?.[2] ?? Infinity);
    expect(await spans.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    await spans.close();
  });
});
