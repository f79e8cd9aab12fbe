/**
 * Manners of other servers that speak the same protocol, so that a client can be tried against them: a template that takes the
 * caller and the agent only in turn, signatures and thoughts that must come back, a context of its own with words of its own.
 */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { invalid, typeOfStatus, type Refusal } from './envelope.ts';
import { CONTEXT_TOKENS } from './limits.ts';
import type { ChatRequest, RequestMessage } from './request.ts';

export const Manners = z.strictObject({
  /**
   * `alternating`: one system message at the front, then the caller and the agent in turn, as templates of Mistral, Gemma and
   * Qwen ask for. `no-system`: so too, and no system message at all.
   */
  roles: z.enum(['any', 'alternating', 'no-system']).default('any'),
  /** The first call of an answer carries `extra_content` with a signature, and must be sent back with it, as Gemini asks for. */
  signatures: z.boolean().default(false),
  /**
   * `reasoning_content` beside an answer with calls. `wanted`: it must be sent back, as DeepSeek and Moonshot ask for;
   * `refused`: it must not, as with Groq, Cerebras and Mistral.
   */
  reasoning: z.enum(['none', 'wanted', 'refused']).default('none'),
  /** Input and output together. Default: Electron's. */
  contextTokens: z.int().positive().default(CONTEXT_TOKENS),
  /** In whose words, and with which status, a longer conversation is refused. */
  overflow: z.enum(['electron', 'anthropic', 'llama.cpp', 'too-large']).default('electron'),
});
export type Manners = z.output<typeof Manners>;

/** What is thought before a call, in pieces. */
export const THOUGHTS = ['The caller asks for something ', 'that a tool knows.'];

/** Beside the first call of an answer. */
export const extraOf = (callId: string): object => ({
  extra_content: { google: { thought_signature: Buffer.from(`signed ${callId}`).toString('base64') } },
});

/** What such a server says to a request that Electron would take; undefined when it takes it too. */
export function refuseByManners({ messages }: ChatRequest, manners: Manners): Refusal | undefined {
  const words = refuseRoles(messages, manners) ?? refuseFields(messages, manners);
  return words === undefined ? undefined : invalid(words);
}

export function refuseLength(tokens: number, { contextTokens, overflow }: Manners): Refusal | undefined {
  if (tokens <= contextTokens || overflow === 'electron') return undefined;
  if (overflow === 'too-large') return { status: 413, type: 'request_too_large', message: 'Request too large' };
  if (overflow === 'anthropic') return invalid(`prompt is too long: ${tokens} tokens > ${contextTokens} maximum`);
  const message = `request (${tokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`;
  return { status: 500, type: typeOfStatus(500), message };
}

function refuseRoles(messages: readonly RequestMessage[], { roles }: Manners): string | undefined {
  if (roles === 'any') return undefined;
  const start = messages[0]?.role === 'system' ? 1 : 0;
  if (start === 1 && roles === 'no-system') return 'System role not supported';
  let turns = 0;
  for (const message of messages.slice(start)) {
    if (message.role === 'system' || message.role === 'developer') return 'System message must be at the beginning.';
    const isOfTools = message.role === 'tool' || (message.role === 'assistant' && message.tool_calls);
    if (isOfTools) continue;
    if ((message.role === 'user') !== (turns++ % 2 === 0)) {
      return 'After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.';
    }
  }
  return undefined;
}

function refuseFields(messages: readonly RequestMessage[], { signatures, reasoning }: Manners): string | undefined {
  for (const [at, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const first = message.tool_calls?.[0];
    const thoughts = message['reasoning_content'];
    if (thoughts !== undefined && reasoning === 'refused')
      return `'messages.${at}' : for 'role:assistant' the following must be satisfied[('messages.${at}' : property 'reasoning_content' is unsupported)]`;
    if (!first) continue;
    if (reasoning === 'wanted' && (typeof thoughts !== 'string' || thoughts === ''))
      return `thinking is enabled but reasoning_content is missing in assistant tool call message at index ${at}`;
    if (signatures && !isSigned(first))
      return `Function call is missing a thought_signature in functionCall parts. Additional data, function call \`default_api:${first.function.name}\`, position ${at}.`;
  }
  return undefined;
}

function isSigned(call: { id: string; extra_content?: unknown }): boolean {
  const { extra_content: content } = extraOf(call.id) as { extra_content: unknown };
  return isRecord(call.extra_content) && JSON.stringify(call.extra_content) === JSON.stringify(content);
}
