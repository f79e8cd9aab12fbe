/** What a machine's log says of the model: what it was asked, and what it answered, each with its time. Pure. */
import { ProviderError, type ErrorCode } from '../lib/errors.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Message, ModelEvent, StepEnd } from '../model/contract.ts';
import type { SentRequest } from '../testing/result.ts';
import type { TurnEvent } from '../turn/contract.ts';

export interface LoggedRequest {
  /** Since the call's start, in milliseconds. */
  atMs: number;
  turn: number;
  step: number;
  messages: readonly Message[];
  toolChoice: 'auto' | 'none';
  /** What came of it, each with when, in milliseconds since it was asked. */
  answer: { afterMs: number; event: ModelEvent }[];
  /** The call had no more use for it by then; undefined once it has ended. */
  brokenOffMs: number | undefined;
}

/** In the order in which they were asked. Lines that are none are passed over. */
export function requestsInMachineLog(text: string): LoggedRequest[] {
  const requests: LoggedRequest[] = [];
  const byGeneration = new Map<number, LoggedRequest>();
  let messages: Message[] = [];
  for (const line of text.split('\n')) {
    const value = parseJson(line);
    if (!isRecord(value) || !Array.isArray(value['effects'])) continue;
    const atMs = Number(value['atMs']);
    hear(byGeneration, value['event'] as TurnEvent, atMs);
    for (const effect of value['effects'].filter(isRecord)) {
      const generation = Number(effect['generation']);
      if (effect['type'] === 'abort-step') breakOff(byGeneration.get(generation), atMs);
      if (effect['type'] !== 'request-step') continue;
      messages = [
        ...messages.slice(0, Number(effect['messagesKept'])), // written as how many of the one before are kept, and what is new
        ...((effect['messagesAdded'] ?? []) as Message[]),
      ];
      const request: LoggedRequest = {
        ...{ atMs, turn: Number(effect['turn']), step: Number(effect['step']), messages, answer: [] },
        toolChoice: effect['toolChoice'] === 'none' ? 'none' : 'auto',
        brokenOffMs: Infinity,
      };
      requests.push(request);
      byGeneration.set(generation, request);
    }
  }
  for (const request of requests) breakOff(request, request.atMs + (request.answer.at(-1)?.afterMs ?? 0));
  return requests;
}

/** As a call of a test has them. */
export const sentRequestsIn = (text: string): SentRequest[] =>
  requestsInMachineLog(text).map(({ atMs, turn, step, messages, toolChoice }) => ({
    ...{ atMs, turn, step, messages, toolChoice },
  }));

/** An answer that has not ended by then is cut there. */
function breakOff(request: LoggedRequest | undefined, atMs: number): void {
  if (request?.brokenOffMs === Infinity) request.brokenOffMs = atMs - request.atMs;
}

function hear(asked: ReadonlyMap<number, LoggedRequest>, event: TurnEvent, atMs: number): void {
  const request = 'generation' in event ? asked.get(event.generation) : undefined;
  const answer = request && modelEventOf(event);
  if (!request || !answer) return;
  request.answer.push({ afterMs: atMs - request.atMs, event: answer });
  if (answer.type === 'step-end' || answer.type === 'step-failed') request.brokenOffMs = undefined;
}

/** As the model said it; undefined of what is none of its. */
function modelEventOf(event: TurnEvent): ModelEvent | undefined {
  switch (event.type) {
    case 'text-delta':
      return { type: 'text-delta', delta: event.delta };
    case 'tool-call-start':
      return { type: 'tool-call-start' };
    case 'tool-call':
      return { type: 'tool-call', call: event.call };
    case 'tool-call-failed':
      return { type: 'tool-call-failed', call: event.call, message: event.message };
    case 'answer-extra': {
      const { message, calls } = event;
      return { type: 'answer-extra', ...(message && { message }), ...(calls && { calls }) };
    }
    case 'step-end': {
      const { finishReason, isTruncated, facts } = event;
      return { type: 'step-end', end: { finishReason, isTruncated, ...facts } };
    }
    case 'step-failed': {
      const { code, message, facts, fits } = event;
      const error = new ProviderError('recorded', code as ErrorCode, message, { phase: 'before-first-output' });
      const end: StepEnd = { finishReason: 'unknown', isTruncated: false, ...facts };
      return { type: 'step-failed', error, end, ...(fits !== undefined && { fits }) };
    }
    default:
      return undefined;
  }
}
