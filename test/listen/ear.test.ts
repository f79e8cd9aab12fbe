import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import { systemClock, VirtualClock } from '../../src/lib/clock.ts';
import { ProviderError } from '../../src/lib/errors.ts';
import type { Transcriber, TranscriptListener } from '../../src/listen/contract.ts';
import { createEar, type Ear } from '../../src/listen/ear.ts';
import { MULAW, pulseOf, simulate, silence, spoken } from '../helpers/pulse.ts';
import { until } from '../helpers/until.ts';

/** A transcriber whose words the test speaks. */
function scripted() {
  const calls: string[] = [];
  let listener: TranscriptListener | undefined;
  const transcriber: Transcriber = {
    name: 'scripted',
    open(_options, given) {
      listener = given;
      return {
        push: (audio) => calls.push(`push ${audio.length}`),
        finalize: () => calls.push('finalize'),
        close: () => calls.push('close'),
      };
    },
    close: async () => {},
  };
  return {
    transcriber,
    calls,
    say: (text: string, isFinal: boolean) => listener!.transcript(text, isFinal),
    listener: () => listener!,
  };
}

function earOf(transcriber: Transcriber, clock = new VirtualClock()) {
  const log: string[] = [];
  const at = () => Math.round(clock.nowMs());
  const ear = createEar(
    {
      callId: 'c',
      transcriber,
      format: MULAW,
      listen: { language: 'en', keywords: [] },
      endpointMs: 500,
      leastEndpointMs: 250,
      mostEndpointMs: 3_000,
      clock,
    },
    {
      speech: (phase, words) => log.push(`${at()} ${phase}${words === undefined ? '' : ` ${words}`}`),
      turn: (text, endpointingMs) => log.push(`${at()} turn ${text} (${Math.round(endpointingMs)})`),
      transcript: (text, isFinal) => log.push(`${at()} ${isFinal ? 'final' : 'interim'} ${text}`),
      failed: (error) => log.push(`${at()} failed ${error.code}`),
    },
  );
  return { ear, log, clock };
}

/** Pushes audio in frames as time goes by. */
function play(ear: Ear, clock: VirtualClock, audio: Uint8Array): void {
  for (let i = 0; i < audio.length; i += 160) {
    clock.advanceBy(20);
    ear.push(audio.subarray(i, i + 160));
  }
}

