/** `parley check`: would this agent start, and what about it costs a caller time, or its owner cache and money? */
import { dirname } from 'node:path';
import { inspectAgent, type AgentOptions, type InspectedAgent } from '../call/agent.ts';
import { wholeTeam } from '../call/team.ts';
import { partsOf } from '../call/vendor-list.ts';
import {
  ACCOUNT_SETTINGS,
  readOwnSettings,
  vendorNamed,
  vendorsWith,
  type VendorNames,
  type Vendors,
} from '../call/vendors.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { importModule, modulePath, ModuleError } from '../lib/import-module.ts';
import { readBlock } from '../lib/settings.ts';
import type { EarVendor } from '../listen/contract.ts';
import type { AllowanceLimits, ModelOptions } from '../model/contract.ts';
import type { VoiceVendor } from '../speak/contract.ts';
import { tellRoomToAskAhead } from '../model/plan.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { checkTools, type CheckedTool } from '../tool/check.ts';
import { plainLine, plainValue } from '../lib/plain.ts';
import { lackedKeys, tellLacked, type LackedKey } from './check-keys.ts';
import { warnOfTeam } from './check-team.ts';
import type { Finding } from './finding.ts';
import { paint, print, printJson } from './report.ts';
import { count } from './units.ts';

const LONGEST_DESCRIPTION = 300;
const LONGEST_GREETING = 200;
const MANY_TOOLS = 48;
const MANY_TOKENS = 6_000;
const CONTEXT_TOKENS = 32_768;

export interface CheckOptions {
  json?: boolean;
  strict?: boolean;
}

export async function check(file: string, options: CheckOptions): Promise<void> {
  const { findings, summary } = await inspect(file);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  if (errors > 0 || (options.strict && warnings > 0)) process.exitCode = 1;
  if (options.json) return printJson({ file, ok: errors === 0, findings, ...summary });
  for (const { severity, where, message, cost } of plainValue(findings)) {
    const label = severity === 'error' ? paint.red('error  ') : paint.yellow('warning');
    print(`${label} ${paint.bold(where)}: ${message}${cost ? paint.dim(` [${cost}]`) : ''}`);
  }
  for (const line of [...(summary?.lists ?? []), ...(summary?.elsewhere ?? [])]) print(plainLine(line));
  for (const lacked of summary?.lacked ?? []) print(`${paint.yellow('not set')} ${plainLine(tellLacked(lacked))}`);
  const counts = `${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const size = summary
    ? `${plainLine(summary.name)}: ${count(summary.tools, 'tool')}, about ${count(summary.promptTokens, 'prompt token')} before the caller speaks, for ${plainLine(summary.model)}; `
    : '';
  const ahead = summary?.ahead === undefined ? '' : `${summary.ahead}; `;
  const team = summary?.team.length ? `with ${plainLine(summary.team.join(', '))}; ` : '';
  print(`${size}${team}${ahead}${counts}`);
}

interface Summary {
  name: string;
  tools: number;
  promptTokens: number;
  /** Who would be asked: `electron at https://api.smallest.ai/waves/v1`. */
  model: string;
  /** What is left of its plan for answers that are asked for before a turn is sure; undefined when none is to be. */
  ahead: string | undefined;
  /** Who is asked in turn, of lists: `voice: lightning, else spare`. */
  lists: string[];
  /** What its tools from elsewhere were made of: `knowledge ./docs: 3 files, 40 passages`. */
  elsewhere: string[];
  /** What they need of the environment and is not set. */
  lacked: LackedKey[];
  /** The other agents, by name. */
  team: string[];
}

async function inspect(file: string): Promise<{ findings: Finding[]; summary?: Summary }> {
  const path = modulePath(file);
  let input: unknown;
  try {
    input = (await importModule(path, file))['default'];
  } catch (error) {
    if (!(error instanceof VoiceError)) throw error;
    return { findings: [moduleFinding(error, file)] };
  }
  const first = await inspectAgent(input, dirname(path));
  const all = wholeTeam(first);
  try {
    return judge(first, all, file);
  } finally {
    await Promise.all(all.map(({ list }) => list.close()));
  }
}

