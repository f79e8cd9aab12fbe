/** Whole calls with a card, in virtual time, with everything on that is ever written: none of it holds the card. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { SampleWriter } from '../../../src/audio/convert.ts';
import { encodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { readWav } from '../../../src/audio/wav.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent } from '../../../src/bridge/contract.ts';
import { createAgent } from '../../../src/call/agent.ts';
import { collectCard } from '../../../src/call/collect/collectors.ts';
import type { CallEvent } from '../../../src/call/events.ts';
import { answer } from '../../../src/call/phone.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/lib/log.ts';
import { renderPage } from '../../../src/page/page.ts';
import { replay } from '../../../src/record/machine-log.ts';
import { CallRecording, type RecordedCall } from '../../../src/record/recording.ts';
import { defineTool } from '../../../src/tool/define.ts';
import { sensitive } from '../../../src/tool/sensitive.ts';
import { logCall } from '../../../src/watch/call-log.ts';
import { traceCall } from '../../../src/watch/tracing.ts';
import { createParley } from '../../../src/worker/create-parley.ts';
import { BUFFERED, SimulatedPeer } from '../../helpers/peer.ts';
import { ScriptedModel } from '../../helpers/scripted-model.ts';
import { ToneSynthesizer } from '../../helpers/synthesizer.ts';
import { TranscriberDouble } from '../helpers/doubles.ts';

const MULAW = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const CARD = { number: '4111111111111111', expiry: '2027-12', securityCode: '737' };
const folder = mkdtempSync(join(tmpdir(), 'parley-card-'));
afterAll(() => rmSync(folder, { recursive: true }));

class Line implements AudioLine {
  readonly kind = 'audio';
  readonly name = 'double';
  readonly caller = { carrierCallId: 'double', from: undefined, to: undefined, parameters: {} };
  readonly capabilities: AudioCapabilities = {
    ...{ inFormat: MULAW, outFormat: MULAW, feed: BUFFERED, clear: true },
    ...{ reports: 'marks', dtmfOut: 'none', transfer: 'none' },
  };
  readonly peer: SimulatedPeer;
  readonly #clock: VirtualClock;
  #listener: ((event: AudioLineEvent) => void) | undefined;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.peer = new SimulatedPeer(clock, { format: MULAW });
    this.peer.onMark = (name) => this.#listener?.({ type: 'mark', name });
  }

  say(text: string): void {
    const words = encodeToneSpeech(text, 8_000);
    const samples = new Int16Array(words.length + 16_000);
    samples.set(words);
    const bytes = new SampleWriter(MULAW).write(samples);
    for (let at = 0, frame = 0; at < bytes.length; at += 160, frame++) {
      const audio = bytes.subarray(at, at + 160);
      this.#clock.after(frame * 20, () => this.#listener?.({ type: 'audio', audio }));
    }
  }

  press(keys: string): void {
    for (const [at, digit] of [...keys].entries()) {
      this.#clock.after(at * 200, () => this.#listener?.({ type: 'digit', digit }));
    }
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#listener = listener;
  }
  sendAudio(audio: Uint8Array): void {
    this.peer.sendAudio(audio);
  }
  sendMark(name: string): void {
    this.peer.sendMark(name);
  }
  clear(): void {
    this.peer.clear();
  }
  async sendDigits(): Promise<void> {}
  async transfer(): Promise<void> {}
  async hangUp(): Promise<void> {
    this.#listener?.({ type: 'closed', reason: 'hung-up' });
  }
}

async function drawPage({ events, page, ...options }: RecordedCall): Promise<void> {
  const told = readFileSync(events, 'utf8').trim().split('\n');
  writeFileSync(
    page,
    renderPage(
      told.map((line) => JSON.parse(line) as CallEvent),
      options,
    ),
  );
}

/** What a card is called by, in writing and aloud: of it no more than the last four may be found. */
const TRACES = [
  /4[\s.,_-]*1[\s.,_-]*1[\s.,_-]*1[\s.,_-]*1[\s.,_-]*1/,
  /1[\s.,_-]*1[\s.,_-]*1[\s.,_-]*1[\s.,_-]*1/,
  /(?:one|uno|एक)[\s,]+(?:one|uno|एक)/i,
  /four|cuatro|चार|twelve|doce|बारह|seven|siete|सात|three|tres|तीन/i,
  /2027-12|12\/27|\b1227\b|\b737\b|7, ?3, ?7/,
];

