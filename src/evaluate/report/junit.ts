/**
 * An evaluation as JUnit's XML, which every CI system shows: a suite a scenario, a case a run and check. A fault is a
 * failure, void an error; the page of a call is attached in the way that GitLab and Jenkins know.
 */
import { escapeText } from '../../page/markup.ts';
import type { Evaluation, ReportedFinding, RunReport, ScenarioReport } from '../evaluation.ts';
import { summarize } from '../summary.ts';
import { findingText, runText } from './words.ts';

export function drawJunit({ scenarios }: Evaluation): string {
  const suites = scenarios.map(drawSuite);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="parley eval">\n${suites.join('\n')}\n</testsuites>\n`;
}

function drawSuite(scenario: ScenarioReport): string {
  const cases = scenario.runs.flatMap((run) => casesOf(run).map((one) => ({ ...one, run })));
  const gate = summarize(scenario).gate;
  const failures = cases.filter(({ faults }) => faults.length > 0).length;
  const errors = cases.filter(({ voids }) => voids.length > 0).length + (gate.state === 'unknown' ? 1 : 0);
  const counts = `tests="${cases.length + 1}" failures="${failures + (gate.state === 'fails' ? 1 : 0)}" errors="${errors}"`;
  const name = attribute('name', scenario.name);
  const inner = cases.map((one) => drawCase(scenario, one)).join('\n');
  return `  <testsuite ${name} ${counts}>\n${propertiesOf(scenario)}${inner}\n${drawGate(scenario)}  </testsuite>`;
}

interface Case {
  check: string;
  faults: ReportedFinding[];
  voids: string[];
}

/** What is void as a whole is one case: its checks say nothing. */
function casesOf({ checks, findings, troubles }: RunReport): Case[] {
  if (troubles.length > 0) return [{ check: 'call', faults: [], voids: troubles }];
  const names = [...new Set([...checks, ...findings.map(({ check }) => check)])];
  return (names.length > 0 ? names : ['call']).map((check) => {
    const own = findings.filter((finding) => finding.check === check);
    const faults = own.filter(({ kind }) => kind === 'fault');
    const voids = own
      .filter(({ kind }) => kind === 'vacuous' || kind === 'not visible')
      .map(({ kind, what }) => `${kind}: ${what}`);
    return { check, faults, voids: faults.length > 0 ? [] : voids };
  });
}

function drawCase({ name }: ScenarioReport, { run, check, faults, voids }: Case & { run: RunReport }): string {
  const attributes = `${attribute('classname', name)} ${attribute('name', `${runText(run)}: ${check}`)} time="${(run.metrics.durationMs / 1_000).toFixed(3)}"`;
  const failures = faults.map(
    (fault) =>
      `      <failure ${attribute('type', check)} ${attribute('message', findingText(fault))}>${text(fault.evidence ?? '')}</failure>`,
  );
  const errors = voids.map((why) => `      <error type="void" ${attribute('message', why)}/>`);
  const attachment =
    run.page === undefined || failures.length === 0
      ? []
      : [`      <system-out>[[ATTACHMENT|${text(run.page)}]]</system-out>`];
  const inner = [...failures, ...errors, ...attachment];
  return inner.length === 0
    ? `    <testcase ${attributes}/>`
    : `    <testcase ${attributes}>\n${inner.join('\n')}\n    </testcase>`;
}

/** What must hold of all runs together. */
function drawGate(scenario: ScenarioReport): string {
  const { state, why } = summarize(scenario).gate;
  const open = `    <testcase ${attribute('classname', scenario.name)} name="gate"`;
  if (state === 'holds') return `${open}/>\n`;
  const message = attribute('message', why.join('; '));
  return `${open}>\n      ${state === 'fails' ? `<failure type="gate" ${message}/>` : `<error type="void" ${message}/>`}\n    </testcase>\n`;
}

function propertiesOf(scenario: ScenarioReport): string {
  const { firstSound, answer, longestDeadAir, talkOvers, yieldP95, costPerCall, passK } = summarize(scenario);
  const values: Record<string, number | undefined> = {
    firstSoundP50Ms: firstSound.p50,
    firstSoundP95Ms: firstSound.p95,
    answerP50Ms: answer.p50,
    answerP95Ms: answer.p95,
    longestDeadAirMs: longestDeadAir?.ms,
    talkOvers,
    yieldP95Ms: yieldP95,
    costPerCall,
    ...Object.fromEntries(passK.map(({ k, chance }) => [`pass^${k}`, chance])),
  };
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  const lines = known.map(([name, value]) => `      <property name="${name}" value="${+(value ?? 0).toFixed(4)}"/>\n`);
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}

const text = (value: string): string => escapeText(value);
const attribute = (name: string, value: string): string => `${name}="${escapeText(value).replace(/[\t\n\r]+/g, ' ')}"`;