function judge(
  first: InspectedAgent,
  all: readonly InspectedAgent[],
  file: string,
): { findings: Finding[]; summary?: Summary } {
  const findings = all.flatMap((one) => mistakesIn(one, one === first ? file : (one.file ?? file)));
  if (all.some(({ options }) => !options)) return { findings };
  for (const one of all) {
    const prefix = one === first ? '' : `${one.options?.name ?? ''}: `;
    findings.push(...warningsOf(one).map((finding) => ({ ...finding, where: `${prefix}${finding.where}` })));
  }
  findings.push(...warnOfTeam(first));
  const { options, tools, vendors, own } = first;
  if (!options) return { findings };
  const checked = checkTools(tools).tools;
  const { model, limits, problem } = modelOf(options.model, vendors.model, own);
  const ahead = limits && options.turn.aheadRequests > 0 ? tellRoomToAskAhead(limits) : undefined;
  if (problem !== undefined) findings.push({ severity: 'error', where: 'settings', message: problem });
  const promptTokens = promptTokensOf(options, checked);
  const team = all.slice(1).flatMap((one) => one.options?.name ?? []);
  const opened = all.flatMap(({ list }) => list.origins).filter(({ problems }) => problems.length === 0);
  const elsewhere = opened.map(({ summary }) => summary);
  const size = { name: options.name, tools: checked.length, promptTokens, model };
  const lists = listsOf(vendors, own);
  const lacked = lackedKeys(all, process.env);
  return { findings, summary: { ...size, ahead, lists, elsewhere, lacked, team } };
}

function mistakesIn({ problems, toolProblems, list }: InspectedAgent, file: string): Finding[] {
  const findings = problems.map(({ message }): Finding => ({ severity: 'error', where: file, message }));
  for (const { file: toolFile, tool, line, message } of toolProblems) {
    const where = [toolFile, line].filter((part) => part !== undefined).join(':') || tool || 'tools';
    findings.push({ severity: 'error', where, message: message.replace(/^Line \d+: /, '') });
  }
  for (const { troubles = [], notices = [] } of list.origins) {
    findings.push(...troubles.map((message): Finding => ({ severity: 'error', where: 'tools', message })));
    findings.push(...notices.map((message): Finding => ({ severity: 'warning', where: 'tools', message })));
  }
  return findings;
}

/** Of one agent by itself. */
function warningsOf({ options, tools: loaded }: InspectedAgent): Finding[] {
  if (!options) return [];
  const { tools } = checkTools(loaded);
  const promptTokens = promptTokensOf(options, tools);
  const long = `Instructions and tools take about ${promptTokens} of ${CONTEXT_TOKENS} tokens of every request`;
  return [
    ...warnOfInstructions(options, tools),
    ...warnOfVoice(options),
    ...warnOfTools(options, tools),
    ...warnOfTimes(options),
    ...(promptTokens > MANY_TOKENS ? [warning('instructions', long, 'money')] : []),
  ];
}

/** Who speaks and who hears, where these are lists; the model is told with its address. */
function listsOf({ voice, ear }: VendorNames, { voices, ears }: Vendors): string[] {
  const isList = (name: string, vendor?: VoiceVendor | EarVendor) =>
    vendor !== undefined && partsOf({ name, vendor, isOwn: true }).length > 1;
  return [
    ...(isList(voice, voices[voice]) ? [`voice: ${voice}`] : []),
    ...(isList(ear, ears[ear]) ? [`listen: ${ear}`] : []),
  ];
}

/** Who would be asked, by the settings of the environment, and what is wrong with these. */
function modelOf(
  options: ModelOptions,
  name: string,
  own: Vendors,
): { model: string; limits?: AllowanceLimits | undefined; problem?: string } {
  const vendor = vendorNamed(name, 'model', vendorsWith(own).models);
  try {
    const settings = { ...readBlock(ACCOUNT_SETTINGS, process.env), ...readOwnSettings(own, process.env) };
    const allowed = { ...settings, ...readBlock(vendor.limits ?? {}, process.env) };
    const limits = Object.values(vendor.resources?.(allowed) ?? {}).find(({ type }) => type === 'requests');
    return {
      model: vendor.asks?.(options, settings) ?? name,
      limits: limits?.type === 'requests' ? limits : undefined,
    };
  } catch (error) {
    if (isA(error, VoiceError)) return { model: name, problem: error.message };
    throw error;
  }
}

function moduleFinding(error: VoiceError, file: string): Finding {
  if (!(error instanceof ModuleError)) return { severity: 'error', where: file, message: error.message };
  const where = error.line === undefined ? file : `${file}:${error.line}`;
  return { severity: 'error', where, message: error.reason };
}

const warning = (where: string, message: string, cost: NonNullable<Finding['cost']>): Finding => ({
  severity: 'warning',
  where,
  message,
  cost,
});

