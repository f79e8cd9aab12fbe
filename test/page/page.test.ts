import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { renderPage } from '../../src/page/page.ts';
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

const AUDIO = { audio: 'call.wav' };

/** Every event there is, with `words` wherever something comes from outside. */
function everything(words: string): CallEvent[] {
  const kinds = ['filler', 'tool-filler', 'progress', 'recovery', 'verbatim'] as const;
  return inOrder([
    start({ bridge: words, from: words, to: words, agent: words }),
    text(1, 0, undefined, words, 'greeting'),
    ...callerVoice(100, 900),
    event(950, { type: 'transcript', text: 'zzz', isFinal: true }),
    event(960, { type: 'transcript', text: `aside ${words}`, isFinal: true }),
    turnStart(1_000, 1, words),
    stepStart(1_000, 1, 1),
    ...kinds.map((kind, index) => text(1_100 + index, 1, 1, words, kind)),
    toolStart(1_200, 1, words, words, { arguments: { [words]: words }, effect: 'write' }),
    event(1_210, { type: 'tool-progress', turn: 1, id: words, name: words, text: words }),
    toolEnd(1_300, 1, words, words, { result: { [words]: [words] } }),
    toolStart(1_310, 1, 'b', words),
    toolEnd(1_320, 1, 'b', words, { ok: false, failure: 'tool-error', error: words }),
    toolStart(1_330, 1, 'c', words),
    stepEnd(1_400, 1, 1, { requestId: words }),
    event(1_450, { type: 'error', turn: 1, step: 1, code: words, message: words, requestId: words }),
    event(1_460, { type: 'digit', digit: words }),
    event(1_465, { type: 'transfer', turn: 1, to: words, ok: false, error: words }),
    event(1_466, { type: 'transfer', turn: 1, to: words, ok: true }),
    event(1_470, { type: 'compaction', turn: 1, droppedMessages: 3, keptMessages: 4 }),
    ...agentVoice(1, 1_500, 3_000),
    event(2_900, { type: 'interruption', turn: 1, heard: words, unheard: words }),
    turnEnd(3_000, 1, words, { outcome: 'interrupted', firstWordMs: 500, silence: { endpointingMs: 100 } }),
    turnStart(3_500, 2, words),
    toolEnd(3_600, 1, 'c', words, { isLate: true, result: words }),
    turnEnd(4_000, 2, '', { outcome: 'failed' }),
    text(5_000, 2, undefined, words, 'nudge'),
    end(6_000, { reason: words }),
  ]);
}

/** What a browser makes of the page: the names of its elements and attributes, in their order. */
function skeletonOf(page: string): string[] {
  const body = page.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '');
  const tags = body.match(/<[^>]*>/g) ?? [];
  return tags.map((tag) => tag.replace(/="[^"]*"/g, '=').replace(/\s+/g, ' '));
}

describe('what comes from outside', () => {
  const attacks = [
    `"><script>alert(1)</script>`,
    `' onmouseover='alert(1)' x='`,
    `" onload="alert(1)" x="`,
    `</style><img src=x onerror=alert(1)>`,
    `</script><script>alert(1)//`,
    `</title></svg></math><iframe src=//evil.example>`,
    `<!-- --!> <![CDATA[ ]]> <svg/onload=alert(1)>`,
    `javascript:alert(1)&Tab;&lt;b&gt;\u202e\u0000`,
    '`-alert(1)-`${alert(1)}',
  ];

  test.each(attacks.map((attack) => [JSON.stringify(attack), attack]))('is never markup: %s', (_, attack) => {
    const harmless = renderPage(everything('x'.repeat(attack.length)), AUDIO);
    const attacked = renderPage(everything(attack), AUDIO);
    expect(skeletonOf(attacked)).toEqual(skeletonOf(harmless));
    expect(attacked.match(/<script/g)).toHaveLength(1);
  });

  test('is shown as it was said, in every place', () => {
    const shown = renderPage(everything('<b>&"'), AUDIO).match(/&lt;b&gt;&amp;&quot;/g) ?? [];
    expect(shown.length).toBeGreaterThan(40);
  });

  test('cannot lead the recording to another place', () => {
    const page = renderPage([start(), end(10)], { audio: 'https://evil.example/a"b.wav' });
    expect(page).toContain('src="./https%3A%2F%2Fevil.example%2Fa%22b.wav"');
  });
});

