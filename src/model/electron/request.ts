/**
 * From what is asked to the JSON text of the request, refused here when the service would refuse it
 * (`wire/electron.md` 2 and 3). What was sent once is sent again byte for byte, so the prefix cache holds, and it is
 * serialised and checked once: the text of each message is kept for as long as the message lives.
 */
import { z } from 'zod';
import { ProviderError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { estimateTokens, TOKENS_PER_MESSAGE } from '../../lib/tokens.ts';
import type {
  ExtraFields,
  Message,
  MessageToolCall,
  ModelOptions as ContractOptions,
  StepRequest,
} from '../contract.ts';
import { goesBack, type Manners } from './manners.ts';
import { mergeMessages } from './merge-messages.ts';
import { LIMITS } from './wire.ts';

const penalty = () => z.number().min(LIMITS.penalty.min).max(LIMITS.penalty.max);
const stopText = z.string().min(1);

/** Of the agent file's `model`; a field's comment is what an editor shows and what `docs/agent.md` says. */
const MODEL_FIELDS = {
  /** The model's name, as its server has it. Default: `electron`, or the one that the client was made with. */
  model: z.string().min(1).optional(),
  /** How much chance there is in the choice of words. 0 to 2; default: the service's, 1. */
  temperature: z.number().min(LIMITS.temperature.min).max(LIMITS.temperature.max).optional(),
  /** The share of likely words that is chosen from. 0 to 1; default: the service's, 1. */
  topP: z.number().min(LIMITS.topP.min).max(LIMITS.topP.max).optional(),
  /** The most of one answer, lowered for a request whose prompt leaves less room. Tokens, 1 to 32,768; default: the service's. */
  maxTokens: z.int().min(1).max(LIMITS.contextTokens).optional(),
  /** Up to 4 texts that end the answer. Default: none. */
  stop: z.union([stopText, z.array(stopText).min(1).max(LIMITS.stops)]).optional(),
  /** For answers that repeat, as far as the service can. A whole number; default: none. */
  seed: z.int().optional(),
  /** Makes what was spoken of less likely to come again. -2 to 2; default: the service's, 0. */
  presencePenalty: penalty().optional(),
  /** The same, by how often. -2 to 2; default: the service's, 0. */
  frequencyPenalty: penalty().optional(),
  /** By the id of a token, how much more or less likely it is. Default: none. */
  logitBias: z.record(z.string().regex(/^\d+$/), z.number()).optional(),
  /** What an answer is; `json_object` is not for a voice. Default: the service's, `text`. */
  responseFormat: z.enum(['text', 'json_object']).optional(),
  /** A label for your own records; the model ignores it. Default: none. */
  user: z.string().min(1).optional(),
  /**
   * `merged`: one system message at the front, then the caller and the agent in turn. Default: as they are, until the
   * server refuses that.
   */
  messages: z.literal('merged').optional(),
  /** Whether the service tells how likely each token was. Default: false. */
  logprobs: z.boolean().optional(),
  /** How many tokens it tells of at each place, only with `logprobs`. 0 to 20; default: none. */
  topLogprobs: z.int().min(0).max(LIMITS.topLogprobs).optional(),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface ModelSchema extends z.ZodObject<typeof MODEL_FIELDS, z.core.$strict> {}

/** The agent file's `model` field. Everything is optional; what is left out is left to the service. */
export const ModelOptions: ModelSchema = z
  .strictObject(MODEL_FIELDS)
  .refine((options) => options.topLogprobs === undefined || options.logprobs === true, {
    path: ['topLogprobs'],
    message: 'Expected `logprobs` to be true beside `topLogprobs`',
  });
export type ModelOptions = z.output<typeof ModelOptions>;

export interface BodySettings {
  /** For requests whose options name none. */
  defaultModel: string;
  /** Input and output together. */
  contextTokens: number;
  /** What the service counts for each token that we estimate: 1 until it is known better. */
  tokenRatio: number;
  /** What the server is known to want. */
  manners: Manners;
}

export interface Body {
  /** JSON text. */
  json: string;
  /** Tokens of the prompt as we estimate them, before `tokenRatio`. */
  estimatedTokens: number;
}

/** @throws {ProviderError} `request-invalid` or `context-overflow`, naming the field. */
export function buildBody(request: StepRequest, settings: BodySettings): Body {
  const { options } = request;
  const { manners } = settings;
  const messages = formed(request, manners);
  const tools = toolsOf(request.toolsJson);
  let estimatedTokens = tools?.tokens ?? 0;
  let messagesJson = '';
  for (let i = 0; i < messages.length; i++) {
    const { json, tokens } = textOf(messages[i], i, manners);
    messagesJson += i === 0 ? json : `,${json}`;
    estimatedTokens += tokens;
  }
  checkAnswers(request.messages);
  const roomTokens = settings.contextTokens - Math.ceil(estimatedTokens * settings.tokenRatio);
  if (roomTokens < 1) {
    const message = `Expected the prompt to leave room in ${settings.contextTokens} tokens, got about ${settings.contextTokens - roomTokens}`;
    throw new ProviderError('electron', 'context-overflow', message, { phase: 'connect' });
  }
  const model = JSON.stringify(options.model ?? settings.defaultModel);
  const toolsPart = tools ? `,"tools":${tools.json}${toolChoiceJson(request.toolChoice, tools)}` : '';
  const maxTokens = options.maxTokens === undefined ? '' : `,"max_tokens":${Math.min(options.maxTokens, roomTokens)}`;
  const json =
    `{"model":${model},"messages":[${messagesJson}]${toolsPart}${maxTokens}${optionsJson(options)}` +
    ',"stream":true,"stream_options":{"include_usage":true}}';
  return { json, estimatedTokens };
}

/** The messages in the form that the server takes. */
function formed({ messages, options }: StepRequest, { form }: Manners): readonly Message[] {
  if (messages.length < 1 || messages.length > LIMITS.messages) {
    refuse(`Expected \`messages\` to be 1 to ${LIMITS.messages}, got ${messages.length}`);
  }
  if (form === 'separate' && options.messages !== 'merged') return messages;
  for (const [i, message] of messages.entries()) checkMessage(message, `messages[${i}]`);
  return mergeMessages(messages, form !== 'without-system');
}

interface MessageText {
  json: string;
  tokens: number;
  /** With which it was written, when it would be another text with others. */
  manners: Manners | undefined;
}

/** Messages are never changed after they were handed out, so neither is what is kept here. */
const messageTexts = new WeakMap<Message, MessageText>();

function textOf(message: Message | undefined, index: number, manners: Manners): MessageText {
  const known = message && messageTexts.get(message);
  if (known && (known.manners === undefined || known.manners === manners)) return known;
  const checked = checkMessage(message, `messages[${index}]`);
  const text = isPlain(checked) ? plainText(checked) : textWithExtra(checked, manners);
  messageTexts.set(checked, text);
  return text;
}

type CallsMessage = Extract<Message, { role: 'assistant' }> & { tool_calls: MessageToolCall[] };

/** Whether it is the same text for every server. What beside a call goes back may be missed where there is nothing, too. */
function isPlain(message: Message): message is Exclude<Message, CallsMessage> {
  return message.role !== 'assistant' || message.tool_calls === undefined;
}

function plainText(message: Message): MessageText {
  const json = JSON.stringify('extra' in message ? { ...message, extra: undefined } : message);
  return { json, tokens: estimateTokens(message.content ?? '') + TOKENS_PER_MESSAGE, manners: undefined };
}

function textWithExtra(message: CallsMessage, manners: Manners): MessageText {
  const { content, tool_calls: calls } = message;
  const beside = withMissed(kept(message.extra, manners), manners);
  const hasExtra = calls.some(({ extra }) => extra !== undefined);
  const callsText = JSON.stringify(hasExtra ? calls.map((call) => ({ ...call, extra: undefined })) : calls);
  const written = hasExtra ? JSON.stringify(calls.map((call) => callWith(call, manners))) : callsText;
  let besideText = '';
  // Signatures are not billed as the text that they are.
  let tokens = TOKENS_PER_MESSAGE + estimateTokens(content ?? '') + estimateTokens(callsText);
  for (const [field, value] of Object.entries(beside)) {
    if (value === undefined) continue;
    besideText += `,${JSON.stringify(field)}:${JSON.stringify(value)}`;
    if (typeof value === 'string') tokens += estimateTokens(value);
  }
  const json = `{"role":"assistant","content":${JSON.stringify(content)},"tool_calls":${written}${besideText}}`;
  return { json, tokens, manners };
}

/** As it came: what it has beside its own fields, and in its `function` beside those, stands there again. */
function callWith({ extra, ...call }: MessageToolCall, manners: Manners): object {
  if (!extra) return call;
  const { function: inner, ...own } = extra;
  return { ...call, function: { ...call.function, ...kept(inner, manners) }, ...kept(own, manners) };
}

function kept(extra: unknown, manners: Manners): Record<string, unknown> {
  if (!isRecord(extra)) return {};
  return Object.fromEntries(Object.entries(extra).filter(([field]) => goesBack(field, manners)));
}

/** For a message whose thoughts are not known: cut off, too long, or another model's. A blank is what every server takes. */
const NO_THOUGHTS = ' ';

function withMissed(extra: Record<string, unknown>, { wanted, refused }: Manners): Record<string, unknown> {
  const missed = wanted.filter((field) => !(field in extra) && !refused.includes(field));
  return { ...extra, ...Object.fromEntries(missed.map((field) => [field, NO_THOUGHTS])) };
}

/** The names of all fields that the answers among these messages had beside the protocol's. */
export function extraFieldsOf(messages: readonly Message[]): string[] {
  const names = new Set<string>();
  const addAll = (extra: ExtraFields | undefined): void => {
    for (const [name, value] of Object.entries(extra ?? {})) {
      if (name === 'function' && isRecord(value)) addAll(value);
      else names.add(name);
    }
  };
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    addAll(message.extra);
    for (const call of message.tool_calls ?? []) addAll(call.extra);
  }
  return [...names];
}

function checkMessage(message: Message | undefined, field: string): Message {
  if (!isRecord(message)) refuse(`Expected \`${field}\` to be a message, got ${quote(message)}`);
  const { role, content } = message;
  if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool') {
    refuse(`Expected \`${field}.role\` to be system, user, assistant or tool, got ${quote(role)}`);
  }
  const calls = role === 'assistant' ? message.tool_calls : undefined;
  if (typeof content !== 'string' && !(content === null && calls !== undefined)) {
    refuse(`Expected \`${field}.content\` to be text, or null beside tool calls, got ${quoteKind(content)}`);
  }
  if (role === 'tool' && (typeof message.tool_call_id !== 'string' || message.tool_call_id === '')) {
    refuse(`Expected \`${field}.tool_call_id\` to be the id of a call, got ${quote(message.tool_call_id)}`);
  }
  if (calls !== undefined) checkCalls(calls, `${field}.tool_calls`);
  return message;
}

