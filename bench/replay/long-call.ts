/**
 * A long call, recorded: a model that follows a script, a voice that takes time to be heard and a caller who answers, lets
 * things be looked up and sometimes cuts in. All in virtual time, so that half an hour takes a second.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import { z } from 'zod';
import { createAgent, createParley, defineTool, type Call, type LanguageModel } from '../../src/index.ts';
import { VirtualClock, type Clock } from '../../src/lib/clock.ts';
import type { ModelEvent, StepRequest } from '../../src/model/contract.ts';
import type { Speaker, SpeakerListener } from '../../src/speak/contract.ts';

const FIRST_TOKEN_MS = 250;
const TOKEN_MS = 5;
const CHARACTER_MS = 65;
const VOICE_DELAY_MS = 150;
const WORD_MS = 250;
const THINKING_MS = 1_200;
const ENDPOINT_MS = 500;
const CUTS_IN_EVERY = 5;
const CUTS_IN_AFTER_MS = 3_000;

const ANSWER = words(
  'It will be cloudy in the morning with light rain from noon on and the wind will be weak, so take an umbrella when you ' +
    'go out after lunch. In the evening it clears up and the night will be dry. Is there another city for you?',
);
const FILLER = words('Let me look that up for you. ');
const QUESTIONS = [
  'what will the weather be like in Pune tomorrow',
  'thank you and is that the same in Mumbai',
  'do I need an umbrella on Sunday then',
];

/** The recording, as text. */
export async function recordLongCall(lengthMs: number): Promise<string> {
  const clock = new VirtualClock();
  const forecast = defineTool({
    name: 'weather_forecast',
    description: 'Looks up the forecast for a city.',
    input: z.object({ city: z.string() }),
    effect: 'read',
    run: ({ city }) => new Promise((resolve) => clock.after(180, () => resolve({ city, celsius: 24, sky: 'rain' }))),
  });
  const agent = await createAgent({
    name: 'weather-line',
    instructions: 'You answer the phone of a weather service. Be brief, since every word is spoken.',
    greeting: 'Hello, this is the weather service.',
    tools: [forecast],
  });
  let recording = '';
  const parley = createParley({ model: scriptedModel(clock), clock });
  const call = parley.startCall(agent, {
    callId: 'call-long',
    record: (line) => (recording += line),
    medium: { bridge: 'bench', heardBy: 'reported', speaker: (listener) => new SlowSpeaker(clock, listener) },
    listen: (opened) => letCallerSpeak(opened, clock),
  });
  while (clock.nowMs() < lengthMs) {
    clock.advanceTo(Math.min(lengthMs, clock.nextAtMs ?? lengthMs));
    await nextTick(); // promises of tools
  }
  call.hangUp();
  await parley.close();
  return recording;
}

function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}

/** Every other turn is looked up first. */
function scriptedModel(clock: Clock): LanguageModel {
  let calls = 0;
  const answerTo = ({ messages }: StepRequest): ModelEvent[] => {
    const questions = messages.filter(({ role }) => role === 'user').length;
    const isLookedUp = messages.at(-1)?.role === 'tool' || questions % 2 === 0;
    const text = (isLookedUp ? ANSWER : FILLER).map((delta): ModelEvent => ({ type: 'text-delta', delta }));
    const call = { id: `call_${++calls}`, name: 'weather_forecast', arguments: '{"city":"Pune"}' };
    return isLookedUp ? text : [...text, { type: 'tool-call-start' }, { type: 'tool-call', call }];
  };
  return {
    name: 'scripted',
    prewarm: async () => {},
    close: async () => {},
    startStep(request, listener) {
      const events = answerTo(request);
      const { length } = events;
      const usage = { promptTokens: 20 * request.messages.length, completionTokens: length, cachedTokens: 0 };
      const facts = { usage, requestId: `req-${calls}`, firstTokenMs: FIRST_TOKEN_MS, queueMs: 0, attempts: 1 };
      const finishReason = events.at(-1)?.type === 'tool-call' ? 'tool_calls' : 'stop';
      events.push({ type: 'step-end', end: { finishReason, isTruncated: false, ...facts } });
      const cancels = events.map((event, at) => clock.after(FIRST_TOKEN_MS + TOKEN_MS * at, () => listener(event)));
      return {
        abort() {
          for (const cancel of cancels) cancel();
        },
      };
    },
  };
}

