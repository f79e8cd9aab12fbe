/** Every measured value as a dot, with the middle and the 95th of a hundred: a mean would hide the one long silence. */
import { html, type Markup } from '../../page/markup.ts';
import type { RunReport } from '../evaluation.ts';
import { p95, quantile } from '../statistics.ts';
import { longer, runText } from './words.ts';

const HEIGHT = 74;
const BASE = 52;
const DOT = 3.5;
/** Dots so near each other stand one on another; higher than so many they overlap. */
const NEAR = 0.012;
const MOST_HIGH = 6;
const STEPS_MS = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const MOST_TICKS = 6;

interface Dot {
  ms: number;
  run: RunReport;
}

/** One strip of what `pick` gives of each run; undefined when nothing was measured. */
export function drawStrip(
  title: string,
  runs: readonly RunReport[],
  pick: (run: RunReport) => readonly number[],
): Markup | undefined {
  const dots = runs
    .filter(({ verdict }) => verdict !== 'void')
    .flatMap((run) => pick(run).map((ms): Dot => ({ ms, run })))
    .sort((one, other) => one.ms - other.ms);
  if (dots.length === 0) return undefined;
  const values = dots.map(({ ms }) => ms);
  const most = Math.max(...values, 1);
  const step = STEPS_MS.find((one) => most / one <= MOST_TICKS) ?? Math.ceil(most / MOST_TICKS);
  const end = Math.ceil(most / step) * step;
  const at = (ms: number) => `${(4 + (ms / end) * 92).toFixed(2)}%`;
  const marks = [
    { name: 'p50', ms: quantile(values, 0.5) },
    { name: 'p95', ms: p95(values) },
  ].filter((mark): mark is { name: string; ms: number } => mark.ms !== undefined);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  const told = marks.map(({ name, ms }) => `${name} ${longer(ms)}`).join(', ');
  return html`<figure style="margin:0">
    <h3>${title}: ${dots.length} measured${told && `, ${told}`}</h3>
    <svg height="${HEIGHT}" role="img" aria-label="${title}: ${told}">
      <line class="axis" x1="4%" x2="96%" y1="${BASE + 6}" y2="${BASE + 6}" />
      ${ticks.map((ms) => html`<text x="${at(ms)}" y="${HEIGHT - 2}" text-anchor="middle">${longer(ms)}</text>`)}
      ${marks.map(({ name, ms }) => html`<line class="quantile" x1="${at(ms)}" x2="${at(ms)}" y1="4" y2="${BASE + 6}"><title>${name}</title></line>`)}
      ${stacked(dots, end).map(({ dot, level }) => drawDot(dot, at(dot.ms), BASE - level * DOT * 2))}
    </svg>
  </figure>`;
}

function stacked(dots: readonly Dot[], end: number): { dot: Dot; level: number }[] {
  let last = -Infinity;
  let level = 0;
  return dots.map((dot) => {
    const share = dot.ms / end;
    if (share - last < NEAR) level = (level + 1) % MOST_HIGH;
    else [last, level] = [share, 0];
    return { dot, level };
  });
}

function drawDot({ ms, run }: Dot, x: string, y: number): Markup {
  const circle = html`<circle class="dot ${run.verdict}" cx="${x}" cy="${y}" r="${DOT}"
    ><title>${runText(run)}: ${longer(ms)}</title></circle
  >`;
  return run.page === undefined ? circle : html`<a href="${pageUrl(run.page)}">${circle}</a>`;
}

/** A place below the report, whatever is in its name. */
export const pageUrl = (page: string): string => `./${page.split('/').map(encodeURIComponent).join('/')}`;
