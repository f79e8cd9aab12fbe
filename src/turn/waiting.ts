/**
 * What a caller waits for in a turn, when they hear nothing (R16, R17): since when, whose silence is it, whose is it to
 * break, and what is said then. Since when is kept in the turn; all else is read from it, the speech and the caller's voice.
 */
import type { CallerVoice } from './caller-voice.ts';
import type { TurnEventOf } from './contract.ts';
import type { MachineOptions } from './options.ts';
import { gotOn, nextDue, nextDueAtMs, type SilenceCause, type SilencePhrase } from './silence.ts';
import type { Speech } from './speech.ts';
import { runningCall, type TurnState } from './step.ts';
import type { Turns } from './turns.ts';

export class Waiting {
  readonly #options: MachineOptions;
  readonly #turns: Turns;
  readonly #speech: Speech;
  readonly #voice: CallerVoice;

  constructor(options: MachineOptions, { turns, speech, voice }: { turns: Turns; speech: Speech; voice: CallerVoice }) {
    this.#options = options;
    this.#turns = turns;
    this.#speech = speech;
    this.#voice = voice;
  }

  // ---- since when ---------------------------------------------------------------------------------------------------

  /** The agent is audible. */
  start(atMs: number): void {
    this.#speech.started();
    const turn = this.#turns.current;
    if (turn) turn.firstWordAtMs ??= atMs;
  }

  /** R22. When the model falls silent in the middle of a sentence, so does the agent: then R17 counts from here. */
  hearBack(event: TurnEventOf<'heard'>, atMs: number): void {
    const wasAllHeard = this.#speech.isAllHeard;
    this.#speech.heard(event, atMs);
    const turn = this.#turns.current;
    if (turn && this.#speech.isSilent && !wasAllHeard) turn.wait.quietSinceMs = atMs;
  }

  /** Everything said has been heard, or was lost: see `Speech`. */
  end(atMs: number): 'lost' | 'words' | 'phrases' {
    const turn = this.#turns.current;
    if (turn && !this.#speech.isAllHeard) turn.wait.quietSinceMs = atMs;
    return this.#speech.ended();
  }

  /** R17 holds for a voice that does not come as for a model or a tool that takes its time. */
  stall({ quietMs, canSpeak }: TurnEventOf<'playback-stalled'>, atMs: number): void {
    this.#speech.stalled(canSpeak);
    const wait = this.#turns.current?.wait;
    const { isStalled, hasStarted, wordsHeardAtMs } = this.#speech;
    if (!wait || !isStalled) return;
    if (hasStarted) wait.quietSinceMs = atMs - quietMs;
    if (wordsHeardAtMs > wait.waitingSinceMs) gotOn(wait, wordsHeardAtMs); // with its answer, until then
  }

  // ---- whose silence it is ------------------------------------------------------------------------------------------

  /** Why the caller hears nothing; undefined while they do, and once everything is said. */
  cause(turn: TurnState): SilenceCause | undefined {
    const speech = this.#speech;
    if (speech.isStalled) return 'speech';
    if (!speech.isSilent) return speech.hasStarted ? undefined : 'speech';
    const { step, finishing } = turn;
    if (runningCall(step) || turn.isHeld) return 'tool'; // the agent's own code, either way
    const isSaid = finishing !== undefined || (!step.isOpen && step.calls.some((state) => state.isHeld));
    return isSaid ? undefined : 'model'; // the sound behind the last word is nobody's silence
  }

  /** When the next phrase is due; undefined while the silence is not the agent's to break. */
  get dueAtMs(): number | undefined {
    const turn = this.#turns.current;
    if (!turn || !this.#owesSound(turn)) return undefined;
    const dueAtMs = nextDueAtMs(turn.wait, this.#silentToolSinceMs(turn), this.#options.turn);
    return Math.max(dueAtMs, this.#voice.yieldUntilMs);
  }

  /** The caller hears nothing, and should. */
  #owesSound(turn: TurnState): boolean {
    const isDone = turn.finishing !== undefined && !this.#speech.isStalled;
    return !isDone && this.#speech.isSilent && !this.#isCallersTurn(turn);
  }

  /** A tool waits for what they do. */
  #isCallersTurn({ step }: TurnState): boolean {
    return step.hasSpoken && runningCall(step)?.facts?.waitsForCaller === true;
  }

  #silentToolSinceMs({ step }: TurnState): number | undefined {
    if (step.hasSpoken) return undefined;
    const waiting = runningCall(step);
    return (waiting?.facts?.filler.length ?? 0) > 0 ? waiting?.startedAtMs : undefined;
  }

  /** They asked whether anybody is there: the agent says so, unless it is saying something anyway. */
  reassure(turn: TurnState, atMs: number): void {
    if (this.#speech.isSilent) this.#speak(turn, 'progress', atMs);
  }

  // ---- what is said -------------------------------------------------------------------------------------------------

  /** It is due. Returns what is: a phrase, which is said, or that the turn is to be given up. */
  speak(turn: TurnState, atMs: number): SilencePhrase {
    const { isStalled, hasStarted } = this.#speech;
    const hasSpoken = turn.step.hasSpoken && !(isStalled && !hasStarted);
    const silentToolSinceMs = this.#silentToolSinceMs(turn);
    const what = nextDue(turn.wait, { silentToolSinceMs, hasSpoken }, this.#options.turn);
    if (what !== 'give-up') this.#speak(turn, what, atMs);
    return what;
  }

  #speak(turn: TurnState, what: 'filler' | 'progress', atMs: number): void {
    const { phrases } = this.#turns;
    const facts = runningCall(turn.step)?.facts;
    const own = what === 'filler' ? facts?.filler : facts?.progress;
    const common = what === 'filler' ? this.#options.phrases.hold : this.#options.phrases.progress;
    const hasOwn = own !== undefined && own.length > 0 && !phrases.wouldRepeat(own);
    turn.wait.phrases++;
    const isMute = this.#speech.isStalled && !this.#speech.canSpeakAhead;
    const text = isMute ? '' : (phrases.next(hasOwn ? own : common) ?? '');
    const kind = hasOwn && what === 'filler' ? 'tool-filler' : 'progress';
    if (text.trim() === '')
      turn.wait.quietSinceMs = atMs; // nothing would come out: the next one is due after a while
    else if (this.#speech.isStalled) this.#turns.speakAhead(text, kind);
    else this.#turns.speak(text, kind, atMs);
  }
}