function checkCalls(calls: MessageToolCall[], field: string): void {
  if (!Array.isArray(calls) || calls.length === 0) refuse(`Expected \`${field}\` to hold a call, or to be left out`);
  for (const [i, { id, function: fn }] of calls.entries()) {
    if (typeof id !== 'string' || id === '') refuse(`Expected \`${field}[${i}].id\` to be text, got ${quote(id)}`);
    if (calls.findIndex((other) => other.id === id) !== i)
      refuse(`Expected ids in \`${field}\` to differ, got ${quote(id)} twice`);
    if (typeof fn?.name !== 'string' || fn.name === '') {
      refuse(`Expected \`${field}[${i}].function.name\` to be a name, got ${quote(fn?.name)}`);
    }
    if (typeof fn.arguments !== 'string' || !isRecord(parseJson(fn.arguments))) {
      refuse(`Expected \`${field}[${i}].function.arguments\` to be the text of a JSON object`);
    }
  }
}

const NONE: string[] = [];

/** Every call has exactly one answer, right after its assistant message, and nothing else is an answer. */
function checkAnswers(messages: readonly Message[]): void {
  let open: string[] = NONE;
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]!;
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) {
        refuse(`Expected \`messages[${i}]\` to answer an open call, got an answer to ${quote(message.tool_call_id)}`);
      }
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) refuse(`Expected an answer to call ${quote(open[0])} before \`messages[${i}]\`, got none`);
    if (message.role === 'assistant' && message.tool_calls) open = message.tool_calls.map((call) => call.id);
  }
  if (open.length > 0) refuse(`Expected an answer to call ${quote(open[0])} at the end of \`messages\`, got none`);
}

