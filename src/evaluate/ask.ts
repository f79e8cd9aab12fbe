/** One question to a model that plays a caller or a judge, and its whole answer as text. */
import { ProviderError } from '../lib/errors.ts';
import type { LanguageModel, Message, Priority } from '../model/contract.ts';

/** @throws {ProviderError} when it did not answer */
export type Ask = (messages: readonly Message[], signal?: AbortSignal) => Promise<string>;

export interface AskOptions {
  /** Behind the agent's own requests, which somebody waits for: default `answer`; a judge has `summary`. */
  priority?: Priority;
  /** Default 60,000. */
  deadlineMs?: number;
  /** The model's name at its server. Default: the server's own. */
  model?: string | undefined;
}

const DEADLINE_MS = 60_000;

/** Asks for JSON, and as nearly the same each time as a model gives. */
export function askOf(
  model: LanguageModel,
  { priority = 'answer', deadlineMs = DEADLINE_MS, model: name }: AskOptions = {},
): Ask {
  return (messages, signal) =>
    new Promise((resolve, reject) => {
      let text = '';
      const request = {
        messages,
        toolsJson: undefined,
        options: { temperature: 0, responseFormat: 'json_object' as const, ...(name !== undefined && { model: name }) },
        priority,
        deadlineMs,
      };
      const step = model.startStep(request, (event) => {
        if (event.type === 'text-delta') text += event.delta;
        else if (event.type === 'step-end') resolve(text);
        else if (event.type === 'step-failed') reject(event.error);
      });
      signal?.addEventListener('abort', () => {
        step.abort();
        reject(signal.reason as Error);
      });
    });
}

/** What went wrong, for a report: never a key, and never what was said. */
export const askFailure = (error: unknown): string =>
  error instanceof ProviderError
    ? `${error.code}${error.status === undefined ? '' : ` (${error.status})`}`
    : String(error);

/** The JSON value of an answer; a fence of code around it is let pass. Undefined when it is none. */
export function jsonIn(text: string): unknown {
  const inner = /^\s*```(?:json)?\s*([^]*?)\s*```\s*$/.exec(text)?.[1] ?? text;
  try {
    return JSON.parse(inner) as unknown;
  } catch {
    return undefined;
  }
}
