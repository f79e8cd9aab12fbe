import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/g711.ts';
import { createResampler } from '../../../src/audio/resample.ts';
import type { KnownAudio } from '../../../src/simulate/pulse/known-audio.ts';
import { Hearing } from '../../../src/simulate/pulse/hearing.ts';
import { KEY, silence, simulate, spoken } from '../../helpers/pulse.ts';
import { until } from '../../helpers/until.ts';

type Frame = Record<string, unknown>;

async function connect(url: string, query: Record<string, string> = {}, { route = '/stt/live', key = KEY } = {}) {
  const parameters = new URLSearchParams({
    ...(route === '/stt/live' && { model: 'pulse' }),
    language: 'en',
    encoding: 'mulaw',
    sample_rate: '8000',
    ...query,
  });
  for (const [name, value] of [...parameters]) if (value === '') parameters.delete(name);
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${route}?${parameters.toString()}`, {
    headers: { Authorization: `Bearer ${key}` },
  });
  onTestFinished(() => socket.terminate());
  const frames: Frame[] = [];
  const outcome: { status?: number; close?: number; body?: string } = {};
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  socket.on('close', (code) => (outcome.close = code));
  socket.on('error', () => {});
  socket.on('unexpected-response', (_request, response) => {
    outcome.status = response.statusCode ?? 0;
    response.on('data', (text: Buffer) => (outcome.body = text.toString()));
  });
  await until(() =>
    expect(socket.readyState === WebSocket.OPEN || outcome.status !== undefined || outcome.close !== undefined).toBe(
      true,
    ),
  );
  return {
    socket,
    frames,
    outcome,
    finals: () => frames.filter((frame) => frame.is_final).map((frame) => frame.transcript),
  };
}

const speak = (socket: WebSocket, audio: Uint8Array) => {
  for (let at = 0; at < audio.length; at += 640) socket.send(audio.subarray(at, at + 640));
};

describe('what it says', () => {
  test('interims word by word in plain letters, a final as it was spoken, and an empty one for a finalize too many', async () => {
    const { url } = await simulate();
    const { socket, frames, finals } = await connect(url, { vad_events: 'true', word_timestamps: 'true' });
    speak(socket, Buffer.concat([spoken('Is flight QX41 on time?'), silence(900)]));
    await until(() => expect(finals()).toEqual(['Is flight QX41 on time? ']));
    socket.send('{"type":"finalize"}');
    await until(() => expect(finals()).toEqual(['Is flight QX41 on time? ', '']));
    const interims = frames.filter((frame) => frame.is_final === false);
    expect(interims.map((frame) => frame.transcript)).toEqual([
      'is',
      'is flight',
      'is flight qx41',
      'is flight qx41 on',
      'is flight qx41 on time',
    ]);
    expect(frames[0]).toMatchObject({ type: 'speech_started', timestamp: 0 });
    expect(frames.map((frame) => frame.type)).toContain('speech_ended');
    const final = frames.find((frame) => frame.is_final)!;
    expect(final).toMatchObject({ type: 'transcription', status: 'success', is_last: false, language: 'en' });
    expect((final.words as Frame[])[1]).toMatchObject({ word: 'flight', start: expect.closeTo(0.2, 2) as number });
    expect(frames.every((frame) => frame.session_id === frames[0]!.session_id)).toBe(true);
  });

  test('several finals a turn by word count, also when they were not asked for', async () => {
    const { url } = await simulate();
    const words = await connect(url, { max_words: '2' });
    speak(words.socket, Buffer.concat([spoken('one two three four five'), silence(900)]));
    await until(() => expect(words.finals()).toEqual(['one two ', 'three four', 'five ']));
    const unasked = await simulate({ maxWords: 3, trailingSpace: 'never' });
    const other = await connect(unasked.url, { finalize_on_words: 'false' });
    speak(other.socket, Buffer.concat([spoken('one two three four'), silence(900)]));
    await until(() => expect(other.finals()).toEqual(['one two three', 'four']));
  });

  test('without formatting, capitals and marks are gone; without words asked for, none come', async () => {
    const { url } = await simulate();
    const { socket, frames, finals } = await connect(url, { format: 'false' });
    speak(socket, Buffer.concat([spoken('Hello, Bob.'), silence(900)]));
    await until(() => expect(finals()).toEqual(['hello bob ']));
    expect(frames.some((frame) => 'words' in frame)).toBe(false);
    expect(frames.some((frame) => frame.type === 'speech_started')).toBe(false);
  });

  test('a caller cut off in the middle of a word is heard to there', async () => {
    const { url } = await simulate({ trailingSpace: 'never' });
    const { socket, finals } = await connect(url);
    const speech = spoken('cancel my appointment');
    speak(socket, Buffer.concat([speech.subarray(0, 15 * 533), silence(900)]));
    await until(() => expect(finals()).toHaveLength(1));
    expect('cancel my appointment'.startsWith(finals()[0] as string)).toBe(true);
    expect(finals()[0]).toMatch(/^cancel my appo/);
  });

  test('the wrong encoding gives no error, only nothing', async () => {
    const { url } = await simulate();
    const { socket, finals } = await connect(url, { encoding: 'linear16' });
    speak(socket, Buffer.concat([spoken('can you hear me'), silence(900)]));
    socket.send('{"type":"finalize"}');
    await until(() => expect(finals()).toEqual(['']));
  });

  test('close_stream flushes, marks the last final, and closes with 1000', async () => {
    const { url } = await simulate();
    const { socket, frames, outcome } = await connect(url);
    speak(socket, spoken('bye'));
    socket.send('{"type":"close_stream"}');
    await until(() => expect(outcome.close).toBe(1000));
    expect(frames.at(-1)).toMatchObject({ transcript: 'bye ', is_final: true, is_last: true });
  });

  test('VAD events can be off although they were asked for', async () => {
    const { url } = await simulate({ vadEvents: false });
    const { socket, frames, finals } = await connect(url, { vad_events: 'true' });
    speak(socket, Buffer.concat([spoken('hello'), silence(900)]));
    await until(() => expect(finals()).toHaveLength(1));
    expect(frames.map((frame) => frame.type)).not.toContain('speech_started');
  });

  test('the older route needs no model and sends word times unasked', async () => {
    const { url } = await simulate();
    const { socket, frames, finals } = await connect(url, {}, { route: '/pulse/get_text' });
    speak(socket, Buffer.concat([spoken('old'), silence(900)]));
    await until(() => expect(finals()).toHaveLength(1));
    expect(frames.at(-1)!.words).toHaveLength(1);
  });
});

describe('what it refuses', () => {
  test.each([
    [{ model: '' }, 400, 'model'],
    [{ model: 'pulse-pro' }, 400, 'pulse-pro'],
    [{ language: 'multi' }, 400, 'multi'],
    [{ encoding: 'opus' }, 400, 'opus'],
    [{ sample_rate: '11025' }, 400, '11025'],
    [{ eou_timeout_ms: '50' }, 400, 'eou_timeout_ms'],
  ])('%j with %i', async (query, status, words) => {
    const { url } = await simulate();
    const { outcome } = await connect(url, query);
    await until(() => expect(outcome.body).toContain(words));
    expect(outcome.status).toBe(status);
  });

  test('a wrong key with 401, an unknown path with 404, one socket too many with 1008', async () => {
    const { url } = await simulate({ keys: ['sk_right'], maxSockets: 1 });
    expect((await connect(url)).outcome.status).toBe(401);
    expect((await connect(url, {}, { route: '/nothing' })).outcome.status).toBe(404);
    await connect(url, {}, { key: 'sk_right' });
    const second = await connect(url, {}, { key: 'sk_right' });
    await until(() => expect(second.outcome.close).toBe(1008));
  });

  test('a language of the other region: an error frame, or nothing at all', async () => {
    const us = await simulate({ region: 'us' });
    const tamil = await connect(us.url, { language: 'ta' });
    await until(() => expect(tamil.outcome.close).toBeDefined());
    expect(tamil.frames).toMatchObject([{ type: 'error', error_code: 'LANGUAGE_NOT_ENABLED_IN_REGION' }]);
    const india = await simulate({ region: 'india' });
    const japanese = await connect(india.url, { language: 'ja' });
    await until(() => expect(japanese.outcome.close).toBeDefined());
    expect(japanese.frames).toEqual([]);
  });

  test('a socket without audio is closed after its time', async () => {
    const { url } = await simulate({ idleTimeoutMs: 40 });
    const { outcome } = await connect(url);
    await until(() => expect(outcome.close).toBe(1000));
  });

  test('wrong options are refused by name', async () => {
    await expect(simulate({ repeatInterims: 0 })).rejects.toThrow('repeatInterims');
  });
});

describe('recordings that it knows', () => {
  /** Something like a voice: syllables of changing length, pitch and colour, by a seed. */
  function recording(seed: number, seconds: number, rateHz = 16_000): Int16Array {
    let state = seed;
    const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
    const samples = new Int16Array(seconds * rateHz);
    for (let at = 0; at < samples.length;) {
      const length = Math.round((0.08 + random() * 0.25) * rateHz);
      const gap = Math.round((0.02 + random() * 0.12) * rateHz);
      const pitch = 90 + random() * 120;
      const formant = 400 + random() * 2_000;
      const level = 1_500 + random() * 5_000;
      for (let i = 0; i < length && at + i < samples.length; i++) {
        let sum = 0;
        for (let harmonic = 1; harmonic * pitch < 3_400; harmonic++) {
          sum +=
            Math.exp(-(((harmonic * pitch - formant) / 400) ** 2)) *
            Math.sin((2 * Math.PI * pitch * harmonic * i) / rateHz);
        }
        samples[at + i] = level * sum * Math.sin((Math.PI * i) / length);
      }
      at += length + gap;
    }
    return samples;
  }
  const known: KnownAudio[] = [
    {
      samples: recording(11, 4),
      sampleRateHz: 16_000,
      text: 'I would like to move my appointment to next Tuesday please',
    },
    { samples: recording(23, 1), sampleRateHz: 16_000, text: 'yes that works' },
  ];

  function hear(samples: Int16Array, rateHz: number, { gain = 1, lead = 777, tail = 8_000 } = {}): string {
    const resampler = createResampler(rateHz, 8_000);
    const line = new Int16Array([...resampler.process(samples).slice(), ...resampler.flush()]).map(
      (sample) => sample * gain,
    );
    resampler.free();
    const all = new Int16Array(lead + line.length + tail);
    all.set(line, lead);
    const bytes = encodeMulaw(all);
    expect(decodeMulaw(bytes)).toHaveLength(all.length);
    const hearing = new Hearing({ encoding: 'mulaw', sampleRateHz: 8_000 }, known);
    const words: string[] = [];
    for (let at = 0; at < bytes.length; at += 160) {
      hearing.push(
        bytes.subarray(at, at + 160),
        (event) => event.type === 'word' && words.push(event.text),
        () => {},
      );
    }
    return words.join(' ');
  }

  test('are found by what they sound like, over the phone, louder or softer, wherever they begin', () => {
    for (const gain of [0.4, 1, 1.5]) {
      for (const lead of [0, 777, 12_345]) {
        expect(hear(known[0]!.samples, 16_000, { gain, lead })).toBe(known[0]!.text);
        expect(hear(known[1]!.samples, 16_000, { gain, lead })).toBe(known[1]!.text);
      }
    }
  });

  test('say only what has been heard when they are cut off, and the rest when they are joined in the middle', () => {
    const { samples, text } = known[0]!;
    const half = hear(samples.subarray(0, 32_000), 16_000);
    expect(text.startsWith(half)).toBe(true);
    expect(half.split(' ').length).toBeGreaterThanOrEqual(3);
    expect(half.split(' ').length).toBeLessThanOrEqual(7);
    const rest = hear(samples.subarray(24_000), 16_000);
    expect(text.endsWith(rest)).toBe(true);
    expect(rest.length).toBeLessThan(text.length);
  });

  test('a voice that it does not know says nothing', () => {
    expect(hear(recording(99, 4), 16_000)).toBe('');
    for (const seed of [5, 41, 53, 67]) expect(hear(recording(seed, 1), 16_000)).toBe('');
  });

  test('come over the wire as words like any other speech', async () => {
    const { url } = await simulate({ transcripts: known, trailingSpace: 'never' });
    const { socket, finals } = await connect(url, { encoding: 'linear16', sample_rate: '16000' });
    const samples = known[1]!.samples;
    speak(socket, Buffer.concat([new Uint8Array(16_000), new Uint8Array(samples.buffer), new Uint8Array(48_000)]));
    await until(() => expect(finals()).toEqual(['yes that works']));
  });
});
