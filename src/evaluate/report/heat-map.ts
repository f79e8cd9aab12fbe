/** A sweep as a map: one value down, one across, and in each field how many runs passed. More than two: a map for each of the rest. */
import { html, type Markup } from '../../page/markup.ts';
import type { RunReport, ScenarioReport } from '../evaluation.ts';
import { passedOf } from '../summary.ts';
import { pageUrl } from './strips.ts';
import { cellText } from './words.ts';

/** Larger ones say less than the list of what was found. */
const MOST_MAPS = 12;

/** Nothing without a sweep of two values or more. */
export function drawMaps({ axes, runs }: ScenarioReport): Markup[] {
  const swept = axes.filter(({ values }) => values.length > 1);
  const across = swept.at(-1);
  if (!across) return [];
  const down = swept.at(-2);
  const rest = swept.slice(0, -2);
  return groups(rest, runs)
    .slice(0, MOST_MAPS)
    .map(({ title, runs: own }) => drawMap(title, own, { across, down }));
}

type Axis = ScenarioReport['axes'][number];

/** Runs by the values of what is neither down nor across. */
function groups(rest: readonly Axis[], runs: readonly RunReport[]): { title: string; runs: RunReport[] }[] {
  return rest.reduce(
    (all, { name, values }) =>
      all.flatMap((group) =>
        values.map((value) => ({
          title: [group.title, `${name} ${value}`].filter(Boolean).join(', '),
          runs: group.runs.filter(({ cell }) => cell[name] === value),
        })),
      ),
    [{ title: '', runs: [...runs] }],
  );
}

function drawMap(
  title: string,
  runs: readonly RunReport[],
  { across, down }: { across: Axis; down: Axis | undefined },
): Markup {
  const rows = down?.values ?? [''];
  const fieldOf = (row: string, column: string) =>
    runs.filter(({ cell }) => cell[across.name] === column && (!down || cell[down.name] === row));
  return html`<div class="scroll">
    <table class="map">
      <thead>
        <tr>
          <th>${title}</th>
          <th colspan="${across.values.length}">${across.name}</th>
        </tr>
        <tr>
          <th>${down?.name}</th>
          ${across.values.map((value) => html`<th>${value}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <th>${row}</th>
              ${across.values.map((column) => drawField(fieldOf(row, column)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** It opens the first call that failed, else the first. */
function drawField(runs: readonly RunReport[]): Markup {
  const [first] = runs;
  if (!first) return html`<td class="nothing"></td>`;
  const told = runs.filter(({ verdict }) => verdict !== 'void');
  const passed = passedOf(told);
  const shown = runs.find(({ verdict }) => verdict === 'fail') ?? first;
  const label = told.length === 0 ? 'void' : `${passed}/${told.length}`;
  const inner = shown.page === undefined ? label : html`<a href="${pageUrl(shown.page)}">${label}</a>`;
  const look = told.length === 0 ? html`class="void"` : html`style="--share:${(passed / told.length).toFixed(3)}"`;
  return html`<td ${look} title="${cellText(first)}">${inner}</td>`;
}