interface ToolsText {
  json: string;
  names: readonly string[];
  tokens: number;
}

/** An agent's tools are one text for its whole life, and a process has few agents. */
const toolsTexts = new Map<string, ToolsText | undefined>();
const TOOLS_TEXTS_KEPT = 64;

/** Undefined when there is nothing to send: an empty array is never sent. */
function toolsOf(json: string | undefined): ToolsText | undefined {
  if (json === undefined) return undefined;
  if (toolsTexts.has(json)) return toolsTexts.get(json);
  const names = checkTools(parseJson(json));
  const tools = names.length === 0 ? undefined : { json, names, tokens: estimateTokens(json) };
  if (toolsTexts.size >= TOOLS_TEXTS_KEPT) toolsTexts.clear();
  toolsTexts.set(json, tools);
  return tools;
}

function checkTools(tools: unknown): string[] {
  if (!Array.isArray(tools)) refuse('Expected `tools` to be the text of a JSON array');
  if (tools.length > LIMITS.tools) refuse(`Expected at most ${LIMITS.tools} \`tools\`, got ${tools.length}`);
  const names = tools.map((tool: unknown, i) => {
    const fn = isRecord(tool) && tool.type === 'function' ? tool.function : undefined;
    const name = isRecord(fn) ? fn.name : undefined;
    if (typeof name === 'string' && LIMITS.toolName.test(name)) return name;
    return refuse(`Expected \`tools[${i}].function.name\` to match ${LIMITS.toolName.source}, got ${quote(name)}`);
  });
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) refuse(`Expected the names of \`tools\` to differ, got ${quote(repeated)} twice`);
  return names;
}

