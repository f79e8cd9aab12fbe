/** An ear by OpenAI's transcriptions: what is asked when, and what becomes of servers that are late, strange, or not there. */
import { expect, onTestFinished, test } from 'vitest';
import type { ProviderError } from '../../../src/lib/errors.ts';
import type { ListenOptions } from '../../../src/listen/contract.ts';
import {
  createOpenAiTranscriptions,
  type OpenAiTranscriptionsOptions,
} from '../../../src/listen/openai-transcriptions/transcriber.ts';
import {
  startTranscriptionsSimulator,
  type StreamManner,
  type TranscriptionsSimulatorOptions,
} from '../../../src/simulate/openai-transcriptions/server.ts';
import { MULAW, pushFrames, silence, spoken } from '../../helpers/pulse.ts';
import { until } from '../../helpers/until.ts';

async function setUp(
  simulator: TranscriptionsSimulatorOptions = {},
  options: Partial<OpenAiTranscriptionsOptions> = {},
  listen: Partial<ListenOptions> = {},
) {
  const server = await startTranscriptionsSimulator({ answerMs: 0, wordMs: 1, ...simulator });
  const ear = createOpenAiTranscriptions({ baseUrl: server.baseUrl, retryDelaysMs: [5, 10, 15, 20, 25], ...options });
  onTestFinished(async () => {
    await ear.close();
    await server.close();
  });
  const open = ({ hasNext = false } = {}) => {
    const told = {
      finals: [] as string[],
      interims: [] as string[],
      log: [] as string[],
      words: [] as string[],
      errors: [] as ProviderError[],
    };
    const line = ear.open(
      { callId: 'call-1', format: MULAW, listen: { language: 'en', ...listen }, hasNext },
      {
        transcript(text, isFinal, words) {
          (isFinal ? told.finals : told.interims).push(text);
          for (const { word, startMs } of words ?? []) told.words.push(`${word} ${startMs > 950 && startMs < 2_000}`);
        },
        speech: () => {},
        failed: (error) => told.errors.push(error),
        lost: () => told.log.push('lost'),
        connected: (reconnects) => told.log.push(`up ${reconnects}`),
      },
    );
    const say = (text: string, silenceMs = 600) => pushFrames(line, spoken(text, MULAW, silenceMs));
    return { line, told, say };
  };
  return { server, ear, open };
}

test.each<StreamManner>(['openai', 'vllm', 'segments', 'bare', 'ignored', 'refused'])(
  'a server that streams in the way `%s` is understood, and asked in its way from then on',
  async (streams) => {
    const { server, open } = await setUp({ streams });
    const { told, say } = open();
    say('Good morning, Anna.');
    await until(() => expect(told.finals).toEqual(['Good morning, Anna.']));
    say('And good bye.');
    await until(() => expect(told.finals).toEqual(['Good morning, Anna.', 'And good bye.']));
    expect(server.asked.at(-1)?.stream).toBe(streams === 'refused' ? undefined : 'true');
    expect(told.errors).toEqual([]);
  },
);

test('a request has what the agent says, and a file of 16,000 Hz', async () => {
  const listen = { language: 'hi', model: 'whisper-large', keywords: ['Acme:2', 'Rao'], extra: { temperature: '0' } };
  const { server, open } = await setUp({}, {}, listen);
  const { told, say } = open();
  say('Hello.');
  await until(() => expect(told.finals).toEqual(['Hello.']));
  expect(server.asked[0]).toMatchObject({
    model: 'whisper-large',
    language: 'hi',
    prompt: 'Acme, Rao',
    sampleRateHz: 16_000,
  });
});

test('with `verbose_json` words have their times in the call', async () => {
  const { open } = await setUp({ streams: 'ignored' }, {}, { responseFormat: 'verbose_json' });
  const { line, told, say } = open();
  pushFrames(line, silence(1_000));
  say('One two.');
  await until(() => expect(told.finals).toEqual(['One two.']));
  expect(told.words).toEqual(['One true', 'two. true']);
});

test('while a sentence lasts, what has been said so far is told; one request at a time', async () => {
  const { server, open } = await setUp({ answerMs: 20, streams: 'ignored' });
  const { line, told } = open();
  await until(() => expect(told.log).toEqual(['up 0']));
  const text = 'This is a rather long sentence that goes on and on.';
  const audio = spoken(text, MULAW, 600);
  pushFrames(line, audio.subarray(0, 12_800)); // 1.6 s
  await until(() => expect(told.interims).toHaveLength(1));
  pushFrames(line, audio.subarray(12_800, 22_400));
  await until(() => expect(told.interims).toHaveLength(2));
  expect(told.finals).toEqual([]);
  pushFrames(line, audio.subarray(22_400));
  await until(() => expect(told.finals).toEqual([text]));
  for (const interim of told.interims) expect(text.startsWith(interim)).toBe(true);
  expect(server.asked.length).toBeLessThanOrEqual(4);
});

