/** A request as the model would be given it: tools first, then each message. What is cached and billed goes by this. */
import type { PromptPiece } from './prefix-cache.ts';
import type { ChatRequest, RequestMessage } from './request.ts';
import { countTokens, TOKENS_PER_MESSAGE } from './tokens.ts';

export function promptPieces(request: ChatRequest): PromptPiece[] {
  const messages = request.messages.map((message) => {
    const text = JSON.stringify(message);
    return { text, tokens: () => tokensOf(message) };
  });
  if (!request.tools) return messages;
  const tools = JSON.stringify(request.tools);
  return [{ text: tools, tokens: () => countTokens(tools) }, ...messages];
}

function tokensOf(message: RequestMessage): number {
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
  const callTokens = calls.reduce(
    (sum, { function: called }) => sum + countTokens(called.name) + countTokens(called.arguments) + TOKENS_PER_MESSAGE,
    0,
  );
  return TOKENS_PER_MESSAGE + countTokens(message.content ?? '') + callTokens;
}
