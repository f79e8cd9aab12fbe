/**
 * Reads a request body as the service would: a typed request, or the refusal that says what is wrong with it.
 * Unknown fields pass, as they do there. What the documents leave open (an empty `tools`, a history with an unanswered
 * call, arguments that are not JSON) is refused, because servers of this kind refuse it and a client must not rely on luck.
 */
import { z } from 'zod';
import { isRecord, parseJson } from '../../lib/json.ts';
import { invalid, type ErrorDetail, type Refusal } from './envelope.ts';
import { CONTEXT_TOKENS, MAX_MESSAGES, MAX_STOPS, MAX_TOOLS, MAX_TOP_LOGPROBS, MODEL } from './limits.ts';

const AssistantCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

const RequestMessage = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal(['system', 'developer']), content: z.string() }),
  z.looseObject({ role: z.literal('user'), content: z.string() }),
  z.looseObject({
    role: z.literal('assistant'),
    content: z.string().nullish(),
    tool_calls: z.array(AssistantCall).nullish(),
  }),
  z.looseObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: z.string() }),
]);
export type RequestMessage = z.output<typeof RequestMessage>;

const ToolChoice = z.union([
  z.literal(['auto', 'none', 'required']),
  z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string().min(1) }) }),
]);

const ChatRequest = z.looseObject({
  model: z.literal(MODEL),
  messages: z.array(RequestMessage).min(1),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(z.record(z.string(), z.unknown())).min(1).nullish(),
  tool_choice: ToolChoice.nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  user: z.string().nullish(),
});
export type ChatRequest = z.output<typeof ChatRequest>;

export type ReadRequest = { ok: true; request: ChatRequest } | { ok: false; refusal: Refusal };

/** Everything but the context length, which needs a token count: see `refuseOverflow`. */
export function readRequest(bodyText: string): ReadRequest {
  const body = parseJson(bodyText);
  if (!isRecord(body)) return { ok: false, refusal: invalid('The body is not a JSON object') };
  const refusal = refuseByLimit(body) ?? refuseField(body);
  if (refusal) return { ok: false, refusal };
  const read = ChatRequest.safeParse(body, { reportInput: true });
  if (!read.success) return { ok: false, refusal: invalid('Invalid input data', read.error.issues.map(detailOf)) };
  const broken = refuseHistory(read.data.messages) ?? refuseTools(read.data);
  return broken ? { ok: false, refusal: broken } : { ok: true, request: read.data };
}

/** `promptTokens` and `max_tokens` share one context. */
export function refuseOverflow(request: ChatRequest, promptTokens: number): Refusal | undefined {
  const asked = request.max_tokens ?? 1;
  if (promptTokens + asked <= CONTEXT_TOKENS) return undefined;
  const message =
    `This model's context is ${CONTEXT_TOKENS} tokens, input and output together: ` +
    `\`messages\` and \`tools\` take ${promptTokens}, and \`max_tokens\` asks for ${asked}`;
  return invalid(message, [detail('too_big', message, request.max_tokens ? 'max_tokens' : 'messages')]);
}

/** Hard limits name their field in the message itself. */
function refuseByLimit(body: Record<string, unknown>): Refusal | undefined {
  const limits: [field: string, limit: number][] = [
    ['messages', MAX_MESSAGES],
    ['tools', MAX_TOOLS],
    ['stop', MAX_STOPS],
  ];
  for (const [field, limit] of limits) {
    const list = body[field];
    if (!Array.isArray(list) || list.length <= limit) continue;
    const message = `\`${field}\` takes at most ${limit} entries, got ${list.length}`;
    return invalid(message, [detail('too_big', message, field)]);
  }
  return undefined;
}

function refuseField(body: Record<string, unknown>): Refusal | undefined {
  const details: ErrorDetail[] = [];
  if (typeof body['n'] === 'number' && body['n'] > 1) details.push(detail('custom', 'n > 1 is not supported', 'n'));
  if (body['prompt_logprobs'] !== undefined)
    details.push(detail('custom', 'prompt_logprobs is not supported', 'prompt_logprobs'));
  if (typeof body['top_logprobs'] === 'number' && body['logprobs'] !== true)
    details.push(detail('custom', 'top_logprobs needs logprobs to be true', 'top_logprobs'));
  return details.length > 0 ? invalid('Invalid input data', details) : undefined;
}

/** Every call has its answers right behind it, each once; no answer without a call; no assistant message without both. */
function refuseHistory(messages: readonly RequestMessage[]): Refusal | undefined {
  let unanswered = new Set<string>();
  for (const [position, message] of messages.entries()) {
    const at = ['messages', String(position)];
    if (message.role === 'tool') {
      if (unanswered.delete(message.tool_call_id)) continue;
      return refuseMessage(`A tool message answers no call before it: ${message.tool_call_id}`, [
        ...at,
        'tool_call_id',
      ]);
    }
    if (unanswered.size > 0) return refuseUnanswered(unanswered, at);
    if (message.role !== 'assistant') continue;
    const calls = message.tool_calls ?? [];
    if (calls.length === 0 && !message.content)
      return refuseMessage('An assistant message needs content or tool_calls', at);
    for (const [index, call] of calls.entries()) {
      const argumentsAt = [...at, 'tool_calls', String(index), 'function', 'arguments'];
      if (!isRecord(parseJson(call.function.arguments)))
        return refuseMessage('Tool call arguments are not the text of a JSON object', argumentsAt);
    }
    unanswered = new Set(calls.map((call) => call.id));
    if (unanswered.size < calls.length)
      return refuseMessage('Two tool calls of one message share an id', [...at, 'tool_calls']);
  }
  return unanswered.size > 0 ? refuseUnanswered(unanswered, ['messages', String(messages.length - 1)]) : undefined;
}

function refuseUnanswered(ids: ReadonlySet<string>, path: string[]): Refusal {
  return refuseMessage(
    `An assistant message with tool_calls must be followed by tool messages answering each id; unanswered: ${[...ids].join(', ')}`,
    path,
  );
}

/** A forced tool must be there. What a tool looks like inside is not checked: the documented schema is loose. */
function refuseTools(request: ChatRequest): Refusal | undefined {
  const choice = request.tool_choice;
  if (!choice || choice === 'auto' || choice === 'none') return undefined;
  if (!request.tools) return refuseMessage('tool_choice needs tools', ['tool_choice']);
  if (choice === 'required') return undefined;
  const names = request.tools.map((tool) => (isRecord(tool['function']) ? tool['function']['name'] : undefined));
  if (names.includes(choice.function.name)) return undefined;
  return refuseMessage(`tool_choice names a tool that is not in tools: ${choice.function.name}`, [
    'tool_choice',
    'function',
    'name',
  ]);
}

function refuseMessage(message: string, path: string[]): Refusal {
  return invalid(message, [{ code: 'custom', message, path }]);
}

function detail(code: string, message: string, ...path: string[]): ErrorDetail {
  return { code, message, path };
}

function detailOf(issue: z.core.$ZodIssue): ErrorDetail {
  return { code: issue.code, message: issue.message, path: issue.path.map(String) };
}
