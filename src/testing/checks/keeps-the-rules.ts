/**
 * That Parley itself kept its rules, R1 to R25, at every instant of the call: its machine's log is played once more, event by
 * event, to an independent judge of what was asked for and of every list of messages. A finding says which rule.
 */
import { isA, VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { replayMachine, type ReplayResult } from '../../record/machine-log.ts';
import type { TurnEffect, TurnEvent } from '../../turn/contract.ts';
import type { MachineOptions } from '../../turn/options.ts';
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check, Finding } from '../result.ts';
import { isIn, scopeOf } from '../scope.ts';
import { CallJudge, type Circumstances } from './rules/judge.ts';

/** Those that the judge knows; the others are about what no log can tell. */
export const JUDGED_RULES = [
  ...(['R1', 'R2', 'R3', 'R4', 'R6', 'R7', 'R8', 'R9', 'R11', 'R12', 'R13', 'R14', 'R15', 'R16', 'R17'] as const),
  ...(['R19', 'R20', 'R21', 'R22', 'R23', 'R24', 'R25', 'R27', 'R28'] as const),
] as const;

/** @param rules Only these, such as `['R14', 'R21']`. Default: all of them. */
export const keepsTheRules: Check<[rules?: readonly string[]]> = (call, rules) => {
  const scope = scopeOf(call);
  const { machine, end } = scope.call;
  if (machine === undefined) return notVisible('keepsTheRules', 'what the machine was told is not known of this call');
  const unknown = rules?.find((rule) => !(JUDGED_RULES as readonly string[]).includes(rule));
  if (unknown !== undefined || rules?.length === 0)
    return vacuous('keepsTheRules', `${unknown ?? 'none'} is no rule to look at: those are ${JUDGED_RULES.join(', ')}`);
  const wanted = (finding: Finding) => {
    const isOurs = scope.turn === undefined || isIn(scope, finding.atMs ?? 0);
    return isOurs && (rules === undefined || finding.kind !== 'fault' || rules.includes(ruleOf(finding.what)));
  };
  try {
    return judge(machine, { hasEnded: end !== undefined, isRecorded: scope.call.runs === undefined }).filter(wanted);
  } catch (error) {
    if (!isA(error, VoiceError) || error.code !== 'recording-invalid') throw error;
    return notVisible('keepsTheRules', `this Parley cannot play what the machine was told: ${error.message}`);
  }
};

/** The rule that a finding of this check is about: `R14`. */
export const ruleOf = (what: string): string => /^R\d+/.exec(what)?.[0] ?? '';

/** `isRecorded`: perhaps by another Parley, whose machine did otherwise. */
function judge(log: string, { hasEnded, isRecorded }: { hasEnded: boolean; isRecorded: boolean }): Finding[] {
  const findings: Finding[] = [];
  const circumstances = new LoggedCircumstances();
  let judged: CallJudge | undefined;
  let last: Parameters<CallJudge['finish']>[0] | undefined;
  const result = replayMachine(log, ({ event, atMs, effects, machine, options }) => {
    judged ??= new CallJudge(options, factsOf(event));
    last = machine;
    const problems = judged.look(event, atMs, effects, machine, circumstances.around(event, effects, judged, options));
    findings.push(...problems.map((what) => fault('keepsTheRules', what, { atMs, evidence: JSON.stringify(event) })));
  });
  const { difference, broke } = result;
  if (difference) findings.push(differs(difference, isRecorded));
  if (broke) findings.push(fault('keepsTheRules', broke.message, { atMs: broke.atMs }));
  if (hasEnded && judged && last && !difference && !broke)
    findings.push(...judged.finish(last).map((what) => fault('keepsTheRules', what, { atMs: result.durationMs })));
  return findings;
}

const factsOf = (event: TurnEvent): string | undefined => (event.type === 'call-start' ? event.facts : undefined);

type Difference = NonNullable<ReplayResult['difference']>;

/** The machine of today is another than that of the recording; in a call of today, what it did does not come of what it was told. */
function differs({ atMs, expected, got }: Difference, isRecorded: boolean): Finding {
  const typesOf = (json: string) => {
    const value = parseJson(json);
    return Array.isArray(value) ? value.map((one) => (isRecord(one) ? String(one['type']) : '')).join(', ') : json;
  };
  const where = { atMs, evidence: `recorded: ${typesOf(expected)} | now: ${typesOf(got)}` };
  if (!isRecorded) return fault('keepsTheRules', 'what the machine did does not come of what it was told', where);
  const what = 'it was recorded by another Parley, whose machine did otherwise from here on';
  return { check: 'keepsTheRules', kind: 'not visible', what, ...where };
}

/** What the log tells of the speaker beside the event. */
class LoggedCircumstances {
  #isPlaying = false;
  #isOwed = false;

  around(event: TurnEvent, effects: readonly TurnEffect[], judge: CallJudge, options: MachineOptions): Circumstances {
    const owedIdle = this.#isOwed;
    const isAudible = this.#isPlaying && !judge.isHeard;
    if (event.type === 'playback-start') this.#isPlaying = true;
    if (event.type === 'playback-idle') this.#isPlaying = this.#isOwed = false;
    for (const { type } of effects) {
      if (type === 'clear') this.#isPlaying = this.#isOwed = false;
      else if (type === 'say') this.#isOwed = options.heardBy !== 'emitted';
    }
    return { isAudible, owedIdle, owesIdle: this.#isOwed };
  }
}
