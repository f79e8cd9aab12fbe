import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { TurnSummarizer, type TurnSummary } from '../../src/watch/turn-summary.ts';
import { parseScript } from '../helpers/event-script.ts';

function summarize(script: string): TurnSummary[] {
  const summarizer = new TurnSummarizer();
  return parseScript(script).flatMap((event: CallEvent) => summarizer.add(event) ?? []);
}

test("the time to the first sound is counted from the end of the caller's voice, and its parts add up to it", () => {
  const [turn] = summarize(`
    1000 turn-start {"text":"hello"}
    1000 step-start {"step":1}
    1450 text-delta {"kind":"answer","delta":"Good"}
    1600 reply-audio-start
    1700 step-end {"step":1,"finishReason":"stop","firstTokenMs":250,"queueMs":180,"attempts":2,"requestId":"r1"}
    4000 reply-audio-end
    4000 turn-end {"outcome":"replied","latency":{"firstWordMs":600,"silence":{"endpointingMs":520}}}
  `);
  expect(turn?.firstAudioMs).toBe(520 + 600);
  expect(turn?.latency).toEqual({ endpointingMs: 520, queueMs: 180, modelMs: 270, toolMs: 0, speechMs: 150 });
  expect(turn).toMatchObject({ firstTokenMs: 250, steps: 1, attempts: 2, requestIds: ['r1'], longestSilenceMs: 1120 });
});

test('what is waited for a tool before the first word is told from what is waited for the model', () => {
  const [turn] = summarize(`
       0 turn-start {"text":"hello"}
       0 step-start {"step":1}
     200 tool-start {"id":"a","name":"slow"}
     210 tool-start {"id":"b","name":"quick"}
     220 step-end {"step":1,"finishReason":"tool_calls","firstTokenMs":190,"queueMs":0,"attempts":1,"requestId":"r1"}
     260 tool-end {"id":"b","name":"quick","ok":false,"failure":"timeout","durationMs":50}
     500 tool-end {"id":"a","name":"slow","ok":true,"durationMs":300}
     500 step-start {"step":2}
     800 text-delta {"kind":"answer","delta":"Done."}
     850 reply-audio-start
     900 step-end {"step":2,"finishReason":"stop","firstTokenMs":280,"queueMs":0,"attempts":1,"requestId":"r2"}
    2000 reply-audio-end
    2000 turn-end {"outcome":"replied","latency":{"firstWordMs":850,"silence":{}}}
  `);
  expect(turn?.latency).toEqual({ endpointingMs: 0, queueMs: 0, modelMs: 500, toolMs: 300, speechMs: 50 });
  expect(turn?.tools).toEqual([
    { name: 'slow', ms: 300, ok: true },
    { name: 'quick', ms: 50, ok: false, failure: 'timeout' },
  ]);
  expect(turn).toMatchObject({ steps: 2, requestIds: ['r1', 'r2'], firstTokenMs: 190 });
});

test('the longest silence may lie after the filler, or at the end', () => {
  const [between, atEnd] = summarize(`
       0 turn-start {"text":"hello"}
     300 text-delta {"kind":"filler","delta":"Let me look."}
     300 reply-audio-start
    1300 reply-audio-end
    3200 reply-audio-start
    4000 reply-audio-end
    4000 turn-end {"outcome":"replied","latency":{"firstWordMs":300,"silence":{}}}
    9000 turn-start {"text":"hello","turn":2}
    9100 text-delta {"kind":"filler","delta":"Let me look.","turn":2}
    9100 reply-audio-start {"turn":2}
    9200 reply-audio-end {"turn":2}
   14200 turn-end {"outcome":"interrupted","turn":2,"latency":{"firstWordMs":100,"silence":{}}}
  `);
  expect(between?.longestSilenceMs).toBe(1900);
  expect(atEnd?.longestSilenceMs).toBe(5000);
});

test('a turn in which nothing was heard has no latency, and its silence is as long as it was', () => {
  const [turn] = summarize(`
       0 turn-start {"text":"hello"}
     900 text-delta {"kind":"answer","delta":"I"}
    1000 turn-end {"outcome":"interrupted","latency":{"silence":{"endpointingMs":500}}}
  `);
  expect(turn).toMatchObject({ firstAudioMs: undefined, latency: undefined, longestSilenceMs: 1500 });
});

test('on a line of text, what is shown is heard', () => {
  const [turn] = summarize(`
       0 turn-start {"text":"hello"}
     200 text-delta {"kind":"answer","delta":"Good"}
    5000 turn-end {"outcome":"replied","latency":{"firstWordMs":200,"silence":{}}}
  `);
  expect(turn).toMatchObject({ firstAudioMs: 200, longestSilenceMs: 200, latency: { modelMs: 200, speechMs: 0 } });
});

test('a tool that still runs when its turn ends is told as running, and its end belongs to no other turn', () => {
  const [first, second] = summarize(`
       0 turn-start {"text":"book it"}
     100 tool-start {"id":"a","name":"book"}
     500 turn-end {"outcome":"interrupted","latency":{"silence":{}}}
     500 turn-start {"text":"wait","turn":2}
     700 tool-end {"id":"a","name":"book","ok":true,"durationMs":600}
     900 turn-end {"outcome":"replied","turn":2,"latency":{"silence":{}}}
  `);
  expect(first?.tools).toEqual([{ name: 'book', ms: undefined, ok: undefined }]);
  expect(second?.tools).toEqual([]);
});
