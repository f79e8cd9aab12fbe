/**
 * `parley call` as people run it, against workers with stand-ins: what it shows is measured, not assumed.
 *
 * Real time: the command is a process, which calls over sockets.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeToneSpeech, encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { readWav, writeWav } from '../../src/audio/wav.ts';
import type { CallerEvent, CallSummary } from '../../src/cli/caller/observer.ts';
import { lettersApart } from '../../src/testing/heard-words.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns, type TestWorker } from '../helpers/worker.ts';
import type { CommandResult } from './helpers/command.ts';
import { plan, run } from './helpers/processes.ts';

const LONG = 'This answer is long enough for anybody to cut in on it before it has come to its end.';
const start = withStandIns([
  { when: 'short', say: 'Yes.' },
  { when: 'long', say: LONG },
  { when: 'bye', say: 'Bye.', call: { name: 'end_call' } },
  { when: '', say: 'Okay.' },
]);
const planned = plan();
const AGENT = { agent: { tools: ['end_call'] } };

const folder = mkdtempSync(join(tmpdir(), 'parley-call-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

function wavFile(name: string, channels: Int16Array[], sampleRateHz = 8_000): string {
  writeFileSync(inFolder(name), writeWav({ sampleRateHz, channels }));
  return inFolder(name);
}

interface JsonResult extends CommandResult {
  events: CallerEvent[];
  summary: CallSummary & { saved?: string };
}

/** Impatient, since the stand-ins do not hesitate. */
async function callInJson(args: readonly string[], input = ''): Promise<JsonResult> {
  const result = await run(['call', '--json', '--pause', '400', ...args], { input });
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  const parsed = lines.map((line) => JSON.parse(line) as CallerEvent | JsonResult['summary']);
  const summary = parsed.at(-1);
  if (summary?.type !== 'summary') throw new Error(`Expected a summary last, got ${result.stdout}${result.stderr}`);
  return { ...result, summary, events: parsed.slice(0, -1) as CallerEvent[] };
}

const OFTEN = new Set(['mark', 'agent-words', 'gap']);
const typesOf = (events: CallerEvent[]): string[] => events.map(({ type }) => type).filter((type) => !OFTEN.has(type));

function wordsIn(samples: Int16Array | undefined): string {
  const characters = decodeToneSpeech(samples ?? new Int16Array(0), 8_000);
  return characters.map(({ text }) => text).join('');
}

/** On a machine that is busy the line runs dry for a moment now and then, which splits a letter in two or swallows one. */
function expectLike(heard: string | undefined, said: string): void {
  if (lettersApart(said, heard ?? '') > 2) expect(heard).toBe(said);
}

const relayOf = ({ mediaUrl }: TestWorker): string => mediaUrl.replace('media', 'relay');

