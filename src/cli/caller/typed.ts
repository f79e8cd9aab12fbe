/**
 * What the caller says as it is typed: on a terminal below what is shown, or line by line from a pipe, where every line
 * waits its turn.
 */
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { isA } from '../../lib/thrown.ts';
import { readLines } from '../lines.ts';
import { Prompt } from '../prompt.ts';
import { paint, UsageError, write } from '../report.ts';
import type { CallerLine } from './line.ts';
import type { CallerPlayer, PreparedStep } from './player.ts';
import { readTypedLine, TYPED_HELP, type CallerStep } from './steps.ts';
import type { CallerView } from './view.ts';

export interface TypedOptions {
  line: CallerLine;
  player: CallerPlayer;
  view: CallerView;
  isTerminal: boolean;
  isAgentSpeaking: () => boolean;
}

/** A script that cuts in does so as a person would: when there has been something to hear. */
const REACTION_MS = 1_000;
const LABEL = `${' '.repeat(8)}${paint.cyan('caller')}  `;

export class TypedSteps {
  readonly #options: TypedOptions;
  readonly #waiting: PreparedStep[] = [];
  #prompt: Prompt | undefined;
  /** Done when all that was typed so far waits its turn. */
  #adding: Promise<void> = Promise.resolve();
  #isInputOver = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(options: TypedOptions) {
    this.#options = options;
  }

  /** To the screen, around what is being typed. */
  write(text: string): void {
    this.#prompt?.hide();
    write(text);
    if (!this.#options.line.isOver) this.#prompt?.show();
  }

  /** Until the call is over, or there is nothing more to say and the agent has finished. @throws {VoiceError} */
  async run(): Promise<void> {
    const { line, player, isTerminal } = this.#options;
    if (isTerminal) this.#openPrompt();
    else void readLines(process.stdin, (text) => this.#takePiped(text)).then(() => this.#endInput());
    void line.ended.then(() => this.#wake());
    try {
      for (;;) {
        const step = await this.#next();
        if (!step) break;
        await player.carryOut(step);
      }
      if (!line.isOver) await player.agentFinished();
    } catch (error) {
      if (!line.isOver) throw error;
      if (this.#failure === undefined && this.#waiting.length > 0 && !isTerminal) this.#failure = tooLate();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#prompt?.close();
    process.stdin.destroy();
  }

  async #next(): Promise<PreparedStep | undefined> {
    for (;;) {
      if (this.#options.line.isOver || this.#failure !== undefined) return undefined;
      const step = this.#waiting.shift();
      if (step || this.#isInputOver) return step;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /**
   * Behind what was typed before, once its sound is there. What cannot be said, a file that is not there or no voice, is
   * told and forgiven, as a command that does not exist is.
   */
  #addTyped(step: CallerStep): void {
    const prepared = this.#options.player.prepare(step);
    this.#adding = this.#adding.then(async () => {
      try {
        await prepared.utterance;
        this.#queue(prepared);
      } catch (error) {
        this.#complain(error);
      }
    });
  }

  #queue(step: PreparedStep): void {
    this.#waiting.push(step);
    this.#wake();
  }

  #endInput(): void {
    this.#isInputOver = true;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= toError(error);
    void this.#options.line.hangUp();
    this.#wake();
  }

  // ---- from a pipe --------------------------------------------------------------------------------------------------

  #takePiped(text: string): void {
    try {
      const step = readTypedLine(text);
      if (!step) return;
      const typed = step.cutInMs === undefined ? step : { ...step, cutInMs: REACTION_MS };
      this.#queue(this.#options.player.prepare(typed));
    } catch (error) {
      this.#fail(error);
    }
  }

  // ---- on a terminal ------------------------------------------------------------------------------------------------

  #openPrompt(): void {
    const { line, view } = this.#options;
    view.note('Type what the caller says. ! cuts in, /help tells the rest, Ctrl-C hangs up.');
    const prompt = new Prompt({
      label: LABEL,
      line: (text, wasShown) => this.#takeTyped(text, wasShown),
      interrupt: () => process.emit('SIGINT'),
    });
    this.#prompt = prompt;
    prompt.show();
    void prompt.closed.then(() => this.#adding).then(() => this.#endInput());
    void line.ended.then(() => prompt.close());
  }

  /** What is at once on a terminal is at once: keys, hanging up, cutting in. */
  #takeTyped(text: string, wasShown: boolean): void {
    if (wasShown) process.stdout.write('\u001b[1A\r\u001b[2K'); // it is shown again when it is said
    const { player, view } = this.#options;
    try {
      const step = text.trim() === '/help' ? undefined : readTypedLine(text);
      if (text.trim() === '/help') for (const help of TYPED_HELP) view.note(help);
      else if (step && isAtOnce(step))
        player.act(player.prepare(step)).catch((error: unknown) => this.#complain(error));
      else if (step) {
        if (this.#options.isAgentSpeaking()) view.note(`once the agent has finished: ${text.trim()}`);
        this.#addTyped(step);
      }
    } catch (error) {
      this.#complain(error);
    }
    this.#prompt?.show();
  }

  #complain(error: unknown): void {
    if (error instanceof UsageError || error instanceof VoiceError) this.#options.view.note(`${error.message}; /help`);
    else this.#fail(error);
  }
}

const isAtOnce = ({ type, cutInMs }: CallerStep): boolean =>
  cutInMs !== undefined || type === 'keys' || type === 'hang-up';

function tooLate(): VoiceError {
  return new VoiceError('closed', 'the call was over before all that was typed could be said');
}

export function toError(thrown: unknown): Error {
  return isA(thrown, Error) ? thrown : new Error(messageOf(thrown));
}
