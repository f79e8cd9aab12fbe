/** What is wrong with an agent and its tools, each mistake with the file and the line that it lies in, as an editor opens it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModuleError } from '../lib/import-module.ts';
import { isA } from '../lib/thrown.ts';
import type { ToolProblem } from '../tool/check.ts';
import type { AgentProblem } from './agent-problems.ts';

/** A mistake, and where it is. */
export interface AgentFault {
  /** Absolute. */
  file: string;
  /** From 1; undefined when it cannot be told. */
  line: number | undefined;
  message: string;
}

/** The agent's file as a module: it does not parse, throws, or imports what is not there. */
export function faultOfModule({ place, reason, missing }: ModuleError, path: string): AgentFault {
  const { file, line } = place ?? { file: path, line: undefined };
  return { file, line: line ?? (missing === undefined ? undefined : lineOfImport(file, reason)), message: reason };
}

/** The agent's own fields. */
export function faultOfField({ field, message }: AgentProblem, path: string): AgentFault {
  return { file: path, line: lineOfField(textOf(path), field), message };
}

/** A tool of the agent in `path`; `folder`: what its tools are relative to. */
export function faultOfTool(problem: ToolProblem, { path, folder }: { path: string; folder: string }): AgentFault {
  const { place, file: written, field = '', line: knownLine } = problem;
  const message = problem.message.replace(/^Line \d+: /, '');
  const file = place?.file ?? (written === undefined ? undefined : join(folder, written));
  const text = file === undefined ? undefined : textOf(file);
  if (file === undefined || text === undefined) {
    return { file: path, line: lineOf(textOf(path), written ?? problem.tool ?? 'tools'), message };
  }
  const line = place ? (place.line ?? lineOfImport(file, message)) : (knownLine ?? lineOfField(text, field));
  return { file, line, message };
}

/** Anything else that was thrown while it was loaded. */
export function faultOf(thrown: unknown, path: string, message: string): AgentFault {
  return isA(thrown, ModuleError) ? faultOfModule(thrown, path) : { file: path, line: undefined, message };
}

// ---- lines ----------------------------------------------------------------------------------------------------------

/** Undefined when there is no such file, or it cannot be read: a folder. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Of `It imports './prices.ts', which cannot be found`. */
function lineOfImport(file: string, message: string): number | undefined {
  const wanted = /'([^']+)'/.exec(message)?.[1];
  return wanted === undefined ? undefined : lineOf(textOf(file), wanted);
}

function lineOf(text: string | undefined, part: string): number | undefined {
  const at = text?.indexOf(part) ?? -1;
  return text === undefined || at < 0 ? undefined : lineAt(text, at);
}

/**
 * Where a field stands that is written out in the file, such as `turn.endpointMs`: each name is looked for behind the one
 * before. One that is not written there is that of what should hold it, and in the end of `export default`.
 */
export function lineOfField(source: string | undefined, field: string): number | undefined {
  if (source === undefined) return undefined;
  const text = codeOf(source);
  let at = Math.max(0, text.search(/\bexport\s+default\b/));
  for (const part of field === '' ? [] : field.split('.')) {
    const [, name = part, place] = /^(.*)\[(\d+)\]$/.exec(part) ?? [];
    const key = new RegExp(`(?<![\\w$.])(['"]?)${escaped(name)}\\1\\s*[:,(}]`).exec(text.slice(at));
    if (!key) break;
    at += key.index;
    if (place !== undefined) at = placeInList(text, at, Number(place));
  }
  return lineAt(text, at);
}

/** Where an element of the list behind `from` begins; `from` itself when it is not written out there. */
function placeInList(text: string, from: number, place: number): number {
  let depth = 0;
  let left = place;
  for (let at = text.indexOf('[', from); at >= 0 && at < text.length; at++) {
    const sign = text[at] ?? '';
    if ('[{('.includes(sign)) depth++;
    else if (']})'.includes(sign) && --depth === 0) return from;
    const isStart = depth === 1 && (sign === '[' || sign === ',') && left-- === 0;
    if (isStart) return at + 1 + (text.slice(at + 1).match(/^\s*/)?.[0].length ?? 0);
  }
  return from;
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const escaped = (name: string): string => name.replace(/[^\w]/g, '\\$&');

const NO_CODE = /\/\*[^]*?\*\/|\/\/.*|'(?:\\.|[^\\'\n])*'(?!\s*:)|"(?:\\.|[^\\"\n])*"(?!\s*:)|`(?:\\[^]|[^\\`])*`/g;

/** Comments and texts are blank, so that what they say is no field; lines stay. */
const codeOf = (source: string): string => source.replace(NO_CODE, (part) => part.replace(/[^\n]/g, ' '));