/** The agent's own words, the last four, and numbers of Parley's: times and the shapes of a drawing. */
const NO_TRACE =
  /in four digits|चार अंकों|cuatro cifras|(?:ends in|termina en) 1 1 1 1|कार्ड 1 1 1 1 पर|ending in 1111|call-[\w-]+|"(?:time|\w+Ms)":[\d.]+/g;
const NO_TRACE_ON_PAGE = new RegExp(
  `${NO_TRACE.source}|<style[\\s\\S]*?</style>|<script[\\s\\S]*?</script>|<svg[\\s\\S]*?</svg>|style="[^"]*"|[\\d.,]+ m?s\\b|[\\d.]+%`,
  'g',
);

async function pay(language: 'en' | 'hi' | 'es', card: readonly string[]) {
  const clock = new VirtualClock({ epochMs: Date.parse('2026-01-05T10:00:00Z') });
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: 'trace', showText: true, stream });
  const charged: unknown[] = [];
  const charge = defineTool({
    name: 'charge',
    description: 'Charges a card.',
    input: z.object({
      number: sensitive(z.string().regex(/^\d+$/), { lastShown: 4 }),
      expiry: sensitive(z.string()),
      securityCode: sensitive(z.string()),
    }),
    run(input, context) {
      charged.push(input);
      context.log.info({ input }, `about to charge ${input.number.replace(/(.{4})/g, '$1 ')} ${input.securityCode}`);
      context.progress(`charging ${input.number}`);
      throw new Error(`the bank refused ${input.number}, good until ${input.expiry}, ${input.securityCode}`);
    },
  });
  const receipt = defineTool({
    name: 'receipt',
    description: 'What was charged.',
    input: z.object({ number: z.string() }),
    effect: 'read',
    run: ({ number }) => ({ number: CARD.number, given: number, security: CARD.securityCode }),
  });
  const script = [
    { calls: [{ name: 'collect_card', arguments: '{}' }] },
    {
      calls: [
        {
          name: 'charge',
          arguments: '{"number":"[number#1 ending in 1111]","expiry":"[expiry#1]","securityCode":"securityCode#1"}',
        },
      ],
    },
    { calls: [{ name: 'receipt', arguments: '{"number":"[number#1 ending in 1111]"}' }] },
    { say: 'All is well.' },
  ];
  const model = new ScriptedModel((_, number) => script[number - 1] ?? { say: 'Well.' }, { clock });
  const agent = await createAgent({
    name: 'shop',
    instructions: 'Sell it.',
    tools: [collectCard(), charge, receipt],
    listen: { language },
    turn: { aheadRequests: 0 },
  });
  const parley = createParley({ model, clock, log });
  onTestFinished(() => parley.close());
  const callId = `call-${language}-${card.length}-${card[0]?.length}`;
  const directory = mkdtempSync(join(folder, 'calls-'));
  const recording = new CallRecording({ directory, callId, clock, format: MULAW, drawPage, log });
  const events: CallEvent[] = [];
  const spans = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer('test');
  const line = new Line(clock);
  const speech = {
    synthesizer: new ToneSynthesizer({ clock, wordTimestamps: true }),
    transcriber: new TranscriberDouble(clock),
  };
  const call = answer(parley, line, {
    ...{ agent, speech, recording, callId, log },
    listen(started) {
      logCall(started, log);
      traceCall(started, { tracer });
      started.observe({
        toolFailed: (fault) =>
          lines.push(
            `fault ${JSON.stringify(fault)} ${String(fault.error)} ${fault.error instanceof Error ? fault.error.stack : ''}`,
          ),
      });
      started.on('event', (event) => events.push(event));
    },
  });
  const advance = async (ms: number) => {
    for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs;) {
      clock.advanceTo(Math.min(untilMs, clock.nowMs() + 20));
      await tick();
    }
  };
  const quiet = async () => {
    const count = () => events.filter(({ type }) => type === 'turn-end').length;
    for (const before = count(), untilMs = clock.nowMs() + 60_000; count() === before && clock.nowMs() < untilMs;)
      await advance(20);
    await advance(500);
  };
  await advance(500);
  line.say('let me pay');
  await quiet();
  for (const words of card) {
    if (words.startsWith('#')) line.press(`${words.slice(1)}#`);
    else line.say(words);
    await quiet();
  }
  await advance(2_000);
  line.say('thank you');
  await quiet();
  call.hangUp();
  await call.ended;
  const files = await recording.done;
  const traces = spans.getFinishedSpans().map(({ name, attributes, status, events: notes }) => ({
    ...{ name, attributes, status, notes: notes.map((note) => [note.name, note.attributes]) },
  }));
  return { files, lines, events, traces, model, charged, messages: call.messages };
}

