/**
 * What the agent said, piece by piece, as its events tell it: which turn and step a piece is of, and what it turned out to
 * be. Text of a step is told as `answer` until the step calls a tool; what was taken back is gone but for what was heard.
 */
import type { CallEvent } from '../call/events.ts';
import type { SpeechKind } from '../turn/contract.ts';

/** Words that were said in one go. */
export interface SaidPiece {
  /** When the first of it was handed to the speaker, in milliseconds since the call's start. */
  atMs: number;
  turn: number;
  /** Undefined between turns. */
  step: number | undefined;
  kind: SpeechKind;
  text: string;
}

/** What an answer is: not what bridges the time until there is one. */
export const isAnswer = (kind: SpeechKind | undefined): boolean => kind === 'answer' || kind === 'verbatim';

/** What fills the time before one: the model's words before a tool, the tool's own, and how it goes on. */
export const isFiller = (kind: SpeechKind | undefined): boolean =>
  kind === 'filler' || kind === 'tool-filler' || kind === 'progress';

/** In the order in which they were said. */
export function saidIn(events: readonly CallEvent[]): SaidPiece[] {
  let pieces: SaidPiece[] = [];
  for (const event of events) {
    if (event.type === 'text-delta') add(pieces, event);
    else if (event.type === 'step-end' && event.textKind === 'filler') becomeFiller(pieces, events, event);
    else if (event.type === 'turn-taken-back') pieces = pieces.filter(({ turn }) => turn !== event.turn);
    else if (event.type === 'text-taken-back') pieces = takeBack(pieces, event);
  }
  return pieces.filter(({ text }) => text.trim() !== '');
}

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

function add(pieces: SaidPiece[], { atMs, turn, step, kind, delta }: EventOf<'text-delta'>): void {
  const last = pieces.at(-1);
  // only the model's words come in pieces: phrases are whole
  const isMore = last?.turn === turn && last.step === step && last.kind === kind && isOfModel(last);
  if (isMore) last.text += delta;
  else pieces.push({ atMs, turn, step, kind, text: delta });
}

const isOfModel = ({ kind, step }: SaidPiece): boolean =>
  step !== undefined && step !== 0 && (kind === 'answer' || kind === 'filler');

/** Words before a tool that ends the call are the goodbye, and not a filler. */
function becomeFiller(
  pieces: readonly SaidPiece[],
  events: readonly CallEvent[],
  { turn, step }: EventOf<'step-end'>,
): void {
  const called = events.filter((event) => event.type === 'tool-start' && event.turn === turn && event.step === step);
  if (called.length > 0 && called.every((event) => 'effect' in event && event.effect === 'terminal')) return;
  for (const piece of pieces)
    if (piece.turn === turn && piece.step === step && piece.kind === 'answer') piece.kind = 'filler';
}

function takeBack(pieces: readonly SaidPiece[], { turn, step, heard }: EventOf<'text-taken-back'>): SaidPiece[] {
  const isOf = (piece: SaidPiece) => piece.turn === turn && piece.step === step && isOfModel(piece);
  const last = pieces.findLast(isOf);
  const left = pieces.filter((piece) => !isOf(piece));
  return last && heard !== '' ? [...left, { ...last, text: heard }] : left;
}
