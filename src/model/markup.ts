/**
 * The markup of language models that servers let through as text: thoughts, tool calls, roles and control tokens. Reads
 * one tag at one place; what is hidden between two of them is decided in `spoken-text.ts`.
 *
 *   <think>  </thinking>  [THINK]  ◁think▷                    thoughts (Qwen, DeepSeek, Mistral, Kimi)
 *   <tool_call>  <function=look_up>  [TOOL_CALLS]             calls (Hermes, Qwen, Llama, Mistral)
 *   <|tool_call_begin|>  <｜tool▁calls▁end｜>  <|python_tag|>    the same as control tokens (Kimi, DeepSeek, Llama)
 *   <|channel|>analysis<|message|>  <|im_start|>user          headers, which say whose words follow (gpt-oss, ChatML)
 *   <|channel>thought ... <channel|>                          Gemma
 */

/** `length` is that of the tag as it is written. */
export type Tag =
  /** Hides everything up to the `close` of the same key. */
  | { type: 'open'; key: string; length: number }
  | { type: 'close'; key: string; length: number }
  /** Says in the text behind it, up to `until`, whose words follow. */
  | { type: 'header'; until: HeaderEnd; length: number }
  /** Words of somebody else follow. */
  | { type: 'other-role'; length: number }
  /** No words of anybody. `endsTurn`: what follows is another message. */
  | { type: 'mark'; name: string; endsTurn: boolean; length: number };

/** What a header ends with: a tag of that name, or the end of its line. */
export type HeaderEnd = 'message' | 'end_header_id' | 'end_of_role' | 'line';

/** The key of thoughts, whatever the model calls them. */
export const THOUGHT = 'think';

/** A tag that is longer is none. */
const LONGEST_TAG = 96;

const list = (names: string): string[] => names.trim().split(/\s+/);

/** Words that people write too: a tag only when it is closed at once, or has an attribute. */
const PLAIN_NAMES = list(`think thinking thought thoughts reasoning reflection reflect analysis scratchpad cot
  antthinking tool tools function functions invoke parameter`);
const CERTAIN_NAMES = list(`scratch_pad inner_monologue internal_monologue inner_thoughts chain_of_thought
  longcat_think tool_call tool_calls tool-call tool-calls toolcall toolcalls tool_use tool_code tool_name tool_input
  tool_request tool_response tool_responses tool_result tool_results tool_output tool_outputs function_call
  function_calls functioncall functioncalls function_response function_result function_results arg_key arg_value
  longcat_tool_call`);
/** Tags that only stand around the answer. */
const MARK_NAMES = list('s eos bos pad unk answer final_answer response end_of_turn');
const NAMESPACES = list('antml minimax mm seed steptml');
/** With a bar at its end, as Gemma closes: `<channel|>`. */
const BAR_NAMES = list('channel turn think tool tool_call tool_response');
const BRACKET_NAMES = list(`TOOL_CALLS TOOL_CALL TOOL_RESULTS TOOL_RESULT TOOL_CONTENT AVAILABLE_TOOLS ARGS CALL_ID
  THINK THINKING REASONING INST SYSTEM_PROMPT`);

const ALIASES: Readonly<Record<string, string>> = {
  thinking: THOUGHT,
  thought: THOUGHT,
  thoughts: THOUGHT,
  antthinking: THOUGHT,
  longcat_think: THOUGHT,
  'tool-call': 'tool_call',
  'tool-calls': 'tool_calls',
  toolcall: 'tool_call',
  toolcalls: 'tool_calls',
  functioncall: 'function_call',
  functioncalls: 'function_calls',
};
const CALL_KEY = /tool|function|invoke|parameter|arg_|action|python_tag|plugin|call_id|^args$/;

const certain = new Set(CERTAIN_NAMES);
const hiding = new Set([...PLAIN_NAMES, ...CERTAIN_NAMES]);
const marks = new Set(MARK_NAMES);
const barNames = new Set(BAR_NAMES);
const brackets = new Set(BRACKET_NAMES);

/** Every beginning of a name: what is none is no tag, and need not wait. */
const beginnings = prefixesOf([
  ...[...hiding].flatMap((name) => [name, ...NAMESPACES.map((space) => `${space}:${name}`)]),
  ...MARK_NAMES,
  ...BAR_NAMES,
  'start_of_turn',
]);
const bracketBeginnings = prefixesOf(BRACKET_NAMES);

function prefixesOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => Array.from({ length: name.length }, (_, i) => name.slice(0, i + 1))));
}

