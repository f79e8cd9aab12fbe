/**
 * A call over a bridge. On an audio line: caller's audio -> ear -> machine -> speaker -> line. On a text line, whose peer
 * hears and speaks: prompts -> machine -> text -> line. Everything is warm before the greeting ends.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AudioLine, BridgeCall } from '../bridge/contract.ts';
import type { AudioFormat } from '../audio/contract.ts';
import { FrameClock } from '../audio/frame-clock.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { Successor } from '../lib/succession.ts';
import type { Transcriber } from '../listen/contract.ts';
import { createEar, type Ear, type EarManner } from '../listen/ear.ts';
import { EchoGate } from '../listen/echo-gate.ts';
import type { Synthesizer } from '../speak/contract.ts';
import type { AudioSink } from '../speak/feeder.ts';
import { renderPhrases } from '../speak/phrases.ts';
import type { AudioSpeaker } from '../speak/audio-speaker.ts';
import { createSpeaker } from '../speak/speaker.ts';
import { SpeechRate } from '../speak/speech-rate.ts';
import type { Agent } from './agent.ts';
import type { Call } from './call.ts';
import { DigitCollector } from './digits.ts';
import { hearCommon, startOnLine, type LineKeeper, type CommonAnswerOptions } from './line.ts';
import type { CallStarter } from './start.ts';
import { answerText } from './text-line.ts';
import { wholeTeam } from './team.ts';
import { TOO_MANY_TURNS, TurnRate } from './turn-rate.ts';
import { playWaitSound } from './wait-sound.ts';
import { providerOf } from './vendors.ts';

/** What a process needs to answer audio calls; one for all of them. */
export interface SpeechServices {
  synthesizer: Synthesizer;
  transcriber: Transcriber;
  /** The shared 20 ms beat. Default: one for the process. */
  frameClock?: FrameClock | undefined;
}

const TELEPHONE: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };

/** Keeps what a call leaves behind, as `record/recording.ts` does. */
export interface CallKeeper extends LineKeeper {
  /** Audio lines: takes what the caller says, in this format, as it comes in. */
  tapCaller(format: AudioFormat): (audio: Uint8Array) => void;
  /**
   * Audio lines: stands before one that carries this format, and hands on what it is given. `cleared` is told what a line
   * that counts its samples answers to a clear.
   */
  tapAgent(sink: AudioSink, format: AudioFormat): AudioSink & { cleared?(samples: number): void };
}

/** How a line is answered: by which agent, and with what. */
export interface AnswerOptions extends CommonAnswerOptions {
  /** Needed on audio lines. */
  speech?: SpeechServices | undefined;
  recording?: CallKeeper | undefined;
  log?: Log | undefined;
}

/**
 * Answers a line that a bridge has handed over: the greeting is on its way when this returns. To be called in the tick in
 * which the line was handed over.
 * @throws {TypeError} for an audio line without `speech`.
 * @throws {VoiceError} `options-invalid`, when the agent's vendors cannot do what it asks of them.
 */
export function answer(parley: CallStarter, bridge: BridgeCall, options: AnswerOptions): Call {
  const call = bridge.kind === 'audio' ? answerAudio(parley, bridge, options) : answerText(parley, bridge, options);
  parley.prewarm(options.agent); // the greeting gives it time
  return call;
}

export interface PrepareOptions {
  /** What the lines that will be answered carry. Default: mu-law at 8,000 Hz, the telephone's. */
  format?: AudioFormat | undefined;
  log?: Log | undefined;
}

/** What was made ahead of an agent's voice. */
interface Prepared {
  /** What its phrases taught, each once. Calls take copies. */
  rate: SpeechRate;
  /** How many phrases there are, once they are there, by the format of the line. */
  phrases: Map<string, Promise<number>>;
}

const prepared = new WeakMap<Synthesizer, WeakMap<Agent, Prepared>>();

function preparedOf(agent: Agent, synthesizer: Synthesizer): Prepared {
  const agents = prepared.get(synthesizer) ?? new WeakMap<Agent, Prepared>();
  prepared.set(synthesizer, agents);
  const known = agents.get(agent) ?? { rate: new SpeechRate(agent.voice.speed), phrases: new Map() };
  agents.set(agent, known);
  return known;
}

/**
 * Has everything that an agent, and its team, says of itself spoken before it is needed: then a greeting starts at once, and a
 * phrase can be said when the synthesizer cannot. Once for each agent, synthesizer and format of a line; `answer` sees to it
 * where nobody has. Resolves with how many phrases there are; never rejects.
 */