describe('the page', () => {
  const page = renderPage(everything('one two'), { ...AUDIO, startedAt: new Date('2026-11-23T03:04:05Z') });

  test('allows itself its own script, to the byte, and nothing from anywhere else', () => {
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy.replaceAll('&#39;', "'")).toContain(`default-src 'none'`);
    expect(policy.replaceAll('&#39;', "'")).toContain(`script-src 'sha256-${hash}';`);
    expect(() => new Script(script)).not.toThrow();
  });

  test('needs no other file but the recording, and no network', () => {
    const references = page.match(/(?:src|href)="[^"]*"|url\([^)]*\)|@import/g) ?? [];
    const outside = references.filter((one) => !/^(href="#|url\(#)/.test(one));
    expect(outside).toEqual(['src="./call.wav"']);
    expect(page).not.toMatch(/https?:\/\//);
  });

  test('every link leads to a scene, and every id is there once', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/(?:href="|url\()#([^")]+)/g)].map(([, id]) => id);
    expect(targets.length).toBeGreaterThan(5);
    for (const target of targets) expect(ids).toContain(target);
  });

  test('every element that is opened is closed', () => {
    const open: string[] = [];
    for (const [, slash, name = '', empty] of page
      .replace(/<script>.*?<\/script>/s, '')
      .matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
      if (empty || name === 'meta') continue;
      if (slash) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  test('says at the top who called whom, when, for how long, and how it ended', () => {
    const header = page.slice(page.indexOf('<header'), page.indexOf('</header>'));
    for (const words of ['one two → one two', '2026-11-23 03:04:05 UTC', '0:06.0', 'ended: one two', 'call-1']) {
      expect(header).toContain(words);
    }
  });

  test('names first what went wrong, with the id that support asks for', () => {
    const notices = page.slice(page.indexOf('Look here first'), page.indexOf('class="dock"'));
    expect(notices).toContain('href="#turn-1"');
    expect(notices).toContain('request <code>one two</code>');
    expect(notices).toContain('tool-error');
    expect(notices).toContain('ended as failed');
  });

  test('folds arguments and results away, and strikes out what was not heard', () => {
    expect(page).toMatch(/<details>[^]*?<code>one two<\/code ?>[^]*?&quot;one two&quot;: \[/);
    expect(page).toContain('<del>one two</del>');
  });

  test('marks every phrase with its kind', () => {
    for (const kind of ['greeting', 'filler', 'tool-filler', 'progress', 'recovery', 'verbatim', 'nudge']) {
      expect(page).toContain(`<span class="tag">${kind}</span>`);
    }
  });

  test('plays from where a line was heard', () => {
    expect(page).toMatch(/class="line agent" data-at="1500"/);
  });
});

test('when all went well, there is nothing to look at first', () => {
  const calm = [
    start(),
    turnStart(10, 1, 'Hi'),
    text(400, 1, 1, 'Hello.'),
    turnEnd(500, 1, 'Hello.', { firstWordMs: 390 }),
    end(600),
  ];
  expect(renderPage(calm, AUDIO)).not.toContain('Look here first');
  expect(renderPage(calm.slice(0, -1), AUDIO)).toContain('The recording stops before the end of the call.');
});

test('slow turns are told in one line, the slowest first', () => {
  const slow = (turn: number, ms: number) => [
    turnStart(turn * 10_000, turn, 'Hi'),
    turnEnd(turn * 10_000 + ms, turn, '', { firstWordMs: ms, silence: { modelMs: ms } }),
  ];
  const page = renderPage([start(), ...slow(1, 3_000), ...slow(2, 400), ...slow(3, 5_000), end(40_000)], AUDIO);
  const line = page.slice(page.indexOf('Slow'), page.indexOf('class="dock"'));
  expect([...line.matchAll(/#(turn-\d)/g)].map(([, id]) => id)).toEqual(['turn-3', 'turn-1']);
  expect(line).toContain('mostly model');
});

test('a call in text has no player, and its words are there', () => {
  const page = renderPage(
    [
      start({ bridge: 'chat' }),
      turnStart(10, 1, 'नमस्ते'),
      text(300, 1, 1, 'Hello.'),
      turnEnd(400, 1, 'Hello.'),
      end(500),
    ],
    { audio: undefined },
  );
  expect(page).not.toContain('<audio');
  expect(page).toContain('नमस्ते');
  expect(page).toContain('<span>waiting</span>');
});

test('a recorded call shows its voices as they sounded, in step with the rest, however long it was', () => {
  const loudness = (ms: number) => ({
    stepMs: 40,
    caller: Array.from({ length: ms / 40 }, () => 1),
    agent: [0.5, 7],
  });
  const draw = (ms: number) => renderPage([start(), end(ms)], { ...AUDIO, loudness: loudness(ms) });
  expect(draw(4_000)).toMatch(/class="wave caller"[^>]*width="98.8%"[^>]*viewBox="0 0 100 100"/);
  const points = Number(/viewBox="0 0 (\d+) 100"/.exec(draw(3_600_000))?.[1]);
  expect(points).toBeGreaterThan(1_000);
  expect(points).toBeLessThanOrEqual(1_200);
});

test('any part of the events, in any order, makes a page', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(everything('x')), (events) => {
      expect(renderPage(events, AUDIO)).toMatch(/^<!doctype html>.*<\/html>\s*$/s);
    }),
    { numRuns: 60 },
  );
});

test('of nothing at all it makes a page that says so', () => {
  expect(renderPage([], { audio: undefined })).toContain('the end was not recorded');
});

test('very long results are cut, and the page says by how much', () => {
  const page = renderPage(
    [
      start(),
      turnStart(0, 1, 'Hi'),
      toolStart(10, 1, 'a', 'find'),
      toolEnd(20, 1, 'a', 'find', { result: 'y'.repeat(90_000) }),
      end(99),
    ],
    AUDIO,
  );
  expect(page).toContain('… 50,000 more characters');
});

test('a long call has a section, a column and a link for every turn', () => {
  const turns = Array.from({ length: 120 }, (_, index) => {
    const atMs = 1_000 + index * 15_000;
    return [
      ...callerVoice(atMs, atMs + 2_000),
      turnStart(atMs + 2_500, index + 1, `Question ${index + 1}`),
      stepStart(atMs + 2_500, index + 1, 1),
      ...Array.from({ length: 20 }, (_none, word) => text(atMs + 2_900 + word * 5, index + 1, 1, ` word${word}`)),
      stepEnd(atMs + 3_050, index + 1, 1),
      ...agentVoice(index + 1, atMs + 3_300, atMs + 9_000),
      turnEnd(atMs + 9_000, index + 1, '', { firstWordMs: 800, silence: { endpointingMs: 500, modelMs: 400 } }),
    ];
  });
  const page = renderPage([start(), ...turns.flat(), end(1_802_000)], AUDIO);
  expect(page.match(/<section class="scene turn"/g)).toHaveLength(120);
  expect(page.match(/href="#turn-120"/g)).toHaveLength(3);
  expect(page).toContain('30:02.0');
});
