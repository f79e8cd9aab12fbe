/**
 * What a server wants the messages to be like, beyond the protocol: found out by one refusal, asked once more at once, and
 * remembered for the process, for each server and model. Pure, but for the memory at the end.
 *
 * Servers run a model's own template, and hand its complaint on: as a 400, or as a 500 (llama.cpp, LM Studio, Ollama). And
 * they differ in which fields of an answer they want to read again: what one refuses, another one refuses to do without.
 */

export interface Manners {
  /**
   * `separate`: the messages as they are. `merged`: one system message at the front, the caller and the agent in turn.
   * `without-system`: so too, with the words of the system in the caller's first message.
   */
  readonly form: 'separate' | 'merged' | 'without-system';
  /** Fields of an answer that go back since the server misses them. */
  readonly wanted: readonly string[];
  /** Fields of an answer that the server does not take. */
  readonly refused: readonly string[];
}

export const PLAIN_MANNERS: Manners = { form: 'separate', wanted: [], refused: [] };

/**
 * Go back only to a server that asks for them: Groq, Cerebras and Mistral refuse a request that has them, and the others do
 * not read them, but bill them. Every other field comes only from servers that want it back.
 */
const ONLY_WHEN_ASKED: readonly string[] = ['reasoning_content', 'reasoning'];

/** Whether this field of an answer stands in the next request. */
export function goesBack(field: string, { wanted, refused }: Manners): boolean {
  if (refused.includes(field)) return false;
  return wanted.includes(field) || !ONLY_WHEN_ASKED.includes(field);
}

/** Statuses of a refusal that is about the messages. */
const STATUSES = [400, 422, 500];

/**
 * What templates and gateways say of the order and the roles of messages. Known from the templates of Gemma, Mistral, Llama
 * and Qwen as vLLM, SGLang, llama.cpp, LM Studio and Ollama run them, and from Mistral, DeepSeek, Perplexity, Bedrock, Gemini,
 * Databricks and MiniMax.
 */
const ORDER_WORDS: readonly RegExp[] = [
  /\b(roles?|messages?|turns?|requests?)\b.{0,80}\balternat/i,
  /\balternat\w*\b.{0,60}\b(roles?|messages?|user|turns?)\b/i,
  /system (message|prompt|role)s?\b.{0,60}\b(begin|start|first|front|position|order)/i,
  /\b(first|beginning|start)\b.{0,40}\bsystem message/i,
  /\b(only|at most|more than|expected|multiple|single) (one |a |1 )?(single )?system (message|prompt)/i,
  /\b(multiple|several|two) system (messages|prompts)/i,
  /only (system, |system and )?user(,| and|\/) ?(and )?(assistant|model)\b.{0,40}\b(roles?|messages?)\b/i,
  /unexpected role ['"`]?\w+['"`]? after role/i,
  /expected last role/i,
  /(successive|consecutive|adjacent|two) (user|assistant|system|messages)/i,
  /\binterleave\b.{0,40}\b(user|assistant|messages)/i,
  /(conversation|messages?|contents?)\b.{0,40}\bmust (start|begin) with (a |an |the )?['"`]?user/i,
  /first\b.{0,30}\bmessage must (be|have)\b.{0,30}\buser/i,
  /last\b.{0,20}\bmessage must (be|have)\b.{0,30}\buser/i,
  /function call turn comes immediately after/i,
  /invalid[_ ]request[_ ]message[_ ]order/i,
];

/** No system message at all, wherever it stands. */
const NO_SYSTEM_WORDS: readonly RegExp[] = [
  /(?<!(multiple|several|two|one) )system (role|messages?|prompts?)( is| are)? not (be )?(supported|allowed|permitted)/i,
  /(does not|doesn't|do not) support (the )?system (role|messages?|prompts?|instructions?)/i,
  /(developer|system) instruction is not enabled/i,
  /only user and (assistant|model) roles are supported/i,
  /(unsupported|invalid|unknown|unexpected) (message )?role:? ['"`]?system\b(?!['"`]? after)/i,
];

const MISSING_WORDS =
  /missing|must be (passed|provided|included|sent|set|present|non-empty)|is required|required field/i;
const REFUSING_WORDS =
  /unsupported|not supported|not permitted|not allowed|forbidden|unexpected|unknown|unrecogni[sz]ed|additional propert|extra (inputs|fields)|does not exist|invalid (field|property|parameter|key)/i;

/**
 * What a refusal teaches: the manners to ask with now, or undefined when it is about something else, or about what is heeded
 * already.
 *
 * @param words All that the server said.
 * @param fields Names of the fields of answers that the conversation holds, sent or not.
 */
export function learn(
  manners: Manners,
  { status, words, fields }: { status: number | undefined; words: string; fields: readonly string[] },
): Manners | undefined {
  if (status !== undefined && !STATUSES.includes(status)) return undefined;
  return learnFields(manners, words, fields) ?? learnForm(manners, words);
}

function learnFields(manners: Manners, words: string, fields: readonly string[]): Manners | undefined {
  const { wanted, refused } = manners;
  const named = (field: string): boolean => new RegExp(`\\b${field}\\b`).test(words);
  const isRefusing = REFUSING_WORDS.test(words);
  const unwelcome = fields.filter((field) => goesBack(field, manners) && isRefusing && named(field));
  if (unwelcome.length > 0) return { ...manners, refused: [...refused, ...unwelcome] };
  if (!MISSING_WORDS.test(words)) return undefined;
  const missed = ONLY_WHEN_ASKED.filter((field) => !wanted.includes(field) && !refused.includes(field) && named(field));
  return missed.length > 0 ? { ...manners, wanted: [...wanted, ...missed] } : undefined;
}

function learnForm(manners: Manners, words: string): Manners | undefined {
  const has = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(words));
  const isAboutSystem = has(NO_SYSTEM_WORDS);
  if (!isAboutSystem && !has(ORDER_WORDS)) return undefined;
  if (manners.form === 'without-system') return undefined;
  if (manners.form === 'merged' || isAboutSystem) return { ...manners, form: 'without-system' };
  return { ...manners, form: 'merged' };
}

// ---- the memory of the process -------------------------------------------------------------------------------------

const remembered = new Map<string, Manners>();
/** Far more servers and models than a process has agents for. */
const MOST_REMEMBERED = 256;

const keyOf = (server: string, model: string): string => `${server} ${model}`;

/** What is known of this server and model. The same value as long as nothing new is learnt. */
export function mannersOf(server: string, model: string): Manners {
  return remembered.get(keyOf(server, model)) ?? PLAIN_MANNERS;
}

export function rememberManners(server: string, model: string, manners: Manners): void {
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(keyOf(server, model), manners);
}
