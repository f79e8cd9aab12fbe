/** What observers are told of a turn and its steps, in the words of the contract. */
import type { TurnOutcome, TurnReport } from './contract.ts';
import { isAskedAnew, type StepEndEvent, type TurnState } from './step.ts';

/** What went wrong with a step, unless it is asked anew, and how it ended. */
export function stepEndReports(turn: TurnState, event: StepEndEvent): TurnReport[] {
  const end = stepEndReport(turn, event);
  if (event.type !== 'step-failed' || isAskedAnew(turn.step, event)) return [end];
  return [stepErrorReport(turn, { ...event, requestId: event.facts.requestId }), end];
}

function stepEndReport({ number: turn, step }: TurnState, event: StepEndEvent): TurnReport {
  return {
    type: 'step-end',
    turn,
    step: step.number,
    finishReason: event.type === 'step-failed' ? 'failed' : event.finishReason,
    textKind: step.sawCall ? 'filler' : 'answer',
    ...event.facts,
  };
}

export function stepErrorReport(
  { number: turn, step }: TurnState,
  { code, message, requestId }: { code: string; message: string; requestId: string | undefined },
): TurnReport {
  return { type: 'error', turn, step: step.number, code, message, requestId };
}

export function factsErrorReport(turn: number, message: string): TurnReport {
  return { type: 'error', turn, code: 'options-invalid', message, requestId: undefined };
}

export function turnEndReport(turn: TurnState, outcome: TurnOutcome, heard: string, atMs: number): TurnReport {
  const { number, startedAtMs, firstWordAtMs, silence } = turn;
  const firstWordMs = firstWordAtMs === undefined ? undefined : Math.round(firstWordAtMs - startedAtMs);
  const latency = { firstWordMs, totalMs: Math.round(atMs - startedAtMs), silence: silence.result };
  return { type: 'turn-end', turn: number, outcome, heard, latency };
}