/** Whether what this key hides is a tool call, not a thought. */
export const isCallKey = (key: string): boolean => CALL_KEY.test(key);

/** Every tag begins with one of these. */
const TAG_BEGINS = /[<[◁]/g;

/** Where a tag may begin, from `from` on; -1 when there is no such place. */
export function nextTagAt(text: string, from: number): number {
  TAG_BEGINS.lastIndex = from;
  return TAG_BEGINS.exec(text)?.index ?? -1;
}

/** The tag at `at`; `partial` when one may be beginning there; undefined when what stands there is text. */
export function readTag(text: string, at: number): Tag | 'partial' | undefined {
  const window = text.slice(at, at + LONGEST_TAG);
  const tag = readAny(window);
  return tag === 'partial' && window.length === LONGEST_TAG ? undefined : tag;
}

function readAny(window: string): Tag | 'partial' | undefined {
  if (window[0] === '[') return readBracket(window);
  if (window[0] === '◁') return readTriangle(window);
  if (window === '<' || window === '</') return 'partial';
  return /^<\/?[|｜]/.test(window) ? readControl(window) : readElement(window);
}

/** Whether a text that broke off here can only have been markup: `<tool_c`, `<think`, `<|py`. */
export function isBrokenTag(text: string): boolean {
  if (/^(?:<\/?[|｜]|\[\/?TOOL_|\[\/|◁\/?t)/.test(text)) return true;
  const name = /^<\/?([a-z][\w:-]*)/i.exec(text)?.[1]?.toLowerCase();
  return name !== undefined && (/[_:]|^toolc|^functionc/.test(name) || hiding.has(name) || text[1] === '/');
}

// ---- <name> ---------------------------------------------------------------------------------------------------------

function readElement(window: string): Tag | 'partial' | undefined {
  const match = /^<(\/?)([a-z][\w:-]*)/i.exec(window);
  if (!match) return undefined;
  const written = match[2]!.toLowerCase();
  const rest = window.slice(match[0].length);
  if (rest === '') return beginnings.has(written) ? 'partial' : undefined;
  const name = written.replace(/^[a-z]+:/, (space) => (NAMESPACES.includes(space.slice(0, -1)) ? '' : space));
  const { length } = match[0];
  if (rest.startsWith('|') && barNames.has(name)) return readBarClose(name, rest, length);
  if (name === 'start_of_turn' && rest.startsWith('>')) return { type: 'header', until: 'line', length: length + 1 };
  if (marks.has(name)) return readMark(name, rest, length);
  if (!hiding.has(name)) return undefined;
  const key = ALIASES[name] ?? name;
  return match[1] === '/' ? readClose(key, rest, length) : readOpen(name, key, rest, length);
}

function readMark(name: string, rest: string, length: number): Tag | undefined {
  const isWhole = rest.startsWith('>');
  const endsTurn = name === 's' || name === 'eos' || name === 'end_of_turn';
  return isWhole ? { type: 'mark', name, endsTurn, length: length + 1 } : undefined;
}

function readBarClose(name: string, rest: string, length: number): Tag | 'partial' | undefined {
  if (rest === '|') return 'partial';
  if (rest[1] !== '>') return undefined;
  if (name === 'turn') return { type: 'mark', name, endsTurn: true, length: length + 2 };
  return { type: 'close', key: ALIASES[name] ?? name, length: length + 2 };
}

function readClose(key: string, rest: string, length: number): Tag | 'partial' | undefined {
  const end = /^\s*>/.exec(rest);
  if (end) return { type: 'close', key, length: length + end[0].length };
  return /^\s*$/.test(rest) ? 'partial' : undefined;
}

/** `<function=look_up` has begun to hide before it is whole: its end may have been taken for a call by the server. */
function readOpen(name: string, key: string, rest: string, length: number): Tag | 'partial' | undefined {
  const end = /^\s*(\/?)>/.exec(rest);
  if (end?.[1]) return { type: 'mark', name, endsTurn: false, length: length + end[0].length };
  if (end) return { type: 'open', key, length: length + end[0].length };
  if (rest.startsWith('=') || (certain.has(name) && /^[\s/]/.test(rest))) return { type: 'open', key, length };
  const attribute = /^\s+[\w-]+=/.exec(rest);
  if (attribute) return { type: 'open', key, length: length + attribute[0].length };
  return /^\s+[\w-]*$|^\s*\/?$/.test(rest) ? 'partial' : undefined;
}

// ---- <|name|> -------------------------------------------------------------------------------------------------------

const ENDS_OF_TURN = new Set(
  list(`end call return im_end eot_id eom_id end_of_text endoftext end_of_turn eos end_of_sentence eot end_of_msg`),
);
const OTHER_ROLES = new Set(list('user system observation human tool developer ipython environment'));
const OWN_ROLES = new Set(list('assistant bot model'));
const HEADERS: Readonly<Record<string, HeaderEnd>> = {
  start: 'message',
  channel: 'message',
  start_header_id: 'end_header_id',
  start_of_role: 'end_of_role',
  im_start: 'line',
  turn: 'line',
};
const HIDES = /tool|function|action|python_tag|plugin|think|thought|reason|^inner/;

function readControl(window: string): Tag | 'partial' | undefined {
  const dsml = /^<(\/?)[|｜] ?DSML ?[|｜] ?(\w+)[^<>]*>/i.exec(window);
  if (dsml) return { type: dsml[1] ? 'close' : 'open', key: dsml[2]!.toLowerCase(), length: dsml[0].length };
  const match = /^<(\/?)[|｜]([^|｜<>\s]+)([|｜]?)>/.exec(window);
  if (match) return controlOf(match[1]! + match[2]!.toLowerCase().replaceAll('▁', '_'), match[3] !== '', match[0]);
  const canGoOn = /^<\/?[|｜][^|｜<>\s]*[|｜]?$/.test(window) || /^<\/?[|｜] ?DSML(?: ?[|｜][^<>]*)?$/i.test(window);
  return canGoOn ? 'partial' : undefined;
}

function controlOf(name: string, isClosed: boolean, { length }: string): Tag {
  const headerEnd = HEADERS[name];
  if (name === 'channel' && !isClosed) return { type: 'open', key: 'channel', length };
  if (headerEnd) return { type: 'header', until: headerEnd, length };
  if (ENDS_OF_TURN.has(name) || OWN_ROLES.has(name)) return { type: 'mark', name, endsTurn: true, length };
  if (OTHER_ROLES.has(name)) return { type: 'other-role', length };
  const [key, side] = sideOf(name);
  if (!HIDES.test(key) || key.endsWith('sep')) return { type: 'mark', name, endsTurn: false, length };
  return { type: side, key: ALIASES[key] ?? key, length };
}

/** `tool_call_begin` opens `tool_call`, and `tool_call_end` closes it. */
function sideOf(name: string): [key: string, side: 'open' | 'close'] {
  const without = (word: RegExp) => name.replace(word, '').replace(/^[_:]|[_:]$/, '');
  if (name.startsWith('/')) return [name.slice(1), 'close'];
  if (/(?:^|[_:])(?:end|suffix)(?:$|[_:])/.test(name)) return [without(/end|suffix/), 'close'];
  return [without(/begin|start|prefix/), 'open'];
}

// ---- [NAME], ◁name▷ --------------------------------------------------------------------------------------------------

function readBracket(window: string): Tag | 'partial' | undefined {
  const [{ length }, slash = '', name = '', end = ''] = /^\[(\/?)([A-Z_]*)(\]?)/.exec(window) ?? [''];
  if (!end) return length === window.length && (name === '' || bracketBeginnings.has(name)) ? 'partial' : undefined;
  if (!brackets.has(name)) return undefined;
  if (name === 'INST' || name === 'SYSTEM_PROMPT') return { type: 'mark', name, endsTurn: false, length };
  const lower = name.toLowerCase();
  return { type: slash ? 'close' : 'open', key: ALIASES[lower] ?? lower, length };
}

function readTriangle(window: string): Tag | 'partial' | undefined {
  const match = /^◁(\/?)think(?:ing)?▷/.exec(window);
  if (match) return { type: match[1] ? 'close' : 'open', key: THOUGHT, length: match[0].length };
  return ['◁thinking▷', '◁think▷', '◁/thinking▷', '◁/think▷'].some((tag) => tag.startsWith(window))
    ? 'partial'
    : undefined;
}

/** What the text of a header says. `assistant`, `final`, `commentary`: the agent's own words; else not for the caller. */
export function isOwnHeader(header: string): boolean {
  if (/\bto=/.test(header)) return false; // a call, in the words of gpt-oss
  const words = header.replace(/<[|｜][^<>]*>/g, ' ');
  return !/\b(?:analysis|thought|thinking|reasoning|user|human|system|developer|tool|ipython|environment)\b/i.test(
    words,
  );
}
