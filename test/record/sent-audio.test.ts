/** What a line that counts its samples says of a clear, and what becomes of the recording's agent side by it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { readWav } from '../../src/audio/wav.ts';
import type { Call } from '../../src/call/call.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { CallRecording, type TappedSink } from '../../src/record/recording.ts';
import { SentAudio } from '../../src/record/sent-audio.ts';

describe('until when the agent was heard', () => {
  test('in the middle of a piece, and at the end of one', () => {
    for (const [played, heardToMs] of [
      [800, 1_100],
      [1_600, 1_200],
      [2_000, 2_050],
    ] as const) {
      const sent = new SentAudio(8_000);
      sent.add(1_600, 1_000);
      sent.add(1_600, 2_000);
      sent.clear(2_100);
      expect(sent.cleared(played)).toEqual({ toldAtMs: 2_100, heardToMs });
    }
  });

  test('a count is of what was played: what was cleared before is in none', () => {
    const sent = new SentAudio(8_000);
    sent.add(1_600, 0);
    sent.clear(50);
    expect(sent.cleared(400)?.heardToMs).toBe(50);
    sent.add(1_600, 1_000);
    sent.clear(1_100);
    expect(sent.cleared(400 + 800)).toEqual({ toldAtMs: 1_100, heardToMs: 1_100 });
  });

  test('answers come in order, and one that nobody asked for says nothing', () => {
    const sent = new SentAudio(8_000);
    expect(sent.cleared(100)).toBeUndefined();
    sent.add(800, 0);
    sent.clear(10);
    sent.add(800, 500);
    sent.clear(510);
    expect(sent.cleared(80)?.heardToMs).toBe(10);
    expect(sent.cleared(160)?.heardToMs).toBe(510);
    expect(sent.cleared(160)).toBeUndefined();
  });
});

const FORMAT: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cleared-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The agent's side, as runs of equal samples in milliseconds. */
async function record(play: (sink: TappedSink, clock: VirtualClock) => void): Promise<string[]> {
  const clock = new VirtualClock();
  const recording = new CallRecording({ directory: folder, callId: `c${Math.random()}`, clock, format: FORMAT });
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  recording.attach({ on: () => {}, ended } as unknown as Call);
  play(recording.tapAgent({ sendAudio() {}, sendMark() {}, clear() {} }, FORMAT), clock);
  end();
  const { audio } = await recording.done;
  const samples = readWav(await readFile(audio!)).channels[1]!;
  const runs: string[] = [];
  for (let from = 0, i = 1; i <= samples.length; i++) {
    if (samples[i] === samples[from]) continue;
    runs.push(`${samples[from]} x ${(i - from) / 8}`);
    from = i;
  }
  return runs;
}
const sound = (value: number, ms: number) => new Uint8Array(new Int16Array(ms * 8).fill(value).buffer);

describe('a line that answers a clear with its count', () => {
  test('it had played less than was thought: what was not heard is not in the recording', async () => {
    const agent = await record((sink, clock) => {
      sink.sendAudio(sound(5, 400));
      clock.advanceTo(200);
      sink.clear();
      clock.advanceTo(260);
      sink.cleared!(120 * 8);
      clock.advanceTo(500);
    });
    expect(agent).toEqual(['5 x 120', '0 x 380']);
  });

  test('it went on until it heard of the clear: what was heard is in the recording', async () => {
    const agent = await record((sink, clock) => {
      sink.sendAudio(sound(5, 400));
      clock.advanceTo(200);
      sink.clear();
      clock.advanceTo(260);
      sink.cleared!(250 * 8);
      clock.advanceTo(500);
    });
    expect(agent).toEqual(['5 x 250', '0 x 250']);
  });

  test('what was said since stays where it is', async () => {
    const agent = await record((sink, clock) => {
      sink.sendAudio(sound(5, 400));
      clock.advanceTo(200);
      sink.clear();
      clock.advanceTo(220);
      sink.sendAudio(sound(7, 100));
      clock.advanceTo(260);
      sink.cleared!(150 * 8);
      clock.advanceTo(500);
    });
    expect(agent).toEqual(['5 x 150', '0 x 50', '7 x 100', '0 x 200']);
  });

  test('without an answer, the time at which it was told counts', async () => {
    const agent = await record((sink, clock) => {
      sink.sendAudio(sound(5, 400));
      clock.advanceTo(200);
      sink.clear();
      clock.advanceTo(500);
    });
    expect(agent).toEqual(['5 x 200', '0 x 300']);
  });
});
