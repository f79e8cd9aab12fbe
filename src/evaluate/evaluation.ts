/**
 * What came of an evaluation: plain data, which every report is drawn from, and which `evaluation.json` is. It holds nothing of
 * when and where it ran, so that the same scenarios with the same seed give the same file, to the byte.
 */
import type { SilenceCause } from '../page/picture.ts';
import type { FindingKind } from '../testing/result.ts';

/** Of `evaluation.json`: it changes when a field of the same name means something else. */
export const EVALUATION_VERSION = 1;

/** `void`: the harness had trouble, or a check had nothing to look at: it says nothing of the agent. */
export type Verdict = 'pass' | 'fail' | 'void';

/** Something that a check or a judge has found in one call. */
export interface ReportedFinding {
  /** The check's name; `judge` of a judge's. */
  check: string;
  /** `shown`: it decides nothing, as what a judge finds who was not calibrated. */
  kind: FindingKind | 'shown';
  what: string;
  atMs?: number;
  turn?: number;
  evidence?: string;
}

/** What was measured in one call, all at the caller's ear, in milliseconds. */
export interface RunMetrics {
  durationMs: number;
  turns: number;
  /** From the caller's last sound to the agent's first, a turn each; not of turns in which the agent spoke already. */
  firstSoundMs: number[];
  /** The same to the first sound of an answer. */
  answerMs: number[];
  /** The longest stretch of each turn with no sound of either while the agent owed one, and what most of it went to. */
  deadAir: { ms: number; cause?: SilenceCause; atMs?: number }[];
  talkOvers: number;
  /** Of each cut-in: its first sound to the agent's silence. */
  yieldMs: number[];
  /** Of each turn, from the caller's last sound until it was taken for the end of what they say. */
  waitMs: number[];
  /** Times the caller was taken to have finished, and went on. */
  cutOffs: number;
  /** Requests to the model. */
  requests: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  /** By the file of prices; undefined without one. */
  cost?: number;
}

/** One call of one scenario. */
export interface RunReport {
  /** From 1, within its cell. */
  run: number;
  /** What was swept over, by name, as it is shown. Empty without a sweep. */
  cell: Record<string, string>;
  /** Of all chance in this call. */
  seed: number;
  verdict: Verdict;
  /** Why it is void, in words. */
  troubles: string[];
  findings: ReportedFinding[];
  /** The names of the checks that looked at it. */
  checks: string[];
  metrics: RunMetrics;
  /** The agent's name, and how the call ended; undefined when it never began. */
  agent?: string;
  ended?: string;
  /** Beside the report; undefined when it was not written. */
  page?: string;
  sound?: string;
}

/** What must hold of all runs of a scenario. Without `passK`: every run passes. */
export interface Gate {
  /** The least chance that so many runs in a row pass. */
  passK?: readonly [k: number, least: number];
  p95AnswerMs?: number;
  p95FirstSoundMs?: number;
  longestDeadAirMs?: number;
  costPerCall?: number;
}

/** Everything of one scenario. */
export interface ScenarioReport {
  name: string;
  /** As the user reaches it; undefined of one that a program made. */
  file?: string;
  description?: string;
  gate: Gate;
  /** What was swept over: each name with its values, in their order. */
  axes: { name: string; values: string[] }[];
  runs: RunReport[];
}

/** A whole evaluation. */
export interface Evaluation {
  version: typeof EVALUATION_VERSION;
  /** Names of the agents that were called. */
  agents: string[];
  /** Who answered for the agent, in a few words: `stand-in`, or which model where. */
  model: string;
  /** Who played the caller and who judged; undefined when nobody did. */
  caller?: string;
  judge?: string;
  /** Who understood the caller: a stand-in's ear is perfect, so noise and loss say nothing of recognition. */
  hearing: string;
  line: string;
  seed: number;
  /** Of all costs; undefined without prices. */
  currency?: string;
  /** What whoever reads the numbers should know. */
  notes: string[];
  scenarios: ScenarioReport[];
}