export async function preparePhrases(
  agent: Agent,
  speech: SpeechServices,
  options: PrepareOptions = {},
): Promise<number> {
  const counts = await Promise.all(wholeTeam(agent).map((one) => prepareOne(one, speech, options)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function prepareOne(
  agent: Agent,
  { synthesizer }: SpeechServices,
  { format = TELEPHONE, log }: PrepareOptions,
): Promise<number> {
  const { rate, phrases } = preparedOf(agent, synthesizer);
  const key = `${format.encoding} ${format.sampleRateHz}`;
  const known = phrases.get(key);
  if (known) return known;
  const { signal } = new AbortController(); // ends with the synthesizer
  const ready = renderPhrases({
    synthesizer,
    voice: agent.voice,
    texts: phrasesOf(agent),
    format,
    ...(phrases.size === 0 && { rate }), // at another rate they would teach the same once more
    signal,
    ...(log && { log }),
  });
  phrases.set(key, ready);
  return ready;
}

/** What is needed first comes first. */
function phrasesOf({ machine }: Agent): string[] {
  const { greeting, phrases, tools } = machine;
  const { hold, recovery, goodbye, voicemail: _left, offer: _offered, ...others } = phrases;
  return [
    ...(greeting ? [greeting] : []),
    ...hold,
    ...recovery,
    ...goodbye,
    ...Object.values(others).flat(),
    ...tools.flatMap(({ filler, progress }) => [...filler, ...progress]),
  ];
}

const frameClocks = new WeakMap<Clock, FrameClock>();

function frameClockOf(clock: Clock): FrameClock {
  const frameClock = frameClocks.get(clock) ?? new FrameClock(clock);
  frameClocks.set(clock, frameClock);
  return frameClock;
}

function answerAudio(parley: CallStarter, bridge: AudioLine, options: AnswerOptions): Call {
  const { agent, speech, recording, log = silentLog } = options;
  const { clock } = parley;
  const { inFormat, outFormat } = bridge.capabilities;
  if (!speech) throw new TypeError('an audio line needs a synthesizer and a transcriber');
  void preparePhrases(agent, speech, { format: outFormat, log });
  const ids = { callId: options.callId ?? parley.newCallId(), carrierCallId: bridge.caller.carrierCallId || undefined };
  const frameClock = speech.frameClock ?? frameClockOf(clock);
  const digits = new DigitCollector(clock);
  const rate = new TurnRate();
  let speaker: AudioSpeaker | undefined;
  const echo = bridge.capabilities.hearsItself ? new EchoGate(inFormat, outFormat) : undefined;
  const line = echo ? toldTo(echo, bridge, clock) : bridge;
  const tapped = recording?.tapAgent(line, outFormat);
  let ear: Ear | undefined;
  let asksVoice: ((who: Successor) => void) | undefined;
  let { voice } = agent;

  return startOnLine(parley, {
    bridge,
    options: { ...options, callId: ids.callId },
    digits,
    expect: (answer) => ear?.expects(answer),
    medium: {
      heardBy: 'reported',
      mayBeSpeaking: () => ear?.mayBeVoice ?? false,
      become(next) {
        if (!isDeepStrictEqual(next.voice, voice))
          speaker?.speakAs(next.voice, preparedOf(next, speech.synthesizer).rate.copy());
        voice = next.voice;
        ear?.change(earMannerOf(next));
      },
      providers: { voice: providerOf(speech.synthesizer), ear: providerOf(speech.transcriber) },
      playWhileWaiting: (file) =>
        playWaitSound({ file, line: tapped ?? line, capabilities: bridge.capabilities, frameClock, log }),
      speaker: (listener) =>
        (speaker = createSpeaker(
          {
            ...ids,
            synthesizer: toldWhoSpeaks(speech.synthesizer, (who) => asksVoice?.(who)),
            voice: agent.voice,
            sink: tapped ?? line,
            capabilities: bridge.capabilities,
            clock,
            frameClock,
            leadMs: agent.machine.turn.leadMs,
            rate: preparedOf(agent, speech.synthesizer).rate.copy(),
            log,
          },
          listener,
        )),
    },
    listen(call, hearing) {
      asksVoice = call.vendorFollower('voice');
      ear = createEar(
        {
          ...ids,
          transcriber: watched(speech.transcriber, call),
          format: inFormat,
          ...earMannerOf(agent),
          clock,
          log,
        },
        {
          speech: (phase, words) => hearing.callerSpeech(phase, words),
          likelyFinished: (text) => hearing.callerLikelyFinished?.(text) ?? false,
          turn: (text, endpointingMs) => hearing.callerTurn(text, endpointingMs),
          transcript: (text, isFinal) => call.transcript(text, isFinal),
          failed(error) {
            call.reportError(error.code, error.message, error.requestId);
            call.breakOff('transcriber-failed');
          },
        },
      );
      tellWhatWasAsked(call, ear);
      call.on('ahead-end', ({ outcome, code }) => {
        if (outcome !== 'kept') ear?.notAskedAhead({ noRoom: code === 'queue-timeout' || code === 'rate-limited' });
      });
      const record = recording?.tapCaller(inFormat);
      const listenFor = hearing.listenFor?.(inFormat);
      bridge.listen((event) => {
        switch (event.type) {
          case 'audio':
            frameClock.runDue();
            ear?.push(echo?.heard(event.audio, clock.nowMs()) ?? event.audio);
            speaker?.giveWay(ear?.mayBeVoice ?? false);
            record?.(event.audio);
            listenFor?.(event.audio);
            return;
          case 'mark':
            return speaker?.mark(event.name);
          case 'played':
            return speaker?.played(event.samples);
          case 'cleared':
            tapped?.cleared?.(event.samples);
            return speaker?.cleared(event.samples);
          case 'backpressure':
            return speaker?.setFull(event.isFull);
          case 'prompt':
            return event.isFinal ? type(call, event.text, rate.take(clock.nowMs())) : undefined;
          default:
            return hearCommon(event, call, digits);
        }
      });
      const close = () => ear?.close();
      call.ended.then(close, close);
    },
  });
}

function earMannerOf({ listen, machine }: Agent): EarManner {
  const { endpointMs, leastEndpointMs, mostEndpointMs } = machine.turn;
  return { listen, endpointMs, leastEndpointMs, mostEndpointMs };
}

/** What goes to the line is told to who has to know it when it comes back. */
function toldTo(echo: EchoGate, line: AudioSink, clock: Clock): AudioSink {
  return {
    sendAudio(audio) {
      echo.sent(audio, clock.nowMs());
      line.sendAudio(audio);
    },
    sendMark: (name) => line.sendMark(name),
    clear() {
      echo.cleared(clock.nowMs());
      line.clear();
    },
  };
}

/** What was typed is meant: it cuts in beyond doubt. */
function type(call: Call, text: string, verdict: ReturnType<TurnRate['take']>): void {
  if (verdict === 'first') call.reportError('frame-invalid', TOO_MANY_TURNS);
  if (verdict !== 'passes') return;
  call.transcript(text, true);
  call.interrupt();
  call.callerTurn(text, 0);
}

/** The ear itself has no use for it: the caller has, who waits for an answer. */
function watched(transcriber: Transcriber, call: Call): Transcriber {
  const follow = call.vendorFollower('ear');
  const asks = (who: Successor) => queueMicrotask(() => follow(who)); // the first is asked before the call has begun
  return {
    name: transcriber.name,
    close: () => transcriber.close(),
    open: (options, listener) =>
      transcriber.open(
        { ...options, asks },
        {
          ...listener,
          lost() {
            call.earUp(false);
            listener.lost?.();
          },
          connected(reconnects) {
            if (reconnects > 0) call.earUp(true);
            listener.connected?.(reconnects);
          },
        },
      ),
  };
}

/** Of a list of voices, the call's events tell who speaks; one voice is what it is. */
function toldWhoSpeaks(synthesizer: Synthesizer, asks: (who: Successor) => void): Synthesizer {
  if (!synthesizer.health) return synthesizer;
  return {
    ...{ name: synthesizer.name, format: synthesizer.format },
    open: (options) => synthesizer.open({ ...options, asks }),
    render: (text, voice, signal, wanted) => synthesizer.render(text, voice, signal, wanted),
    rendered: (text, voice, wanted) => synthesizer.rendered?.(text, voice, wanted),
    close: () => synthesizer.close(),
  };
}

/** A question for a number is answered in digits, one for yes or no in a word: the ear waits accordingly. */
function tellWhatWasAsked(call: Call, ear: Ear): void {
  let said = '';
  let asked = '';
  call.on('text-delta', ({ delta }) => (said += delta));
  call.on('text-taken-back', ({ heard }) => (said = heard));
  call.on('reply-audio-end', () => {
    if (said !== '') ear.agentAsked((asked = said));
    said = '';
  });
  call.on('turn-taken-back', () => {
    said = '';
    if (asked !== '') ear.agentAsked(asked); // it is that which the caller goes on to answer
  });
}
