/**
 * Arguments for a tool: from what the caller just said, from earlier turns, from what other tools returned. Newest
 * words win; within one utterance the most telling candidate is placed first and no word is used twice.
 */
import type { MadeCall } from './conversation.ts';
import { overlaps, type Found } from './found.ts';
import { valueFromCalls } from './results.ts';
import type { Parameter, Tool } from './tool.ts';
import { fits } from './check.ts';
import { STRENGTH, type Candidate } from './candidate.ts';
import { findCandidates } from './values.ts';

/** Something the caller said. */
export interface Utterance {
  text: string;
  /** The parameter that the agent had just asked for. */
  answers?: string | undefined;
}

export interface Sources {
  /** What was said about this wish, newest first. */
  own: readonly Utterance[];
  /** What the caller said before, newest first: good for names and numbers that do not change. */
  earlier: readonly string[];
  /** Answers of other tools, oldest first. */
  results: readonly MadeCall[];
  /** Tools that were called since the caller spoke. */
  calledNow?: readonly string[];
  /** Arguments of the same tool's last call, when the caller only changes something about it. */
  previous?: Record<string, unknown> | undefined;
  /** As `2026-08-21`. */
  today: string;
}

export interface Filled {
  arguments: Record<string, unknown>;
  /** Required and known to nobody, in the order of the schema. */
  missing: Parameter[];
  /** The same call with other values, `in Pune and Mumbai`. */
  alternatives: Record<string, unknown>[];
}

interface Leaf {
  parameter: Parameter;
  path: string[];
  /** Required once its object has any other value. */
  isRequiredBeside: boolean;
}

/** Kinds that stay true between one wish and the next. */
const LASTING: ReadonlySet<Parameter['kind']> = new Set([
  'person',
  'phone',
  'email',
  'code',
  'date',
  'time',
  'place',
  'moment',
]);

/** What the caller says of themselves counts more than what a tool returned under a like name. */
const PERSONAL: ReadonlySet<Parameter['kind']> = new Set(['person', 'phone', 'email', 'text']);

export function fill(tool: Tool, sources: Sources): Filled {
  const leaves = leavesOf(tool.parameters);
  const values = new Map<Leaf, unknown>();
  const spare: { leaf: Leaf; candidate: Candidate; text: string }[] = [];
  const moments = leaves.filter(({ parameter }) => parameter.kind === 'moment');
  for (const leaf of moments) placeMoment(leaf, sources, values);
  for (const utterance of sources.own) {
    const left = leaves.filter((leaf) => !values.has(leaf));
    spare.push(...assign(left, utterance, sources.today, values));
  }
  for (const leaf of leaves) {
    if (values.has(leaf)) continue;
    const value = fromElsewhere(leaf, sources);
    if (value !== undefined) values.set(leaf, value);
  }
  return {
    arguments: build(leaves, values),
    missing: leaves.filter((leaf) => isNeeded(leaf, values)).map(({ parameter }) => parameter),
    alternatives: alternativesOf(leaves, values, spare),
  };
}

/** Parameters one can say a value for: objects are filled by their properties. */
function leavesOf(parameters: readonly Parameter[], path: readonly string[] = [], isOptional = false): Leaf[] {
  return parameters.flatMap((parameter): Leaf[] => {
    const own = [...path, parameter.name];
    const isRequired = parameter.isRequired && !isOptional;
    if (parameter.kind === 'object' && parameter.properties.length > 0)
      return leavesOf(parameter.properties, own, !isRequired);
    return [{ parameter: { ...parameter, isRequired }, path: own, isRequiredBeside: parameter.isRequired }];
  });
}

/** The most telling candidates first, then the order of the schema, then that of the text. Returns what was left over. */
function assign(
  leaves: readonly Leaf[],
  utterance: Utterance,
  today: string,
  values: Map<Leaf, unknown>,
): { leaf: Leaf; candidate: Candidate; text: string }[] {
  const { text, answers } = utterance;
  const candidates = leaves.flatMap((leaf) => {
    const isAnswer = leaf.parameter.name === answers;
    return findCandidates(leaf.parameter, text, { today, isAnswer }).map((candidate) => ({
      leaf,
      candidate,
      rank: candidate.strength + (isAnswer ? STRENGTH.named : 0),
    }));
  });
  candidates.sort((a, b) => b.rank - a.rank);
  const taken: Found<unknown>[] = [];
  const spare: { leaf: Leaf; candidate: Candidate; text: string }[] = [];
  for (const { leaf, candidate } of candidates) {
    if (taken.some((other) => overlaps(other, candidate))) continue;
    if (values.has(leaf)) {
      spare.push({ leaf, candidate, text });
      continue;
    }
    values.set(leaf, candidate.value);
    taken.push(candidate);
  }
  return spare;
}

