/**
 * How servers say that a conversation has become too long for the model, in their own words: the history is made shorter
 * then, and the model asked once more. Pure.
 */
import type { ErrorFacts } from '../../lib/provider-errors.ts';

/** What one kind of server says. `example` is one such text, with the source that it is known from. */
export interface OverflowWording {
  source: string;
  pattern: RegExp;
  example: string;
}

export const OVERFLOW_WORDINGS: readonly OverflowWording[] = [
  {
    source: 'OpenAI, and most that follow it: the code',
    pattern: /context[_ ]length[_ ]exceeded/i,
    example: 'context_length_exceeded',
  },
  {
    source: 'OpenAI, vLLM, SGLang, DeepSeek, OpenRouter, Together, Fireworks, Azure',
    pattern: /maximum context length/i,
    example:
      "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens (8501 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
  },
  {
    source: 'OpenAI, newer',
    pattern: /exceeds? (the|this model's|its) (maximum )?context (window|length|limit)/i,
    example: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  },
  {
    source: 'Anthropic, and gateways before it',
    pattern: /prompt (is )?too long/i,
    example: 'prompt is too long: 226360 tokens > 200000 maximum',
  },
  {
    source: 'Anthropic, with the room for the answer',
    pattern: /exceeds? (the )?context limit/i,
    example: 'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
  },
  {
    source: 'Anthropic, Cloudflare, Ollama over HTTP, nginx: 413',
    pattern: /request[_ ](entity[_ ])?too[_ ]large|payload too large|request exceeds the maximum size/i,
    example: 'Request too large',
  },
  {
    source: 'Groq',
    pattern: /reduce (the length of the messages|your message size|the length of your (prompt|input))/i,
    example: 'Please reduce the length of the messages or completion.',
  },
  {
    source: 'llama.cpp',
    pattern: /exceeds? (the )?available context size|exceed_context_size|context size has been exceeded/i,
    example: 'the request exceeds the available context size. try increasing the context size or enable context shift',
  },
  {
    source: 'llama.cpp, newer',
    pattern: /request \(\d+ tokens\) exceeds/i,
    example: 'request (9411 tokens) exceeds the available context size (8192 tokens), try increasing it',
  },
  {
    source: 'LM Studio',
    pattern: /greater than the context length|context (length|window) of only|n_keep.{0,40}n_ctx/i,
    example:
      'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 5312 >= n_ctx: 4096)',
  },
  {
    source: 'Ollama',
    pattern: /input length exceeds (the )?(maximum )?context length|exceeded max context length/i,
    example: 'prompt too long; exceeded max context length by 1204 tokens',
  },
  {
    source: 'Mistral',
    pattern: /too large for model with|prompt contains \d+ tokens/i,
    example: 'Prompt contains 40012 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  },
  {
    source: 'Gemini and Vertex',
    pattern: /input token count.{0,40}exceeds|exceeds the maximum number of (input )?tokens/i,
    example: 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).',
  },
  {
    source: 'Bedrock',
    pattern: /input is too long|too many input tokens/i,
    example: 'ValidationException: Input is too long for requested model.',
  },
  {
    source: 'xAI',
    pattern: /maximum prompt length/i,
    example: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  },
  {
    source: 'Cerebras',
    pattern: /current length is \d+ while limit is \d+/i,
    example: 'Please reduce the length of the messages or completion. Current length is 9412 while limit is 8192',
  },
  {
    source: 'Copilot',
    pattern: /prompt token count.{0,40}exceeds|exceeds the limit of \d+/i,
    example: 'prompt token count of 140221 exceeds the limit of 128000',
  },
  {
    source: 'Moonshot',
    pattern: /exceed(ed|s)? model token limit/i,
    example: 'Invalid request: Your request exceeded model token limit: 131072',
  },
  {
    source: 'MiniMax',
    pattern: /context window exceeds limit/i,
    example: 'invalid params, context window exceeds limit (2013)',
  },
  {
    source: 'Z.ai, and Anthropic as a reason to stop',
    pattern: /model_context_window_exceeded|prompt exceeds max(imum)? length/i,
    example: 'model_context_window_exceeded',
  },
  {
    source: 'Together, text-generation-inference',
    pattern: /tokens.{0,40} must be (<=|less than)/i,
    example:
      'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9002 `inputs` tokens and 512 `max_new_tokens`',
  },
  {
    source: 'DashScope',
    pattern: /range of input length should be/i,
    example: '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]',
  },
  {
    source: 'Cohere, Databricks, watsonx and others: the tokens of a request, of a prompt or of an input',
    pattern: /too many tokens|tokens? limit exceeded|exceeds? the (maximum )?(number of )?(input )?tokens? limit/i,
    example: 'too many tokens: size limit exceeded by 2317 tokens',
  },
  {
    source: 'vLLM, SGLang, TensorRT-LLM',
    pattern:
      /longer than the (maximum )?(model|context) length|maximum model length|exceed(s|ing)? max(imum)?_?(model|seq|input|num_tokens)/i,
    example: 'The decoder prompt (length 5021) is longer than the maximum model length of 4096.',
  },
  {
    source: 'SGLang',
    pattern: /is longer than the model's context length/i,
    example: "The input (9002 tokens) is longer than the model's context length (8192 tokens).",
  },
  {
    source: 'Electron, as its documents name the number',
    pattern: /context is [\d,]+ tokens|32,?768/i,
    example: "This model's context is 32768 tokens, input and output together",
  },
  {
    source: 'others',
    pattern: /context (overflow|window|length|limit)/i,
    example: 'The conversation does not fit in the context window',
  },
];

/** Statuses with which servers say so; llama.cpp and LM Studio say it with a 500. */
const STATUSES = [400, 413, 422, 500];
/** OpenAI and Groq say it with a 429 when one request alone is more than a minute may hold: waiting never helps then. */
const TOO_LARGE_FOR_A_MINUTE = /request too large|must be reduced/i;
/** What is said of many requests is no word about the length of one, whatever else it says. */
const OF_MANY_REQUESTS = /\b(per|every|each|a) (minute|day|hour|second)\b|please wait|try again (in|later)/i;

/**
 * @param status undefined for an error inside a stream that names none.
 * @param words All of the body, where there is one.
 */
export function isOverflow(
  { code, message }: Pick<ErrorFacts, 'code' | 'message'>,
  status: number | undefined,
  words: string,
): boolean {
  if (status === 413) return true;
  const text = `${code} ${message} ${words}`;
  if (status === 429) return TOO_LARGE_FOR_A_MINUTE.test(text);
  if (status !== undefined && !STATUSES.includes(status)) return false;
  if (OF_MANY_REQUESTS.test(text)) return false;
  return OVERFLOW_WORDINGS.some(({ pattern }) => pattern.test(text));
}

/** How a limit is told: behind its name, behind `>`, as the end of a range, or before the word. */
const LIMITS_TOLD: readonly RegExp[] = [
  /(?:>=?|must be (?:<=|less than))\D{0,12}?(\d[\d,]*)/i,
  /\[\d[\d,]*, ?(\d[\d,]*)\]/,
  /\b(?:maximum|limit|allowed|context|window|n_ctx)\b\D{0,50}?(\d[\d,]*)/i,
  /(\d[\d,]*) (?:tokens? )?(?:maximum|limit)\b/i,
];
/** A smaller number is no length of a conversation, but a status or a code. */
const LEAST_TOKENS = 256;
/** However it was understood, so much is kept: the next refusal tells more. */
const LEAST_FITS = 0.4;

/** Which share of a conversation the server would have taken, when it says how long that was and how long it may be. */
export function fitsOf(words: string): number | undefined {
  const text = words.slice(0, MOST_CHARACTERS);
  const numbers = [...text.matchAll(/\d[\d,]*/g)].map(([digits]) => tokensOf(digits));
  for (const told of LIMITS_TOLD) {
    const limit = tokensOf(told.exec(text)?.[1]);
    const got = Math.max(...numbers.filter((number) => number < limit * 100));
    if (limit >= LEAST_TOKENS && got > limit) return Math.max(LEAST_FITS, limit / got);
  }
  return undefined;
}

const MOST_CHARACTERS = 2_000;

const tokensOf = (digits = ''): number => Number(digits.replaceAll(',', ''));
