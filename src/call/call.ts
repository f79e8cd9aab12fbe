/**
 * One live call: the turn machine, with the world around it. Events from the model, the tools, the speaker and the line
 * go in one after the other; what the machine asks for is carried out in the same tick.
 */
import { EventEmitter } from 'eventemitter3';
import type { CallIds } from '../lib/call-id.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { Promised } from '../lib/promised.ts';
import type { Successor, VendorKind } from '../lib/succession.ts';
import type { CallerFacts } from '../bridge/contract.ts';
import type { AnsweredBy, AnswerSign } from '../listen/answered-by.ts';
import type { Speaker } from '../speak/contract.ts';
import type { ToolRunner } from '../tool/contract.ts';
import type { TurnEffect, TurnEvent, TurnReport } from '../turn/contract.ts';
import { canSpeakWhileWaiting } from './agent.ts';
import { askedOf, type AskedProviders } from './asked.ts';
import { factsOf, machineFor, startEvent, type Beginning } from './beginning.ts';
import type { Cast } from './cast.ts';
import { crewOf } from './crew.ts';
import { saidEvent, toEvent, type CallEvent, type CallEventMap, type EventBody } from './events.ts';
import type { CallMedium } from './medium.ts';
import type { ModelSteps } from './model-steps.ts';
import { KeptMachine } from './kept-machine.ts';
import { Observers, stepRun, type CallObserver } from './observer.ts';
import { Outbox } from './outbox.ts';
import { ReplyAudio } from './reply-audio.ts';
import type { Discretion } from './sensitive/discretion.ts';
import { askSpeaker, speechEvents } from './speech-events.ts';
import type { CallEnd, CallOptions } from './options.ts';
import { TextTurns, type TurnResult } from './text-turns.ts';
import { CallTimers } from './timers.ts';
import { TRANSFERRED, Transfers } from './transfers.ts';
import { addUsage, noUsage } from './usage.ts';
import { followVendor } from './vendor-change.ts';

export type { CallEnd, CallMedium, CallOptions, TurnResult };

/** A live call. `event` is emitted for every event, and each under its own type too. */
export class Call extends EventEmitter<CallEventMap> {
  /** Of this one answered line; `caller.carrierCallId` may come again. */
  readonly id: string;
  /** Who is on the line, as far as the line was told. */
  readonly caller: CallerFacts;
  readonly ids: CallIds;
  /** Resolves when the call is over and nothing of it runs any more; rejects only for a fault of Parley's own. */
  readonly ended: Promise<CallEnd>;
  readonly #ended = new Promised<CallEnd>();
  readonly #options: CallOptions & Beginning;
  readonly #machine: KeptMachine;
  readonly #steps: ModelSteps;
  readonly #speaker: Speaker;
  readonly #tools: ToolRunner;
  readonly #discretion: Discretion;
  readonly #cast: Cast;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #startedAtMs: number;
  readonly #observers = new Observers();
  readonly #textTurns: TextTurns;
  readonly #audio: ReplyAudio;
  readonly #timers: CallTimers;
  readonly #transfers: Transfers;
  readonly #inbox: TurnEvent[] = [];
  readonly #outbox: Outbox;
  readonly #usage = noUsage();
  #isHandling = false;
  #isCallerSpeaking = false;
  #isAskedAhead = false;
  /** What came before the machine began, of a call whose beginning is held. */
  #early: TurnEvent[] | undefined;
  #isOver = false;
  #atMs = 0;
  #turn = 0;