/** `auto` is the default of the service and is not sent. */
function toolChoiceJson(choice: StepRequest['toolChoice'], tools: ToolsText): string {
  if (choice === undefined || choice === 'auto') return '';
  if (typeof choice === 'string') return `,"tool_choice":"${choice}"`;
  if (!tools.names.includes(choice.name)) {
    refuse(`Expected \`toolChoice\` to name one of the tools, got ${quote(choice.name)}`);
  }
  return `,"tool_choice":${JSON.stringify({ type: 'function', function: { name: choice.name } })}`;
}

/** An agent's options are one object for its whole life. */
const optionsTexts = new WeakMap<ContractOptions, string>();

/** Everything but the model and the limit of the answer, each with its leading comma. */
function optionsJson(options: ContractOptions): string {
  const known = optionsTexts.get(options);
  if (known !== undefined) return known;
  const { success, error } = ModelOptions.safeParse(options);
  if (!success) refuse(`Expected \`options\` to be what the service allows: ${z.prettifyError(error)}`);
  const fields = {
    temperature: options.temperature,
    top_p: options.topP,
    stop: options.stop,
    seed: options.seed,
    presence_penalty: options.presencePenalty,
    frequency_penalty: options.frequencyPenalty,
    logit_bias: options.logitBias,
    response_format: options.responseFormat && { type: options.responseFormat },
    user: options.user,
    logprobs: options.logprobs,
    top_logprobs: options.topLogprobs,
  };
  const inside = JSON.stringify(fields).slice(1, -1);
  const json = inside === '' ? '' : `,${inside}`;
  optionsTexts.set(options, json);
  return json;
}

function refuse(message: string): never {
  throw new ProviderError('electron', 'request-invalid', message, { phase: 'connect' });
}

function quote(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** For values that may be what somebody said, which has no place in an error. */
function quoteKind(value: unknown): string {
  return value === null ? '`null`' : `a value of type ${Array.isArray(value) ? 'array' : typeof value}`;
}
