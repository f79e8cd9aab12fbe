import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Playout } from '../../../src/simulate/phone/playout.ts';
import { VoiceTrack } from '../../../src/simulate/phone/voice-track.ts';

function openPlayout() {
  const heard = new VoiceTrack();
  const marks: string[] = [];
  const playout = new Playout(heard, ({ name, isCleared, returnedMs }) => {
    marks.push(`${name} ${isCleared ? 'cleared' : 'played'} ${returnedMs}`);
  });
  return { heard, marks, playout };
}

const audio = (ms: number, code = 1): Uint8Array => new Uint8Array(ms * 8).fill(code);

test('audio is played in real time from the moment it comes, however fast it was sent', () => {
  const { heard, playout } = openPlayout();
  const first = playout.push(audio(100, 1), 50);
  const second = playout.push(audio(100, 2), 60);
  expect([first.playFromMs, second.playFromMs]).toEqual([50, 150]);
  playout.advanceTo(200);
  expect([first.heardSamples, second.heardSamples, playout.bufferedMs]).toEqual([800, 400, 50]);
  playout.advanceTo(300);
  expect(heard.durationMs).toBe(300);
  expect(heard.read(50, 250)).toEqual(Uint8Array.from([...audio(100, 1), ...audio(100, 2)]));
  expect(heard.read(250, 300).every((code) => code === 0xff)).toBe(true);
});

test('a mark is reached when everything before it was played, at that very sample', () => {
  const { marks, playout } = openPlayout();
  playout.push(audio(100), 0);
  playout.mark('one', 0);
  playout.push(audio(100), 0);
  playout.mark('two', 0);
  playout.advanceTo(99);
  expect(marks).toEqual([]);
  playout.advanceTo(150);
  expect(marks).toEqual(['one played 100']);
  playout.advanceTo(500);
  expect(marks).toEqual(['one played 100', 'two played 200']);
});

test('a mark behind nothing is reached at once', () => {
  const { marks, playout } = openPlayout();
  playout.mark('alone', 40);
  expect(marks).toEqual(['alone played 40']);
});

test('clear silences at once and gives the marks back', () => {
  const { heard, marks, playout } = openPlayout();
  const said = playout.push(audio(1_000), 0);
  playout.mark('end', 0);
  expect(playout.clear(300)).toBe(700);
  expect(marks).toEqual(['end cleared 300']);
  expect(said).toMatchObject({ heardSamples: 2_400, isCleared: true });
  playout.push(audio(100, 2), 400);
  playout.advanceTo(600);
  expect(heard.read(300, 400).every((code) => code === 0xff)).toBe(true);
  expect(heard.read(400, 500)).toEqual(audio(100, 2));
});

test('audio that comes when the buffer has run dry leaves a gap; after a clear or a long pause it does not', () => {
  const { playout } = openPlayout();
  playout.push(audio(100), 0);
  playout.push(audio(100), 130);
  playout.push(audio(100), 200);
  expect(playout.gaps).toEqual([{ fromMs: 100, durationMs: 30 }]);
  playout.push(audio(100), 2_000);
  playout.clear(2_050);
  playout.push(audio(100), 2_100);
  expect(playout.gaps).toHaveLength(1);
});

test('whatever is sent and cleared when, all that is not cleared is heard once, in order, and every mark returns', () => {
  const step = fc.record({
    waitMs: fc.double({ min: 0, max: 300, noNaN: true }),
    what: fc.constantFrom('audio', 'audio', 'audio', 'mark', 'clear', 'nothing'),
    samples: fc.nat(3_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { heard, marks, playout } = openPlayout();
      let atMs = 0;
      let code = 0;
      let sentMarks = 0;
      const entries: { code: number; heard: () => number }[] = [];
      for (const { waitMs, what, samples } of steps) {
        atMs += waitMs;
        if (what === 'audio') {
          code = (code + 1) % 100;
          const entry = playout.push(new Uint8Array(samples).fill(code), atMs);
          entries.push({ code, heard: () => entry.heardSamples });
        } else if (what === 'mark') playout.mark(`m${sentMarks++}`, atMs);
        else if (what === 'clear') playout.clear(atMs);
        else playout.advanceTo(atMs);
        expect(heard.length).toBe(Math.floor(atMs * 8));
      }
      playout.advanceTo(atMs + 15_000);
      const expected = entries.flatMap((entry) => Array.from({ length: entry.heard() }, () => entry.code));
      expect([...heard.read().filter((one) => one !== 0xff)]).toEqual(expected);
      expect(marks.map((mark) => mark.split(' ')[0])).toEqual(Array.from({ length: sentMarks }, (_, i) => `m${i}`));
    }),
    { numRuns: 50 },
  );
});