  constructor(options: CallOptions) {
    super();
    this.id = options.callId;
    this.caller = options.caller ?? { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
    this.ids = { callId: this.id, carrierCallId: this.caller.carrierCallId || undefined };
    this.#options = { ...options, caller: this.caller };
    this.#clock = options.clock;
    const feed = (event: TurnEvent) => this.#feed(event);
    const crew = crewOf(options, {
      ...{ ids: this.ids, caller: this.caller, feed },
      asks: this.vendorFollower('model'),
      tell: (event) => this.#emit(event),
      failed: (fault) => this.#observers.toolFailed(fault),
    });
    ({ steps: this.#steps, tools: this.#tools, cast: this.#cast, discretion: this.#discretion, log: this.#log } = crew);
    const emit = (type: string, event: CallEvent) =>
      void (this.emit as (type: string, event: CallEvent) => boolean).call(this, type, event);
    this.#outbox = new Outbox(this.#observers, emit, this.#log);
    this.#startedAtMs = this.#clock.nowMs();
    this.ended = this.#ended.promise;
    this.#timers = new CallTimers(this.#clock, (timer) => {
      this.#speaker.reportHeard();
      this.#feed({ type: 'timer', timer });
    });
    this.#machine = new KeptMachine(this.ids, machineFor(this.#options), options.keeper);
    const parts = { medium: options.medium, clock: this.#clock, log: this.#log };
    this.#transfers = new Transfers(parts, {
      tell: (event) => this.#emit(event),
      refused: (code, message) => this.reportError(code, message),
      done: () => this.hangUp(TRANSFERRED),
      failed: (message) => feed({ type: 'transfer-failed', message }),
    });
    this.#textTurns = new TextTurns((text) => feed({ type: 'caller-turn', text }), this.#transfers);
    this.#audio = new ReplyAudio((type) => this.#emit({ type, turn: this.#turn }));
    this.#speaker = options.medium.speaker(
      speechEvents({
        mayStart: (utterance) => this.#mayStartAudio(utterance),
        started: (utterance) => this.#startAudio(utterance),
        synthesis: (utterance, phase) => this.#observers.synthesis(utterance, phase, this.#eventAtMs),
        idle: () => this.#audio.stop(),
        ...{ canSpeak: () => canSpeakWhileWaiting(this.#cast.current, this.#speaker), feed },
      }),
    );
  }

  /** Begins: listeners that were added before hear everything. A call that `isHeld` goes no further until `begin`. */
  start({ isHeld = false }: { isHeld?: boolean | undefined } = {}): this {
    this.#emit(startEvent(this.#options, this.ids));
    if (isHeld) this.#early = [];
    else this.begin();
    return this;
  }

  /** The agent greets, and answers: at the start of the call, or once it is known who has answered it. */
  begin(): void {
    const { begin, problem, later } = factsOf(this.#options);
    void later?.then((told) => this.#feed({ type: 'facts', ...told }));
    if (problem !== undefined) this.reportError('options-invalid', problem);
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of [{ type: 'call-start', ...begin } as const, ...early]) this.#feed(event);
  }

  // ---- what the caller does -----------------------------------------------------------------------------------------

  /**
   * The caller says `text`, in text. While a turn is running it waits for it; after `interrupt` it does not. Resolves when
   * its turn has ended; with `undefined` when the call ended first.
   */
  say(text: string): Promise<TurnResult | undefined> {
    const answered = this.#textTurns.say(text);
    if (!this.#isHandling) this.#textTurns.next();
    return answered;
  }

  /** The caller cuts in, beyond doubt. */
  interrupt(): void {
    this.#speaker.reportHeard();
    this.#feed({ type: 'interrupt' });
  }

  /** The caller has finished saying something, by voice: over a running turn it interrupts. */
  callerTurn(text: string, endpointingMs: number): void {
    this.#isCallerSpeaking = false;
    this.#speaker.reportHeard();
    this.#feed({ type: 'caller-turn', text, endpointingMs: Math.round(endpointingMs) });
  }

  /** The caller's voice, and with `words` what has been understood of it so far. */
  callerSpeech(phase: 'start' | 'words' | 'end', words?: string): void {
    if (phase !== 'words') this.#emit({ type: phase === 'start' ? 'caller-speech-start' : 'caller-speech-end' });
    if (phase !== 'words') this.#isCallerSpeaking = phase === 'start';
    this.#speaker.reportHeard();
    this.#feed(words === undefined ? { type: 'caller-speech', phase } : { type: 'caller-speech', phase, words });
  }

  /** What they have said looks finished, though it is not sure yet (R24). Returns whether an answer to it is on its way. */
  callerLikelyFinished(text: string): boolean {
    this.#feed({ type: 'caller-likely-finished', text });
    return this.#isAskedAhead;
  }

  /** Whether what the caller says can be understood at the moment. */
  earUp(isUp: boolean): void {
    this.#feed({ type: 'ear-up', isUp });
  }

  transcript(text: string, isFinal: boolean): void {
    this.#emit({ type: 'transcript', text: this.#discretion.words(text), isFinal });
  }

  /** What is told who of a list of vendors is asked for this call. */
  vendorFollower(kind: VendorKind): (who: Successor) => void {
    return followVendor(kind, (event) => this.#emit(event));
  }

  /** Of a call that we placed: who has answered it, and what told. */
  answeredBy(who: AnsweredBy, sign: AnswerSign): void {
    this.#emit({ type: 'answered-by', who, sign });
  }

  digit(digit: string): void {
    this.#speaker.reportHeard();
    this.#feed({ type: 'digit', digit });
  }

  /** The call is over, at any instant. `reason` is for people: `caller-hung-up`. */
  hangUp(reason = 'caller-hung-up'): void {
    this.#speaker.reportHeard();
    this.#feed({ type: 'hang-up', reason });
  }

  // ---- what the program does ----------------------------------------------------------------------------------------

  /** Has the agent say exactly this, behind what it is saying. */
  announce(text: string): void {
    this.#feed({ type: 'say', text });
  }

  /** Has the agent say goodbye, and hangs up once that was heard. A caller who speaks over it is listened to. */
  sayGoodbye(text: string, reason: string): void {
    this.#feed({ type: 'say', text, thenHangUp: reason });
  }

  /** Has the agent say that it hands the caller over, and does so once that was heard; else it ends the call, as above. */
  handOver(text: string, to: string, reason: string): void {
    this.#feed({ type: 'say', text, thenTransfer: to, thenHangUp: reason });
  }

  /** What the model should know of this call besides, from its next request on. */
  addFacts(text: string): void {
    this.#feed({ type: 'facts', text });
  }

  /** The agent is answering, or is about to. */
  get isTurnRunning(): boolean {
    return this.#textTurns.isTurnRunning;
  }

  /** Resolves when all that was handed to `say` has been answered, and no turn runs and nobody is asked to take the caller. */
  whenQuiet(): Promise<void> {
    return this.#textTurns.quiet();
  }

  /**
   * Something is gone for good without which the call cannot go on. The agent finishes its turn, says so, and ends the
   * call with this reason, or hands it over where there is somebody (`turn.transferTo`).
   */
  breakOff(reason: string): void {
    this.#feed({ type: 'outage', reason });
  }

  /** Who is asked, for the model, for speech and for what is heard. */
  get asked(): AskedProviders {
    return askedOf(this.#options);
  }

  /** What the model would be told at this instant. */
  get messages() {
    return this.#machine.messages;
  }

  /** The same, with what was said before another agent of a team began anew. */
  get record() {
    return this.#machine.record;
  }

  /** Milliseconds since the call's start. */
  get atMs(): number {
    return this.#clock.nowMs() - this.#startedAtMs;
  }

  /** What is heard now of the caller and of the agent is sensitive: nobody may keep it. */
  get isSensitive(): boolean {
    return this.#discretion.isActive;
  }

  /** How often the agent fell silent for the caller's voice and went on, since it was no interruption (R11). */
  get dismissedInterruptions(): number {
    return this.#audio.resumed;
  }

  /** What the lines that a log keeps of this call should carry besides, as its observers say. */
  get logFields(): object {
    return this.#observers.logFields;
  }

  /** Has somebody follow the call more closely than its events do. Before it starts. */
  observe(observer: CallObserver): void {
    this.#observers.add(observer);
  }

  /** A failure around the call that its caller has not been told of: reported, and logged. */
  reportError(code: string, message: string, requestId?: string): void {
    this.#emit({ type: 'error', turn: this.#turn, code, message, requestId });
  }

  // ---- the machine --------------------------------------------------------------------------------------------------

  #feed(event: TurnEvent): void {
    if (this.#isOver) return;
    if (this.#early && event.type !== 'hang-up') return void this.#early.push(event);
    this.#discretion.conceal(event, this.#inbox);
    this.#work();
  }

  /**
   * What is to be done comes before what is to be told: no request, tool or word waits for a listener (R4). What comes
   * meanwhile waits its turn, in the same tick.
   */
  #work(): void {
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (;;) {
        const next = this.#isOver ? undefined : this.#inbox.shift();
        if (next) this.#handle(next);
        else if (!this.#outbox.tellNext()) break;
      }
    } finally {
      this.#isHandling = false;
    }
    this.#textTurns.next();
  }

  #handle(event: TurnEvent): void {
    this.#atMs = this.atMs;
    try {
      const effects = this.#machine.handle(event, this.#atMs);
      for (const effect of effects) this.#carryOut(effect, event.type === 'hang-up');
      this.#observers.handled(event, effects);
      if (this.#machine.isEnded) this.#end();
    } catch (error) {
      this.#break(error);
    }
  }

  #carryOut(effect: TurnEffect, isHungUp: boolean): void {
    // prettier-ignore
    switch (effect.type) {
      case 'say':
        this.#speaker.say(effect.utterance, effect.text, effect.isAhead);
        return this.#emit(saidEvent(effect));
      case 'prepare': case 'unprepare': case 'flush': case 'clear': case 'pause': case 'resume':
        return askSpeaker(effect, this.#speaker, this.#audio);
      case 'request-step': return this.#observers.aroundStep(stepRun(effect, this.#eventAtMs), () => this.#steps.request(effect));
      case 'abort-step': return this.#steps.abort();
      case 'run-tool': return this.#observers.aroundTool(effect.call.id, () => this.#tools.run(effect.call, effect.turn));
      case 'cancel-tool': return isHungUp ? this.#tools.cancel(effect.callId) : this.#tools.letGo(effect.callId);
      case 'set-timer': return this.#timers.set(effect.timer, effect.afterMs);
      case 'begin-task': case 'end-task': return this.#cast.carryOut(effect);
      case 'agent-change': return this.#cast.change(effect.agent);
      case 'transfer': return this.#transfers.begin(effect, this.#turn);
      case 'hang-up': return this.#options.medium.hangUp?.();
      case 'report': return this.#pass(effect.event);
    }
  }

  // ---- speech -------------------------------------------------------------------------------------------------------

  /** R11: nothing is played under the caller's voice, so the machine is told before there is anything to be heard. */
  #mayStartAudio(utterance: number): boolean {
    if (this.#isOver) return true;
    if (!this.#isCallerSpeaking) return !this.#audio.isSilent || !this.#options.medium.mayBeSpeaking?.();
    if (this.#isHandling) return false; // it is asked again in a moment
    this.#feed({ type: 'playback-start', utterance });
    this.#audio.start(); // unless the machine holds it back
    return true;
  }

  #startAudio(utterance: number): void {
    this.#audio.start();
    this.#feed({ type: 'playback-start', utterance });
  }

  // ---- what is told -------------------------------------------------------------------------------------------------

  #pass(event: TurnReport): void {
    // prettier-ignore
    switch (event.type) {
      case 'call-end': return; // told by `end`, when everything is let go
      case 'turn-start': this.#turn = event.turn; this.#textTurns.turnStarted(); break;
      case 'step-start': this.#isAskedAhead = event.ahead === true; break;
      case 'step-end':
      case 'ahead-end':
        this.#isAskedAhead = false;
        if (event.usage) addUsage(this.#usage, event.usage);
        break;
      default:
    }
    this.#emit(toEvent(event));
    if (event.type === 'turn-end') this.#textTurns.turnEnded(event);
  }

  #emit(event: EventBody): void {
    this.#tell(Object.assign({ type: event.type, callId: this.id, atMs: this.#eventAtMs }, event));
  }

  get #eventAtMs(): number {
    return Math.round(this.#isHandling ? this.#atMs : this.atMs);
  }

  #tell(whole: CallEvent): void {
    this.#outbox.add(whole);
    this.#work();
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  #end(): void {
    if (this.#isOver) return;
    const reason = this.#machine.endReason;
    this.#letGo();
    this.#transfers.callEnded(reason);
    this.#ended.resolve(this.#tellEnd(reason));
  }

  #tellEnd(reason: string): CallEnd {
    const end: CallEnd = { reason, durationMs: Math.round(this.atMs), usage: this.#usage };
    this.#emit({ type: 'call-end', ...end });
    return end;
  }

  #letGo(): void {
    this.#isOver = true;
    this.#steps.abort();
    this.#timers.clear();
    this.#audio.stop();
    this.#speaker.close();
    this.#tools.dispose();
    this.#textTurns.close();
  }

  /** The machine broke a promise of its own: this call ends, and no other. */
  #break(error: unknown): void {
    this.#log.fatal({ err: error }, 'the call broke: please report this');
    this.#letGo();
    this.#options.medium.hangUp?.();
    this.#transfers.callEnded('internal-error');
    this.#emit({ type: 'error', turn: this.#turn, code: 'internal', message: messageOf(error), requestId: undefined });
    this.#tellEnd('internal-error');
    this.#ended.reject(new VoiceError('internal', messageOf(error), { cause: error }));
  }
}