interface Utterance {
  number: number;
  text: string;
  isFlushed: boolean;
  startedAtMs: number | undefined;
}

/** Speaks so many characters a second, one utterance behind the other. */
export class SlowSpeaker implements Speaker {
  readonly #clock: Clock;
  readonly #listener: SpeakerListener;
  #utterances: Utterance[] = [];
  #cancelTimer: (() => void) | undefined;
  #pausedAtMs: number | undefined;

  constructor(clock: Clock, listener: SpeakerListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  say(number: number, text: string): void {
    const last = this.#utterances.at(-1);
    if (last?.number === number) last.text += text;
    else this.#utterances.push({ number, text, isFlushed: false, startedAtMs: undefined });
    this.#watch(VOICE_DELAY_MS);
  }

  flush(number: number): void {
    const utterance = this.#utterances.find((candidate) => candidate.number === number);
    if (utterance) utterance.isFlushed = true;
    this.#watch(VOICE_DELAY_MS);
  }

  reportHeard(): void {
    const [current] = this.#utterances;
    if (current?.startedAtMs === undefined) return;
    const atMs = this.#pausedAtMs ?? this.#clock.nowMs();
    const characters = Math.floor((atMs - current.startedAtMs) / CHARACTER_MS);
    this.#listener.heard(current.number, Math.min(current.text.length, characters));
  }

  clear(): void {
    this.#utterances = [];
    this.#pausedAtMs = undefined;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  pause(): void {
    this.#pausedAtMs ??= this.#clock.nowMs();
  }

  resume(): void {
    if (this.#pausedAtMs === undefined) return;
    const forMs = this.#clock.nowMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
    const [current] = this.#utterances;
    if (current?.startedAtMs !== undefined) current.startedAtMs += forMs;
    this.#watch(VOICE_DELAY_MS);
  }

  close(): void {
    this.clear();
  }

  #watch(delayMs: number): void {
    this.#cancelTimer ??= this.#clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#play();
    });
  }

  #play(): void {
    const [current] = this.#utterances;
    if (!current || this.#pausedAtMs !== undefined) return;
    if (current.startedAtMs === undefined) {
      current.startedAtMs = this.#clock.nowMs();
      this.#listener.started(current.number);
    }
    const leftMs = current.startedAtMs + current.text.length * CHARACTER_MS - this.#clock.nowMs();
    if (leftMs > 0) return this.#watch(leftMs);
    if (!current.isFlushed) return;
    this.#utterances.shift();
    this.#listener.heard(current.number, current.text.length);
    if (this.#utterances.length === 0) this.#listener.idle();
    else this.#watch(0);
  }
}

/** Speaks word by word once the agent has finished, or over it. */
function letCallerSpeak(call: Call, clock: Clock): void {
  let turns = 0;
  let isSpeaking = false;
  const speak = () => {
    if (isSpeaking) return;
    isSpeaking = true;
    const text = QUESTIONS[turns++ % QUESTIONS.length] ?? '';
    const spoken = words(text);
    call.callerSpeech('start');
    spoken.forEach((_, at) => {
      const soFar = spoken.slice(0, at + 1).join('');
      clock.after(WORD_MS * (at + 1), () => {
        call.transcript(soFar, false);
        call.callerSpeech('words', soFar);
      });
    });
    const endMs = WORD_MS * (spoken.length + 1);
    clock.after(endMs, () => call.callerSpeech('end', text));
    clock.after(endMs + ENDPOINT_MS, () => {
      isSpeaking = false;
      call.callerTurn(text, ENDPOINT_MS);
      if (turns % CUTS_IN_EVERY === 0) clock.after(CUTS_IN_AFTER_MS, speak);
    });
  };
  call.on('reply-audio-end', () => clock.after(THINKING_MS, speak));
}