/** Anything that changes from call to call ends the cached prefix where it stands. */
const CHANGING: readonly [RegExp, string][] = [
  [/\b\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?/, 'a date'],
  [/\b([01]?\d|2[0-3]):[0-5]\d:[0-5]\d\b/, 'a clock'],
  [/\b(today is|it is now|current (date|time)|the time is)\b/i, 'the date or the time'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i, 'an id'],
  [
    /\bthe caller('s name)? is\b|\byou are (talking|speaking) (to|with) (?!callers|patients|customers|people)[A-Z]/,
    'a name',
  ],
];
const FILLER_CUE =
  /\b(before|while|when)\b[^.]{0,60}\b(tool|look|check|search|call)|acknowledg|filler|let me (check|look|see)|one moment/i;

function* warnOfInstructions(
  { instructions, greeting }: AgentOptions,
  tools: readonly CheckedTool[],
): Generator<Finding> {
  for (const [pattern, what] of CHANGING) {
    const found = pattern.exec(instructions);
    if (!found) continue;
    yield warning(
      'instructions',
      `They hold ${what} (\`${found[0]}\`): every call would begin a new cached prefix. Put it into \`facts\`, which comes after`,
      'cache',
    );
    break;
  }
  if (tools.some(({ effect }) => effect !== 'terminal') && !FILLER_CUE.test(instructions)) {
    yield warning(
      'instructions',
      'Nothing asks for a brief acknowledgement before a tool is used, so the model will call in silence',
      'silence',
    );
  }
  if (greeting && greeting.length > LONGEST_GREETING) {
    yield warning(
      'greeting',
      `It is ${greeting.length} characters long: about ${Math.round(greeting.length / 15)} s before the caller may speak`,
      'latency',
    );
  }
}

/** What no service would refuse, and callers could not make sense of. */
function* warnOfVoice({ voice, listen }: AgentOptions): Generator<Finding> {
  const isOne = (language = '') => /^[a-z]{2}$/.test(language);
  if (isOne(voice.language) && isOne(listen.language) && voice.language !== listen.language) {
    yield warning(
      'listen.language',
      `It speaks \`${voice.language}\` (\`voice.language\`) and listens for \`${listen.language}\``,
      'speech',
    );
  }
}

function* warnOfTools({ turn }: AgentOptions, tools: readonly CheckedTool[]): Generator<Finding> {
  for (const { file, name, effect, filler, description, timeoutMs, parameters, task } of tools) {
    const where = file ?? name;
    const isSilent = filler.length === 0 && effect !== 'terminal' && !task; // a task speaks for itself
    if (isSilent && timeoutMs > turn.silenceMs) {
      yield warning(
        where,
        `\`${name}\` has no \`filler\`: when the model says nothing before it, the caller hears nothing for ${turn.silenceMs} ms`,
        'silence',
      );
    }
    if (description.length > LONGEST_DESCRIPTION) {
      yield warning(
        where,
        `The description of \`${name}\` has ${description.length} characters, and is paid for in every request`,
        'money',
      );
    }
    if (effect === 'write' && /^(get|find|list|look_?up|search|check|show|read)_/.test(name)) {
      yield warning(
        where,
        `\`${name}\` sounds as if it only read, and is a \`write\`: it is not cancelled when the caller speaks, and its answers are kept for ${turn.dedupeMs} ms`,
        'latency',
      );
    }
    if (timeoutMs > turn.giveUpMs && !task) {
      yield warning(
        where,
        `\`${name}\` may take ${timeoutMs} ms, but the turn is given up after ${turn.giveUpMs} ms (\`turn.giveUpMs\`)`,
        'silence',
      );
    }
    const size = estimateTokens(JSON.stringify(parameters));
    if (size > 800)
      yield warning(where, `The input of \`${name}\` takes about ${size} tokens of every request`, 'money');
  }
  if (tools.length > MANY_TOOLS)
    yield warning(
      'tools',
      `${tools.length} of at most 64 tools: the model chooses slower and worse among many`,
      'latency',
    );
}

function* warnOfTimes({ turn, model }: AgentOptions): Generator<Finding> {
  if (turn.endpointMs > 1_000) {
    yield warning(
      'turn.endpointMs',
      `Every answer waits ${turn.endpointMs} ms after the caller's last word; 500 is usual`,
      'latency',
    );
  }
  if (model.maxTokens === undefined) {
    yield warning(
      'model.maxTokens',
      'Nothing keeps an answer short: 300 is about a minute and a half of speech',
      'money',
    );
  }
}

function promptTokensOf({ instructions }: AgentOptions, tools: readonly CheckedTool[]): number {
  const schemas = tools
    .map(({ name, description, parameters }) => name + description + JSON.stringify(parameters))
    .join('');
  return estimateTokens(instructions) + estimateTokens(schemas);
}
