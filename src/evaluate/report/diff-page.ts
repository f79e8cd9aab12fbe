/**
 * Two evaluations beside each other as one page: what passes no longer, what is slower, and each call that came out otherwise with
 * the pages of both. It needs no network and no script, as the page of an evaluation.
 */
import { html, type Markup, type Part } from '../../page/markup.ts';
import type { ScenarioChange } from '../compare.ts';
import type { Evaluation, RunReport, ScenarioReport } from '../evaluation.ts';
import type { ScenarioSummary } from '../summary.ts';
import { drawFrame } from './frame.ts';
import { drawStrip, pageUrl } from './strips.ts';
import { ms } from './words.ts';

/** One of the two, and where its calls' pages lie, relative to this page. */
export interface DiffSide {
  evaluation: Evaluation;
  /** A relative path, without its last slash. */
  folder: string;
}

/** So many calls of a scenario are listed. */
const MOST_RUNS = 60;

export function drawDiffPage(changes: readonly ScenarioChange[], sides: { before: DiffSide; after: DiffSide }): string {
  const many = (state: ScenarioChange['state']) => changes.filter((change) => change.state === state).length;
  const { before, after } = sides;
  const title = `${after.evaluation.agents.join(', ')}: before and after`;
  const counts = (['worse', 'better', 'same', 'new', 'gone'] as const).map((state) => ({ state, count: many(state) }));
  return drawFrame(
    title,
    html`<header>
        <h1 dir="auto">${after.evaluation.agents.join(', ')}</h1>
        ${[before, after].map((side, at) => html`<p class="facts">${at === 0 ? 'before' : 'after'}: ${factsOf(side)}</p>`)}
        <div class="counts">
          ${counts.map(({ state, count }) => html`<div class="count ${LOOKS[state]}"><strong>${count}</strong>${state}</div>`)}
        </div>
      </header>
      <main>${changes.map((change) => drawChange(change, sides))}</main>`,
  );
}

const LOOKS = { worse: 'fail', better: 'pass', same: '', new: 'void', gone: 'void' } as const;
const GATES = { worse: 'fails', better: 'holds', same: '', new: 'unknown', gone: 'unknown' } as const;

function factsOf({ evaluation: { model, seed, line }, folder }: DiffSide): Markup {
  return html`<a href="${pageUrl(`${folder}/index.html`)}">${folder}</a> · model ${model} · ${line} line · seed ${seed}`;
}

function drawChange(change: ScenarioChange, { before, after }: { before: DiffSide; after: DiffSide }): Markup {
  const { name, state, runs, appeared, vanished } = change;
  const more = runs.length - MOST_RUNS;
  return html`<section class="card scenario">
    <header>
      <h2><span class="sign ${GATES[state]}">${state}</span> ${name}</h2>
    </header>
    ${change.before && change.after && drawNumbers(change.before, change.after)}
    ${appeared.length > 0 && html`<p class="gate fails">finds now: ${appeared.join(', ')}</p>`}
    ${vanished.length > 0 && html`<p class="gate">finds no longer: ${vanished.join(', ')}</p>`}
    <ul class="findings">
      ${runs.slice(0, MOST_RUNS).map((run) => drawRun(run, before.folder, after.folder))}
      ${more > 0 && html`<li><span class="run">and ${more} more</span></li>`}
    </ul>
    <div class="plots">${drawStrips(name, before, after)}</div>
  </section>`;
}

function drawRun(
  { where, before, after, why, pages }: ScenarioChange['runs'][number],
  beforeFolder: string,
  afterFolder: string,
): Markup {
  const link = (verdict: string, folder: string, page: string | undefined): Part =>
    page === undefined ? verdict : html`<a href="${pageUrl(`${folder}/${page}`)}">${verdict}</a>`;
  return html`<li class="${after === 'fail' ? 'fault' : 'other'}">
    <span class="run">${where}</span>
    <span class="check">${link(before, beforeFolder, pages.before)} → ${link(after, afterFolder, pages.after)}</span>
    <span>${why.join(' · ')}</span>
  </li>`;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

function drawNumbers(was: ScenarioSummary, is: ScenarioSummary): Markup {
  const rows: [name: string, was: string, is: string, change: string][] = [
    ['passed', passedOf(was), passedOf(is), ''],
    ...(
      [
        ['first sound p50', was.firstSound.p50, is.firstSound.p50],
        ['first sound p95', was.firstSound.p95, is.firstSound.p95],
        ['answer p50', was.answer.p50, is.answer.p50],
        ['answer p95', was.answer.p95, is.answer.p95],
        ['longest dead air', was.longestDeadAir?.ms, is.longestDeadAir?.ms],
        ['yield', was.yieldP95, is.yieldP95],
      ] as const
    ).map(([name, one, other]): [string, string, string, string] => [name, ms(one), ms(other), byHowMuch(one, other)]),
  ];
  return html`<table class="numbers">
    <thead>
      <tr>
        <th></th>
        <th>before</th>
        <th>after</th>
        <th>change</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([name, ...cells]) =>
          html`<tr>
            <td>${name}</td>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const passedOf = ({ passed, failed }: ScenarioSummary): string => `${passed}/${passed + failed}`;

function byHowMuch(was: number | undefined, is: number | undefined): string {
  if (was === undefined || is === undefined) return '';
  const change = Math.round(is) - Math.round(was);
  return change === 0 ? '' : `${change > 0 ? '+' : '−'}${Math.abs(change)} ms`;
}

/** What was measured before, above what is measured now. */
function drawStrips(name: string, before: DiffSide, after: DiffSide): Part {
  return STRIPS.map(([title, pick]) => [
    drawStrip(`${title}, before`, runsOf(before, name), pick),
    drawStrip(`${title}, after`, runsOf(after, name), pick),
  ]);
}

const STRIPS: [title: string, pick: (run: RunReport) => readonly number[]][] = [
  ['First sound', ({ metrics }) => metrics.firstSoundMs],
  ['Answer', ({ metrics }) => metrics.answerMs],
];

/** With their pages as they are reached from here. */
function runsOf({ evaluation, folder }: DiffSide, name: string): RunReport[] {
  const scenario: ScenarioReport | undefined = evaluation.scenarios.find((one) => one.name === name);
  return (scenario?.runs ?? []).map((run) =>
    run.page === undefined ? run : { ...run, page: `${folder}/${run.page}` },
  );
}