describe('a line of sound', { timeout: 90_000 }, () => {
  const saved = inFolder('deep/call.wav');
  const whole = planned(async () => {
    const one = await start({}, AGENT);
    const result = await callInJson(['--url', one.url, '--say', 'A short one.', '--save', saved]);
    return { ...result, callIds: one.calls.map(({ caller }) => caller.carrierCallId) };
  });

  test('the caller waits for the greeting, speaks, hears the answer and hangs up', async () => {
    const { code, stderr, events, summary, callIds } = await whole();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(typesOf(events)).toEqual([
      'connected',
      'agent-start',
      'agent-end',
      'caller-start',
      'caller-end',
      'agent-start',
      'agent-end',
      'call-end',
    ]);
    expect(events[0]).toEqual({ type: 'connected', atMs: 0, line: 'media', callSid: summary.callSid, voice: 'tones' });
    expect(events.at(-1)).toMatchObject({ by: 'caller', code: 1000 });
    expect(summary.answers).toHaveLength(2);
    expectLike(summary.answers[0]?.text, 'Hello.');
    expectLike(summary.answers[1]?.text, 'Yes.');
    expect(summary.answers[1]?.afterMs).toBeGreaterThan(300); // the end of the caller's turn is waited for
    expect(summary).toMatchObject({ line: 'media', endedBy: 'caller', cutIns: [], badFrames: 0, saved });
    expect(callIds).toEqual([summary.callSid]);
  });

  test('both sides are kept, the caller left, the agent right', async () => {
    await whole();
    const { sampleRateHz, channels } = readWav(readFileSync(saved));
    expect([sampleRateHz, channels.length]).toEqual([8_000, 2]);
    expectLike(wordsIn(channels[0]), 'A short one.');
    expectLike(wordsIn(channels[1]), 'Hello.Yes.');
  });

  const cutIns = (['typed', 'options'] as const).map((way) => ({
    way,
    result: planned(async () => {
      const one = await start({}, AGENT);
      const [first, second] = ['A long one, please.', 'Stop, stop, a short one.'];
      if (way === 'typed') return callInJson(['--url', one.url], `${first}\n!${second}\n`);
      return callInJson(['--url', one.mediaUrl, '--say', first, '--cut-in', '700', '--say', second]);
    }),
  }));

  test.each(cutIns)('what the caller cuts in on stops, and what was heard of it is told: $way', async ({ result }) => {
    const { code, events, summary } = await result();
    expect(code).toBe(0);
    expect(events.filter(({ type }) => type === 'caller-start')).toMatchObject([{ isCutIn: false }, { isCutIn: true }]);
    expect(events.some((event) => event.type === 'clear' && event.clearedMs > 0)).toBe(true);
    expect(summary.cutIns).toEqual([expect.any(Number)]);
    const [, cut = { text: '' }, answer] = summary.answers;
    expectLike(cut.text, LONG.slice(0, cut.text.length));
    expect(cut.text.length).toBeLessThan(LONG.length - 10);
    expectLike(answer?.text, 'Yes.');
  });

  const recording = planned(async () => {
    const speech = encodeToneSpeech('A short one.', 22_050);
    const withSilentEnd = new Int16Array(speech.length + 2 * 22_050);
    withSilentEnd.set(speech);
    const file = wavFile('speech.wav', [withSilentEnd, new Int16Array(withSilentEnd.length)], 22_050);
    return { file, ...(await callInJson(['--url', (await start({}, AGENT)).url, '--wav', file])) };
  });

  test('a recording of any kind is played, and ends with its last word', async () => {
    const { code, file, events, summary } = await recording();
    expect(code).toBe(0);
    expect(events.find(({ type }) => type === 'caller-start')).toMatchObject({ file });
    expectLike(summary.answers[1]?.text, 'Yes.');
    expect(summary.answers[1]?.afterMs).toBeGreaterThan(0);
  });

  const keys = planned(async () => {
    const one = await start({}, AGENT);
    const calling = callInJson([
      '--url',
      one.url,
      '--keys',
      '12#',
      '--say',
      'And good bye.',
      '--say',
      'One thing more.',
    ]);
    calling.catch(() => {}); // it is told when it is waited for
    const call = await until('the call', () => one.calls[0], 60_000);
    const pressed: string[] = [];
    call.on('digit', ({ digit }) => pressed.push(digit));
    return { ...(await calling), pressed };
  });

  test('keys arrive; when the agent hangs up, who was not let speak is told so', async () => {
    const { code, stderr, summary, pressed } = await keys();
    expect(pressed.join('')).toBe('12#');
    expect([summary.endedBy, summary.code]).toEqual(['worker', 1000]);
    expect([code, stderr]).toEqual([1, 'parley: the call was over before the caller could say "One thing more."\n']);
  });

  const silent = planned(async () => {
    const cough = Int16Array.from({ length: 2_000 }, (_, i) => ((i * 7_919) % 8_001) - 4_000);
    const { url } = await start({}, AGENT);
    return callInJson(['--url', url, '--wav', wavFile('cough.wav', [cough]), '--timeout', '2.5']);
  });

  test('an agent that does not answer is not waited for for ever', async () => {
    const { code, stderr, events } = await silent();
    expect([code, stderr]).toEqual([1, 'parley: the agent said nothing for 2.5 s after the caller\n']);
    expect(events.at(-1)).toMatchObject({ type: 'call-end', by: 'caller' });
  });
});