/** A day said now and a time said after the agent's question are one moment. */
function placeMoment(leaf: Leaf, { own, today }: Sources, values: Map<Leaf, unknown>): void {
  const isAnswer = own[0]?.answers === leaf.parameter.name;
  const latest = findCandidates(leaf.parameter, own[0]?.text ?? '', { today, isAnswer })[0];
  const spoken = own.map(({ text }) => text).toReversed();
  const last = spoken.pop() ?? '';
  const joined = [...spoken, isAnswer ? last.replace(/^(?=\d|[a-z]+$)/i, 'at ') : last].join('; ');
  const candidate = latest ?? findCandidates(leaf.parameter, joined, { today, isAnswer: false })[0];
  if (candidate) values.set(leaf, candidate.value);
}

function fromElsewhere({ parameter }: Leaf, sources: Sources): unknown {
  const before = sources.previous?.[parameter.name];
  if (before !== undefined && fits(parameter, before)) return before;
  if (!parameter.isRequired && parameter.kind !== 'code') return undefined;
  const said = sources.own.map(({ text }) => text).join(' ');
  const fromArguments = LASTING.has(parameter.kind);
  const known = valueFromCalls(parameter, sources.results, { said, fromArguments });
  if (known !== undefined && !PERSONAL.has(parameter.kind)) return known;
  if (!parameter.isRequired) return undefined;
  return saidEarlier(parameter, sources) ?? known;
}

/** What the caller said in an earlier turn, where that stays true and can hardly be anything else. */
function saidEarlier(parameter: Parameter, { earlier, today }: Sources): unknown {
  if (!LASTING.has(parameter.kind)) return undefined;
  for (const text of earlier) {
    const candidates = findCandidates(parameter, text, { today, isAnswer: false });
    const sure = candidates.find(({ strength }) => strength >= STRENGTH.typed);
    if (sure) return sure.value;
  }
  return undefined;
}

/** Required, or beside a value in an object that would be incomplete without it. */
function isNeeded(leaf: Leaf, values: ReadonlyMap<Leaf, unknown>): boolean {
  if (values.has(leaf)) return false;
  if (leaf.parameter.isRequired) return true;
  const object = leaf.path.slice(0, -1).join('.');
  return (
    leaf.isRequiredBeside &&
    [...values.keys()].some(({ path }) => object !== '' && path.slice(0, -1).join('.') === object)
  );
}

function build(leaves: readonly Leaf[], values: ReadonlyMap<Leaf, unknown>): Record<string, unknown> {
  const built: Record<string, unknown> = {};
  for (const leaf of leaves) if (values.has(leaf)) put(built, leaf.path, values.get(leaf));
  return built;
}

function put(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = (target[key] ?? {}) as Record<string, unknown>;
  target[key] = inner;
  put(inner, rest, value);
}

/** Values of the same kind right beside the one that was taken, joined by `and`, ask for the same thing once more. */
function alternativesOf(
  leaves: readonly Leaf[],
  values: ReadonlyMap<Leaf, unknown>,
  spare: readonly { leaf: Leaf; candidate: Candidate; text: string }[],
): Record<string, unknown>[] {
  const repeatable = leaves.filter(({ parameter }) => parameter.isRequired && REPEATABLE.has(parameter.kind));
  const [leaf] = repeatable;
  if (repeatable.length !== 1 || !leaf) return [];
  return spare
    .filter((other) => other.leaf === leaf && other.candidate.value !== values.get(leaf))
    .filter(({ candidate, text }) =>
      /(?:\band|,)(?: (?:in|for|on|at|to))? (?:the )?$/i.test(text.slice(0, candidate.start)),
    )
    .map(({ candidate }) => build(leaves, new Map(values).set(leaf, candidate.value)));
}

const REPEATABLE: ReadonlySet<Parameter['kind']> = new Set(['place', 'code', 'choice', 'date']);