const WAYS: [language: 'en' | 'hi' | 'es', how: string, words: string[]][] = [
  ['en', 'keys', ['#4111111111111111', '#1', '#1227', '#737']],
  [
    'en',
    'voice',
    [
      'it is four one one one one one one one',
      'one one one one one one one one',
      'yes',
      'twelve twenty seven',
      'seven three seven',
    ],
  ],
  [
    'en',
    'voice, in digits and corrected',
    ['4111 1111 1111 1112', '4111 1111 1111 1111', 'that is right', 'December 2027', '7 3 7'],
  ],
  ['hi', 'voice', ['चार एक एक एक एक एक एक एक एक एक एक एक एक एक एक एक', 'हाँ', 'बारह सत्ताईस', 'सात तीन सात']],
  ['es', 'voice and keys', ['cuarenta y uno once once once once once once once', 'sí', '#1227', 'siete tres siete']],
];

test.each(WAYS)(
  '%s, by %s: a card is in nothing that is written, sent or kept, and the tool has it',
  async (language, _how, words) => {
    const { files, lines, events, traces, model, charged, messages } = await pay(language, words);
    expect(charged).toEqual([CARD]);
    const written = {
      ...{ log: lines.join('\n'), events: JSON.stringify(events), messages: JSON.stringify(messages) },
      traces: JSON.stringify(traces),
      requests: JSON.stringify(model.requests.map(({ messages: asked }) => asked)),
      ...Object.fromEntries(
        readdirSync(files.directory)
          .filter((name) => !name.endsWith('.wav'))
          .map((name) => [name, readFileSync(join(files.directory, name), 'utf8')]),
      ),
    };
    expect(Object.keys(written).sort()).toContain('machine.jsonl');
    expect(Object.keys(written).sort()).toContain('call.html');
    expect(traces.map(({ name }) => name)).toContain('execute_tool charge');
    for (const [name, all] of Object.entries(written)) {
      const text = all.replace(name === 'call.html' ? NO_TRACE_ON_PAGE : NO_TRACE, '');
      for (const trace of TRACES)
        expect(
          trace.exec(text)?.[0],
          `${name}: ${text.slice((trace.exec(text)?.index ?? 0) - 60).slice(0, 120)}`,
        ).toBeUndefined();
    }
    expect(JSON.stringify(events)).toContain('[number#1 ending in 1111]');
    expect(replay(readFileSync(files.machine, 'utf8')).difference).toBeUndefined();

    const stretches = events.filter(({ type }) => type === 'sensitive-start' || type === 'sensitive-end');
    expect(stretches.map(({ type }) => type)).toEqual(['sensitive-start', 'sensitive-end']);
    const [from = 0, until = 0] = stretches.map(({ atMs }) => atMs);
    const { channels } = readWav(readFileSync(files.audio ?? ''));
    const loud = (samples: Int16Array | undefined, fromMs: number, untilMs: number) =>
      samples?.subarray(fromMs * 8, untilMs * 8).filter((sample) => Math.abs(sample) > 8).length;
    for (const side of channels) expect(loud(side, from, until)).toBe(0);
    expect(loud(channels[0], 0, from)).toBeGreaterThan(1_000);
    expect(loud(channels[0], until, until + 60_000)).toBeGreaterThan(1_000);
    expect(loud(channels[1], until, until + 60_000)).toBeGreaterThan(1_000);
  },
);