describe('for people', { timeout: 90_000 }, () => {
  const shown = planned(async () => {
    const { url } = await start({}, AGENT);
    return run(['call', '--url', url, '--pause', '400'], { input: 'A short one.\n' });
  });

  test('what happens is shown row by row, and the sums at the end', async () => {
    const { code, stdout } = await shown();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}0\.00 {2}line {4}connected, a line of sound; the caller's voice: tones\n/);
    expect(stdout).toMatch(/\n +\d\.\d\d {10}H[a-z]+\.\n +\d\.\d\d {10}ends after \d\.\d\d s\n/);
    expect(stdout).toMatch(/\n +\d\.\d\d {2}caller {2}A short one\.\n/);
    expect(stdout).toMatch(/\n +\d\.\d\d {2}agent {3}begins, \d\.\d\d s after the caller's last word\n/);
    expect(stdout).toMatch(/\n\nThe call took \d+\.\d\d s\.\nAnswered once, after \d\.\d\d s\.\n/);
    expect(stdout).not.toContain('mark u');
    expect(stdout).not.toContain('\u001b');
  });

  const stopped = planned(async () => {
    const one = await start({}, AGENT);
    const file = inFolder('stopped.wav');
    const result = await run(['call', '--url', one.url, '--save', file, '--wait', '60000', '--say', 'Never.'], {
      watch: (child, output) =>
        void until('the greeting', () => output().includes('ends after'), 60_000).then(() => child.kill('SIGINT')),
    });
    await until('the worker to know', () => one.worker.calls.size === 0);
    return { ...result, file };
  });

  test('Ctrl-C hangs up, and what was heard is kept', async () => {
    const { code, stderr, stdout, file } = await stopped();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/end {5}the caller hung up\n/);
    expect(stdout).toContain(`Saved, the caller left and the agent right: ${file}\n`);
    expectLike(wordsIn(readWav(readFileSync(file)).channels[1]), 'Hello.');
  });

  const mistyped = planned(async () => run(['call', '--url', (await start()).url], { input: '/dance\n' }));

  test('a typing mistake in a script ends the call and is wrong usage', async () => {
    const { code, stderr } = await mistyped();
    const message = 'parley: expected /keys, /wav, /wait or /hangup, got /dance. Try `parley call --help`.\n';
    expect([code, stderr]).toEqual([2, message]);
  });
});

describe('a line of text', { timeout: 90_000 }, () => {
  const calls = (['direct', 'by webhook'] as const).map((way) => ({
    way,
    result: planned(async () => {
      const one = await start({ PARLEY_TWILIO_LINE: 'relay' }, AGENT);
      const url = way === 'direct' ? relayOf(one) : one.url;
      return callInJson(['--url', url, '--parameter', 'tenant=acme'], 'A short one.\n/keys 7\n');
    }),
  }));

  test.each(calls)('words go as prompts, keys as keys, and what is spoken is heard: $way', async ({ result }) => {
    const { code, events, summary } = await result();
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ line: 'relay', voice: 'text' });
    expect(summary.answers.slice(0, 2).map(({ text }) => text)).toEqual(['Hello.', 'Yes.']);
    expect(summary.answers[1]?.afterMs).toBeGreaterThan(0);
    expect(events.find(({ type }) => type === 'caller-keys')).toMatchObject({ digits: '7' });
  });

  const unfit = planned(async () => {
    const one = await start({ PARLEY_TWILIO_LINE: 'relay' });
    const file = wavFile('hi.wav', [encodeToneSpeech('Hi.', 8_000)]);
    const [direct, byWebhook] = await Promise.all([
      run(['call', '--url', relayOf(one), '--wav', file]),
      run(['call', '--url', one.url, '--pause', '100', '--wav', file]),
    ]);
    return { file, direct, byWebhook, kept: await run(['call', '--url', one.url, '--save', `${file}.out`]) };
  });

  test('it plays no recordings and keeps none', async () => {
    const { file, direct, byWebhook, kept } = await unfit();
    expect([direct.code, direct.stderr]).toEqual([2, expect.stringContaining('expected --say on a line of text')]);
    expect([byWebhook.code, byWebhook.stderr]).toEqual([1, `parley: this line carries text: it cannot play ${file}\n`]);
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringContaining('there is no sound to save')]);
  });
});

