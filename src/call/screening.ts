/**
 * The first seconds of a call that we placed: the agent waits until somebody has answered, and greets a person; of a machine
 * it hangs up, or leaves a message behind the beep. What is heard meanwhile is for the judge (`listen/answered-by.ts`), and
 * becomes the caller's turns once there is somebody to talk with.
 */
import type { AudioFormat } from '../audio/contract.ts';
import type { CallerFacts } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { AnswerJudge, type AnsweredBy, type AnswerEffect, type AnswerEvent } from '../listen/answered-by.ts';
import { BeepDetector } from '../listen/beep.ts';
import type { Call } from './call.ts';

export type { AnsweredBy };

/** What becomes of a call that a machine has answered. */
export type Voicemail = { type: 'hang-up' } | { type: 'leave'; message: string };

/** How a call that we placed is answered. */
export interface OutboundOptions {
  voicemail: Voicemail;
  /** Who was called, by which number and with what: it counts, whatever the line says of them. */
  call: Pick<CallerFacts, 'from' | 'to' | 'parameters'>;
  /** Told what the carrier finds out, until the returned function is called. Default: it finds out nothing. */
  carrier?: ((told: (who: 'person' | 'machine', mayLeave: boolean) => void) => () => void) | undefined;
  /** It is placed for a caller who is to be handed over in person. Default: the agent talks with whoever answers. */
  consult?: ConsultOptions | undefined;
}

/** What a call is about that is placed for a caller. */
export interface ConsultOptions {
  /** Of the caller, as the model wrote it. */
  summary: string;
  /** Where both meet. */
  meeting: string;
  /** What has become of it. */
  told(what: 'accepted' | 'declined' | 'there'): void;
}

/** Where what the caller says goes: a call, or who stands before it. */
export interface Hearing {
  callerSpeech(phase: 'start' | 'words' | 'end', words?: string): void;
  /** R24: returns whether an answer is on its way. Absent where nothing is answered ahead. */
  callerLikelyFinished?(text: string): boolean;
  callerTurn(text: string, endpointingMs: number): void;
  /** Takes what comes in on a line of audio, in this format. Absent where words are enough. */
  listenFor?(format: AudioFormat): (audio: Uint8Array) => void;
}

/** What is done with a call, once it is known who has answered it. */
export type ScreenedCall = Hearing &
  Pick<Call, 'begin' | 'announce' | 'addFacts' | 'interrupt' | 'sayGoodbye' | 'hangUp' | 'answeredBy' | 'ended'>;

export interface ScreeningOptions extends Pick<OutboundOptions, 'voicemail' | 'carrier'> {
  call: ScreenedCall;
  /** Ends the line. */
  hangUp: () => void;
  /** What a person is greeted with; undefined: they are listened to. */
  greeting: string | undefined;
  clock: Clock;
}

/** Reasons for which calls end that a machine has answered. */
export const ANSWERING_MACHINE = 'answering-machine';
export const VOICEMAIL_LEFT = 'voicemail-left';

export class Screening implements Hearing {
  readonly #options: ScreeningOptions;
  readonly #judge: AnswerJudge;
  #state: 'waiting' | 'answering' | 'talking' | 'machine' = 'waiting';
  #hasBegun = false;
  /** Somebody has made a sound. */
  #hasVoice = false;
  /** What was said while we waited. */
  #turn: { text: string; endpointingMs: number } | undefined;
  #cancelTimer = () => {};
  #beeps: BeepDetector | undefined;

  constructor(options: ScreeningOptions) {
    const { call, clock, carrier } = options;
    this.#options = options;
    this.#judge = new AnswerJudge(clock.nowMs());
    const letGo = carrier?.((who, mayLeave) => this.#tell({ type: 'carrier', who, mayLeave }));
    const end = () => {
      this.#cancelTimer();
      letGo?.();
    };
    call.ended.then(end, end);
    this.#arm();
  }

  listenFor(format: AudioFormat): (audio: Uint8Array) => void {
    this.#beeps = new BeepDetector(format, () => this.#tell({ type: 'beep' }));
    return (audio) => this.#beeps?.push(audio);
  }

  callerSpeech(phase: 'start' | 'words' | 'end', words?: string): void {
    this.#hasVoice = true;
    if (phase === 'start' && this.#state === 'answering') this.#state = 'talking';
    if (this.#state === 'talking') this.#options.call.callerSpeech(phase, words);
    this.#tell(phase === 'words' ? { type: 'words', text: words ?? '' } : { type: 'voice', phase });
  }

  callerLikelyFinished(text: string): boolean {
    return this.#state === 'talking' && this.#options.call.callerLikelyFinished?.(text) === true;
  }

  callerTurn(text: string, endpointingMs: number): void {
    if (this.#state === 'talking') this.#options.call.callerTurn(text, endpointingMs);
    else if (this.#state === 'answering') this.#takeAnswer({ text, endpointingMs });
    else this.#turn = { text, endpointingMs };
    this.#tell({ type: 'finished', text });
  }

  #tell(event: AnswerEvent): void {
    if (this.#judge.isDone) return;
    for (const effect of this.#judge.handle(event, this.#options.clock.nowMs())) this.#carryOut(effect);
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    const { dueAtMs } = this.#judge;
    if (this.#judge.isDone) this.#beeps = undefined;
    if (dueAtMs === undefined) return;
    this.#cancelTimer = clock.after(Math.max(0, dueAtMs - clock.nowMs()), () => this.#tell({ type: 'timer' }));
  }

  #carryOut(effect: AnswerEffect): void {
    const { call } = this.#options;
    switch (effect.type) {
      case 'answered-by':
        call.answeredBy(effect.who, effect.sign);
        return effect.who === 'machine' ? this.#meetMachine() : this.#meetPerson();
      case 'may-leave':
        return this.#leaveMessage();
      case 'give-up':
        return this.#end();
    }
  }

  /** Its voice is none that cuts in, and what it says is no turn. */
  #meetMachine(): void {
    const { call, voicemail } = this.#options;
    const wasTalking = this.#state === 'answering' || this.#state === 'talking';
    this.#state = 'machine';
    if (voicemail.type === 'hang-up') return this.#end();
    if (wasTalking) call.interrupt();
  }

  #end(): void {
    this.#options.call.hangUp(ANSWERING_MACHINE);
    this.#options.hangUp();
  }

  #leaveMessage(): void {
    const { call, voicemail } = this.#options;
    if (voicemail.type === 'hang-up') return;
    this.#begin();
    call.sayGoodbye(voicemail.message, VOICEMAIL_LEFT);
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.call.begin();
  }

  /** With a greeting their "Hello?" is answered by it; without one the model answers. */
  #meetPerson(): void {
    const { call, greeting } = this.#options;
    this.#begin();
    if (greeting !== undefined) call.announce(greeting);
    const isOpen = this.#hasVoice && this.#turn === undefined;
    this.#state = isOpen ? 'answering' : 'talking';
    if (this.#turn) this.#takeAnswer(this.#turn);
  }

  #takeAnswer({ text, endpointingMs }: { text: string; endpointingMs: number }): void {
    const { call, greeting } = this.#options;
    this.#state = 'talking';
    if (greeting === undefined) call.callerTurn(text, endpointingMs);
    else call.addFacts(`Whoever answered the telephone said: ${JSON.stringify(text)}`);
  }
}