describe('with a scripted transcriber, in virtual time', () => {
  test('audio goes to the line as it comes; voice is told within 60 ms, the turn soon after it', () => {
    const { transcriber, calls, say } = scripted();
    const { ear, log, clock } = earOf(transcriber);
    play(ear, clock, silence(400));
    const speech = encodeMulaw(encodeToneSpeech('where is my order', 8_000));
    play(ear, clock, speech);
    say('where is my order', false);
    const endMs = clock.nowMs();
    play(ear, clock, silence(220));
    say('Where is my order?', true);
    play(ear, clock, silence(60));
    say('', true); // that which was asked for
    play(ear, clock, silence(600));
    const [startMs] = log[0]!.split(' ').map(Number);
    expect(log[0]).toContain('start');
    expect(startMs).toBeLessThanOrEqual(460);
    expect(log.filter((line) => line.includes(' end'))).toHaveLength(1);
    const turn = log.find((line) => line.includes(' turn '))!;
    const waited = Number(/turn Where is my order\? \((\d+)\)/.exec(turn)![1]);
    expect(waited).toBeGreaterThanOrEqual(250);
    expect(waited).toBeLessThan(700);
    expect(Math.abs(Number(turn.split(' ')[0]) - endMs - waited)).toBeLessThan(60);
    expect(calls.filter((call) => call === 'finalize')).toHaveLength(1);
    expect(calls.filter((call) => call === 'push 160').length).toBeGreaterThan(60);
  });

  test('what the agent asked shortens or lengthens the wait', () => {
    const { transcriber, say } = scripted();
    const { ear, log, clock } = earOf(transcriber);
    const waitAfter = (question: string) => {
      ear.agentAsked(question);
      play(ear, clock, spoken('four seven one one'));
      say('four seven one one', false);
      play(ear, clock, silence(200));
      say('4711.', true);
      play(ear, clock, silence(60));
      say('', true);
      play(ear, clock, silence(4_000));
      return Number(/turn 4711\. \((\d+)\)/.exec(log.at(-1)!)![1]);
    };
    expect(waitAfter('What are the last four digits of your card?')).toBeLessThan(400);
    expect(waitAfter('What is your ten digit phone number?')).toBeGreaterThan(900);
  });

  test('a transcriber that fails is told once; the voice still is', () => {
    const { transcriber, listener } = scripted();
    const { ear, log, clock } = earOf(transcriber);
    listener().failed(new ProviderError('pulse', 'unauthorized', 'no', { phase: 'connect' }));
    play(ear, clock, spoken('hello', MULAW, 400));
    expect(log.map((line) => line.replace(/^\d+ /, ''))).toEqual(['failed unauthorized', 'start', 'end']);
  });

  test('after close nothing is told and no timer waits, also when it is closed from inside', () => {
    const { transcriber, calls, say, listener } = scripted();
    const { ear, log, clock } = earOf(transcriber);
    play(ear, clock, spoken('hello'));
    say('hello', false);
    ear.close();
    ear.close();
    const told = log.length;
    say('hello', true);
    listener().failed(new ProviderError('pulse', 'stream-cut', 'late', { phase: 'mid-stream' }));
    listener().speech('start');
    play(ear, clock, silence(2_000));
    ear.agentAsked('Is it?');
    expect(log).toHaveLength(told);
    expect(calls.filter((call) => call === 'close')).toHaveLength(1);
    expect(clock.pending).toBe(0);

    const other = scripted();
    const end = new VirtualClock();
    const closing: Ear = createEar(
      {
        callId: 'c',
        transcriber: other.transcriber,
        format: MULAW,
        listen: { language: 'en', keywords: [] },
        endpointMs: 500,
        leastEndpointMs: 250,
        mostEndpointMs: 3_000,
        clock: end,
      },
      { speech: () => closing.close(), turn: () => expect.unreachable(), failed: () => expect.unreachable() },
    );
    other.say('hello', false);
    end.advanceBy(10_000);
    expect(end.pending).toBe(0);
  });
});

test('a caller over a real socket, in real time: a turn of two breaths comes once, soon after the voice', async () => {
  const simulator = await simulate({ interimDelayMs: 80, finalDelayMs: 60 });
  const turns: [string, number][] = [];
  const phases: string[] = [];
  const ear = createEar(
    {
      callId: 'c',
      transcriber: pulseOf(simulator.url),
      format: MULAW,
      listen: { language: 'en', keywords: [] },
      endpointMs: 500,
      leastEndpointMs: 250,
      mostEndpointMs: 3_000,
    },
    {
      speech: (phase) => phases.push(phase),
      turn: (text, endpointingMs) => turns.push([text, endpointingMs]),
      failed: (error) => expect.unreachable(error.message),
    },
  );
  onTestFinished(() => ear.close());
  const audio = Buffer.concat([
    silence(200),
    spoken('I want to fly to'),
    silence(400),
    spoken('Delhi.'),
    silence(1_500),
  ]);
  const frames = new FrameClock(systemClock);
  await new Promise<void>((resolve) => {
    let at = 0;
    const end = frames.subscribe(() => {
      ear.push(audio.subarray(at, (at += 160)));
      if (at < audio.length) return;
      end();
      resolve();
    });
  });
  await until(() => expect(turns).toHaveLength(1));
  expect(turns[0]![0]).toBe('I want to fly to Delhi.');
  expect(turns[0]![1]).toBeGreaterThanOrEqual(240);
  expect(turns[0]![1]).toBeLessThan(1_500 + 4 * frames.lateness.mostMs); // what this process stood still, at any of its parts
  expect(phases.filter((phase) => phase === 'start')).toHaveLength(2);
});
