/**
 * An evaluation as one page: verdicts, numbers, every measured latency, sweeps as maps. Like the page of a call it needs no
 * network and no script, and forbids itself whatever it did not bring along. Each square opens the page of its call.
 */
import { html, type Markup, type Part } from '../../page/markup.ts';
import type { Evaluation, ReportedFinding, RunReport, ScenarioReport } from '../evaluation.ts';
import { exitCodeOf, summarize, type ScenarioSummary } from '../summary.ts';
import { drawFrame } from './frame.ts';
import { drawMaps } from './heat-map.ts';
import { drawStrip, pageUrl } from './strips.ts';
import { chance, costText, deadAirText, findingText, ms, runText, SIGNS } from './words.ts';

/** So many findings of a scenario are listed. */
const MOST_FINDINGS = 60;

/** The whole page. */
export function drawPage(evaluation: Evaluation): string {
  const scenarios = evaluation.scenarios.map((scenario) => ({ scenario, summary: summarize(scenario) }));
  const title = `${evaluation.agents.join(', ')}: ${scenarios.length === 1 ? '1 scenario' : `${scenarios.length} scenarios`}`;
  return drawFrame(
    title,
    html`${drawHead(evaluation)}
      <section class="card scroll">${drawTable(scenarios, evaluation)}</section>
      <main>${scenarios.map((one, index) => drawScenario(one, index))}</main>`,
  );
}

function drawHead(evaluation: Evaluation): Markup {
  const { agents, model, caller, judge, line, hearing, seed, notes, scenarios } = evaluation;
  const runs = scenarios.flatMap((scenario) => scenario.runs);
  const many = (verdict: RunReport['verdict']) => runs.filter((run) => run.verdict === verdict).length;
  const facts = [
    `model ${model}`,
    caller && `caller ${caller}`,
    judge && `judge ${judge}`,
    `${line} line`,
    `hearing: ${hearing}`,
    `seed ${seed}`,
  ];
  return html`<header>
    <h1 dir="auto">${agents.join(', ')}</h1>
    <p class="facts">${facts.filter(Boolean).join(' · ')}</p>
    ${notes.map((note) => html`<p class="notes">${note}</p>`)}
    <div class="counts">
      ${count('pass', many('pass'), 'passed')} ${count('fail', many('fail'), 'failed')}
      ${count('void', many('void'), 'void')} ${count('', `${exitCodeOf(evaluation)}`, 'exit code')}
    </div>
  </header>`;
}

const count = (look: string, value: number | string, name: string): Markup =>
  html`<div class="count ${look}"><strong>${value}</strong>${name}</div>`;

// ---- the table ------------------------------------------------------------------------------------------------------

interface Told {
  scenario: ScenarioReport;
  summary: ScenarioSummary;
}

