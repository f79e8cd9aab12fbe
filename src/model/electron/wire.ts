/**
 * What Electron's documentation fixes, as facts: paths, limits, and the shapes that go over the wire. Pure; shared by
 * the client and by the simulator. `wire/electron.md` 1 to 5 and 7.
 */
import type { Message } from '../contract.ts';

export const ELECTRON_MODEL = 'electron';
/** Appended to the base URL. */
export const CHAT_COMPLETIONS_PATH = '/chat/completions';
export const REQUEST_ID_HEADER = 'x-request-id';
/** The payload that ends every stream. */
export const DONE = '[DONE]';

/** Hard limits: the service answers 400 beyond them. */
export const LIMITS = {
  messages: 200,
  tools: 64,
  stops: 4,
  topLogprobs: 20,
  /** Input and output together. */
  contextTokens: 32_768,
  toolName: /^[A-Za-z0-9_-]{1,64}$/,
  temperature: { min: 0, max: 2 },
  topP: { min: 0, max: 1 },
  penalty: { min: -2, max: 2 },
} as const;

/** Electron's own part of what a `429` says, by which the two limits can be told apart. */
export const CONCURRENCY_LIMIT_MESSAGE = 'Concurrency limit reached';

/** `error.type` is an open set; these are the documented ones. */
export type WireErrorType = 'invalid_request_error' | 'authentication_error' | 'rate_limit_error';

/** The body of every answer that is not 200, also when a stream was asked for. Read it with `readErrorBody`. */
export interface WireErrorEnvelope {
  error: {
    message: string;
    type: WireErrorType | (string & {});
    details?: { code: string; message: string; path: (string | number)[] }[];
    request_id?: string;
  };
}

export type WireToolChoice = 'auto' | 'required' | 'none' | { type: 'function'; function: { name: string } };

/** The request body. `tools` is any object as far as the service is concerned, so we check it ourselves. */
export interface WireRequest {
  model: string;
  messages: Message[];
  temperature?: number;
  top_p?: number;
  /** Output only, at least 1. */
  max_tokens?: number;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: unknown[];
  tool_choice?: WireToolChoice;
  response_format?: { type: 'text' | 'json_object' };
  stop?: string | string[];
  seed?: number;
  logit_bias?: Record<string, number>;
  logprobs?: boolean;
  top_logprobs?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  user?: string;
}

export type WireFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
}

/** One piece of a tool call. `id`, `type` and `name` come with the first piece of each index. */
export interface WireToolCallPiece {
  index: number;
  id?: string;
  type?: 'function';
  function?: { name?: string; arguments?: string };
}

/** One `data:` line. Everything but `choices` may be missing; `choices` is empty in the usage chunk. */
export interface WireChunk {
  id?: string;
  object?: 'chat.completion.chunk';
  created?: number;
  model?: string;
  choices: {
    index: number;
    delta?: { role?: 'assistant'; content?: string | null; tool_calls?: WireToolCallPiece[] };
    finish_reason?: WireFinishReason | null;
  }[];
  usage?: WireUsage | null;
}

/** The whole answer, when no stream was asked for. */
export interface WireCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: {
    index: number;
    message: {
      role: 'assistant';
      content: string | null;
      tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[] | null;
    };
    finish_reason: WireFinishReason;
  }[];
  usage: WireUsage;
}