describe('who does not answer', { timeout: 90_000 }, () => {
  const signed = planned(async () => {
    const one = await start(SIGNED, AGENT);
    const rest = ['--pause', '100', '--signed-url', PUBLIC_URL];
    const environment = { env: { PARLEY_TWILIO_AUTH_TOKEN: `${AUTH_TOKEN},old` } };
    return {
      good: await Promise.all([
        run(['call', '--url', one.url, '--auth-token', AUTH_TOKEN, ...rest]),
        run(['call', '--url', one.mediaUrl, ...rest], environment),
      ]),
      bad: await Promise.all([
        run(['call', '--url', one.url, ...rest]),
        run(['call', '--url', one.mediaUrl, '--auth-token', 'wrong', ...rest]),
      ]),
    };
  });

  test('signed as by Twilio a call gets in where no other does', async () => {
    const { good, bad } = await signed();
    expect(good.map(({ code }) => code)).toEqual([0, 0]);
    expect(bad.map(({ code }) => code)).toEqual([1, 1]);
    expect(bad[0]?.stderr).toMatch(/\(HTTP 403\): sign it with --auth-token/);
    expect(bad[1]?.stderr).toMatch(/\(HTTP 403\): --auth-token has to be .*--signed-url/);
  });

  const full = planned(async () => {
    const one = await start({ PARLEY_MAX_CALLS: '1', PARLEY_REFUSAL: 'Try again tomorrow.' });
    const taken = await one.dial();
    const results = await Promise.all(
      [one.mediaUrl, one.url, `${one.url}/twilio/video`].map((url) => run(['call', '--url', url])),
    );
    await taken.hangUp();
    return { results, url: one.url };
  });

  test('a worker that takes no call says why: full at its socket, in words at its webhook', async () => {
    const { results, url } = await full();
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual([
      [1, 'parley: the worker takes no calls now (HTTP 503); it says to try again in 10 s\n'],
      [1, 'parley: the worker did not take the call; it said: "Try again tomorrow."\n'],
      [1, `parley: there is no such path at the worker (HTTP 404): ${url}/twilio/video\n`],
    ]);
  });

  const voiceless = planned(async () => {
    const { url } = await start({ PARLEY_SIMULATE: 'false', PARLEY_PLAN: 'none' }, AGENT);
    const env = { PATH: folder };
    return Promise.all([
      run(['call', '--url', url, '--pause', '100', '--say', 'Hello?'], { env }),
      run(['call', '--url', url, '--pause', '100'], { env }),
    ]);
  });

  test('a worker with the real services wants a real voice; who says nothing needs none', async () => {
    const [speaking, silent] = await voiceless();
    expect([speaking.code, speaking.stderr]).toEqual([
      1,
      expect.stringMatching(/install flite or espeak-ng, play recordings with --wav/),
    ]);
    expect([silent.code, silent.stderr]).toEqual([0, '']);
  });

  const absent = planned(async () => {
    const server = createServer((_, response) => response.end('<html>Hello</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = ['http://127.0.0.1:9', 'ws://127.0.0.1:9', url, url.replace('http', 'ws')];
    const results = await Promise.all(addresses.map((address) => run(['call', '--url', address])));
    server.close();
    return results;
  });

  test('who is not there, or is no worker, is named with the reason', async () => {
    const results = await absent();
    const says = [
      /^parley: cannot call http:\/\/127\.0\.0\.1:9\/twilio\/voice: /,
      /^parley: cannot call ws:\/\/127\.0\.0\.1:9\/twilio\/media: /,
      /^parley: TwiML: Expected `<Response>`, got `<html>`\n$/,
      /^parley: .*HTTP 200\n$/,
    ];
    for (const [index, { code, stderr }] of results.entries()) {
      expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
      expect(stderr).toMatch(says[index] ?? /never/);
    }
  });

  const wrong: [args: string[], code: number, says: RegExp][] = [
    [['--url', 'foo'], 2, /expected --url to be an address such as http:\/\/127\.0\.0\.1:8080, got foo/],
    [['--cut-in', '300'], 2, /expected --say, --wav or --keys after --cut-in/],
    [['--voice', 'x'], 2, /Allowed choices are system, tones, auto/],
    [['--pause', '1'], 2, /expected --pause to be milliseconds from 50 to 600000, got 1/],
    [['--timeout', 'x'], 2, /expected --timeout to be seconds from 0\.1 to 86400, got x/],
    [['--parameter', 'x'], 2, /expected --parameter to be name=value, got x/],
    [['--wav', '/nowhere.wav'], 1, /cannot read \/nowhere\.wav: there is no such file/],
    [['--wav', 'package.json'], 1, /package\.json: WAV: Expected a WAV file/],
    [['--save', 'package.json/x.wav'], 1, /cannot write package\.json\/x\.wav/],
  ];
  const wrongResults = wrong.map(([args]) => planned(() => run(['call', '--url', 'http://127.0.0.1:9', ...args])));

  test('wrong usage is found out before anybody is called', async () => {
    for (const [index, [args, code, says]] of wrong.entries()) {
      const result = await wrongResults[index]?.();
      expect({ args, code: result?.code, stdout: result?.stdout }).toEqual({ args, code, stdout: '' });
      expect(result?.stderr).toMatch(says);
    }
  });
});