function drawTable(scenarios: readonly Told[], { currency }: Evaluation): Markup {
  const ks = [
    ...new Set(
      scenarios.flatMap(({ summary }) => summary.passK.filter((one) => one.chance !== undefined).map(({ k }) => k)),
    ),
  ];
  const hasCost = scenarios.some(({ summary }) => summary.costPerCall !== undefined);
  const head: Part[] = [
    'scenario',
    'runs',
    'pass',
    ...ks.map((k) => html`pass<sup>${k}</sup>`),
    'first sound p50',
    'p95',
    'answer p50',
    'p95',
    'longest dead air',
    'talk-over',
    'yield',
    hasCost && 'a call',
  ];
  return html`<table class="numbers">
    <thead>
      <tr>
        ${head.map((name) => name !== false && html`<th>${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${scenarios.map(({ scenario, summary }, index) => {
        const { firstSound, answer } = summary;
        const cells: Part[] = [
          summary.runs,
          `${summary.passed}/${summary.passed + summary.failed}`,
          ...ks.map((k) => chance(summary.passK.find((one) => one.k === k)?.chance)),
          ms(firstSound.p50),
          ms(firstSound.p95),
          ms(answer.p50),
          ms(answer.p95),
          deadAirText(summary),
          summary.talkOvers,
          ms(summary.yieldP95),
          hasCost && costText(summary.costPerCall, currency),
        ];
        return html`<tr>
          <td>${sign(summary)} <a href="#${idOf(index)}">${scenario.name}</a></td>
          ${cells.map((cell) => cell !== false && html`<td>${cell}</td>`)}
        </tr>`;
      })}
    </tbody>
  </table>`;
}

const idOf = (index: number): string => `scenario-${index + 1}`;
const sign = ({ gate }: ScenarioSummary): Markup => html`<span class="sign ${gate.state}">${SIGNS[gate.state]}</span>`;

// ---- a scenario -----------------------------------------------------------------------------------------------------

function drawScenario({ scenario, summary }: Told, index: number): Markup {
  const { name, file, description, runs } = scenario;
  const { gate, interval, passed, failed } = summary;
  const strips = [
    drawStrip('First sound', runs, ({ metrics }) => metrics.firstSoundMs),
    drawStrip('Answer', runs, ({ metrics }) => metrics.answerMs),
    drawStrip('Dead air of each turn', runs, ({ metrics }) => metrics.deadAir.map((one) => one.ms)),
  ];
  return html`<section class="card scenario" id="${idOf(index)}">
    <header>
      <h2>${sign(summary)} ${name}</h2>
      ${file !== undefined && html`<span class="file">${file}</span>`}
      ${summary.isFlaky && html`<span class="flaky">flaky</span>`}
      ${interval && html`<span class="file">${passed} of ${passed + failed} passed: between ${chance(interval.from)} and ${chance(interval.to)} of all would</span>`}
    </header>
    ${description !== undefined && html`<p>${description}</p>`}
    ${gate.why.map((why) => html`<p class="gate ${gate.state}">gate: ${why}</p>`)}
    <div class="strip">${runs.map(drawSquare)}</div>
    ${drawMaps(scenario)} ${drawFindings(runs)}
    <div class="plots">${strips}</div>
  </section>`;
}

function drawSquare(run: RunReport): Markup {
  const why = [...run.troubles, ...run.findings.map(({ check, what }) => `${check}: ${what}`)].slice(0, 4).join('\n');
  const title = `${runText(run)}: ${run.verdict}${why && `\n${why}`}`;
  const label = run.verdict === 'void' ? '' : run.run;
  return run.page === undefined
    ? html`<span class="square ${run.verdict}" title="${title}">${label}</span>`
    : html`<a class="square ${run.verdict}" href="${pageUrl(run.page)}" title="${title}">${label}</a>`;
}

function drawFindings(runs: readonly RunReport[]): Markup | undefined {
  const rows = runs.flatMap((run) => [
    ...run.troubles.map((what) => ({ run, check: 'void', look: 'void', what, evidence: undefined, atMs: undefined })),
    ...run.findings.map((finding) => ({
      run,
      check: labelOf(finding),
      look: finding.kind === 'fault' ? 'fault' : 'other',
      what: findingText(finding),
      evidence: finding.evidence,
      atMs: finding.atMs,
    })),
  ]);
  if (rows.length === 0) return undefined;
  const more = rows.length - MOST_FINDINGS;
  return html`<ul class="findings">
    ${rows.slice(0, MOST_FINDINGS).map(({ run, check, look, what, evidence }) => {
      const place = run.page === undefined ? runText(run) : html`<a href="${pageUrl(run.page)}">${runText(run)}</a>`;
      return html`<li class="${look}">
        <span class="run">${place}</span><span class="check">${check}</span
        ><span>${what}${evidence !== undefined && html` <q>${evidence}</q>`}</span>
      </li>`;
    })}
    ${more > 0 && html`<li><span class="run">and ${more} more</span></li>`}
  </ul>`;
}

const labelOf = ({ check, kind }: ReportedFinding): string => (kind === 'fault' ? check : `${check} (${kind})`);