test('what is made up is no text, and the next sentence is heard', async () => {
  const { server, open } = await setUp();
  const { told, say } = open();
  server.fail({ type: 'made-up', text: 'Thank you for watching!' });
  say('Mm.');
  await until(() => expect(told.finals).toEqual(['']));
  say('Hello there.');
  await until(() => expect(told.finals).toEqual(['', 'Hello there.']));
});

test('an answer that breaks off in the middle is asked for again, and told once', async () => {
  const { server, open } = await setUp();
  const { told, say } = open();
  server.fail({ type: 'cut', afterWords: 1 });
  say('Good morning, Anna Rao.');
  await until(() => expect(told.finals).toEqual(['Good morning, Anna Rao.']));
  expect(told.log).toEqual(['up 0', 'lost', 'up 1']);
});

test('what breaks off again and again is given up, as an empty final; the line goes on', async () => {
  const { server, open } = await setUp();
  const { told, say } = open();
  server.fail({ type: 'cut', afterWords: 0 }, 3);
  say('Hello?');
  await until(() => expect(told.finals).toEqual(['']));
  say('Hello again.');
  await until(() => expect(told.finals).toEqual(['', 'Hello again.']));
  expect(told.errors).toEqual([]);
});

test('no answer in time is a failure of the server, and the same is asked again', async () => {
  const { server, ear, open } = await setUp({}, { answerMs: 100 });
  const { told, say } = open();
  server.fail({ type: 'hang' });
  say('Hi.');
  await until(() => expect(told.finals).toEqual(['Hi.']));
  expect(ear.stats).toMatchObject({ failures: 1, reconnects: 1, openSockets: 1 });
});

test('a stretch that is not taken is an empty final; several in a row end the line with the reason', async () => {
  const { server, ear, open } = await setUp();
  const { told, say } = open();
  server.fail({ type: 'refuse', status: 400, message: 'audio is too short' });
  say('Hello.');
  await until(() => expect(told.finals).toEqual(['']));
  say('Hello.');
  await until(() => expect(told.finals).toEqual(['', 'Hello.']));
  server.fail({ type: 'refuse', status: 422, message: 'model `x` cannot hear' }, 3);
  for (const text of ['One.', 'Two.', 'Three.']) say(text);
  await until(() => expect(told.errors).toHaveLength(1));
  expect(told.errors[0]).toMatchObject({ provider: 'openai-transcriptions', code: 'provider-failed', status: 422 });
  expect(String(told.errors[0])).toContain('model `x` cannot hear');
  expect(ear.stats).toMatchObject({ openSockets: 0 });
});

test('an address without the route ends the line at once, with the status', async () => {
  const { server, open } = await setUp();
  const { told, say } = open();
  server.fail({ type: 'refuse', status: 404, message: 'no such route' });
  say('Hello.');
  await until(() => expect(told.errors).toMatchObject([{ code: 'provider-failed', status: 404 }]));
});

test('nobody there: it knocks as often as it should, then says so', async () => {
  const { server, open } = await setUp();
  await server.close();
  const { told } = open();
  await until(() => expect(told.errors).toMatchObject([{ code: 'connect-failed', phase: 'connect' }]));
  expect(told.log).toEqual(Array.from({ length: 5 }, () => 'lost'));
});

test('where somebody else can hear the caller, it knocks once more, and no longer', async () => {
  const { server, open } = await setUp();
  await server.close();
  const { told } = open({ hasNext: true });
  await until(() => expect(told.errors).toMatchObject([{ code: 'connect-failed' }]));
  expect(told.log).toEqual(['lost']);
});

test('where the server tells no times, the words of a stretch stand where its voice was', async () => {
  const { open } = await setUp();
  const { line, told, say } = open();
  pushFrames(line, silence(1_000));
  say('One two.');
  await until(() => expect(told.finals).toEqual(['One two.']));
  expect(told.words).toEqual(['One two. true']);
});

test('while no answer comes, no more than half a minute waits for one, the newest', async () => {
  const { server, open } = await setUp({}, { answerMs: 300 });
  const { told, say } = open();
  await until(() => expect(told.log).toEqual(['up 0']));
  server.fail({ type: 'hang' });
  for (let i = 1; i <= 60; i++) say(`Number ${i}.`, 300);
  await until(() => expect(told.finals.at(-1)).toBe('Number 60.'));
  expect(told.finals.length).toBeLessThan(40);
  const newest = Array.from({ length: 15 }, (_, at) => `Number ${46 + at}.`);
  expect(told.finals.slice(-15)).toEqual(newest);
});

test('OpenAI itself wants a key; another address wants none', () => {
  expect(() => createOpenAiTranscriptions({ baseUrl: 'https://api.openai.com/v1' })).toThrow(
    /PARLEY_TRANSCRIPTIONS_API_KEY is not set/,
  );
});
