/** The whole call in one strip: both voices, the silence between them by cause, tools, interruptions, errors, turns. */
import type { Loudness } from '../record/loudness.ts';
import { Axis } from './axis.ts';
import { html, type Markup } from './markup.ts';
import {
  isSeen,
  isTurn,
  stateOf,
  taskStateOf,
  type Moment,
  type Picture,
  type Pin,
  type Stretch,
  type ToolState,
} from './picture.ts';
import { at, drawTicks } from './timeline.ts';
import { clock, duration } from './units.ts';

const CALLER_Y = 18;
const VOICE_HEIGHT = 22;
const SILENCE_Y = CALLER_Y + VOICE_HEIGHT + 2;
const SILENCE_HEIGHT = 8;
const AGENT_Y = SILENCE_Y + SILENCE_HEIGHT + 2;
const TOOLS_Y = AGENT_Y + VOICE_HEIGHT + 4;
const ROWS_Y = TOOLS_Y + 10;
const ROW_HEIGHT = 15;
const BAR_HEIGHT = 12;
const FOOT = 16;
/** Bars thinner than this of a long call could not be seen. */
const LEAST_WIDTH = 0.0012;
/** A turn's number needs so much of the width. */
const NUMBER_ROOM = 0.014;

export function drawOverview(picture: Picture, loudness?: Loudness): Markup {
  const axis = new Axis({ fromMs: 0, toMs: Math.max(1, picture.durationMs) });
  const { scenes, muted, onHold } = picture;
  const rows = rowsOf(picture);
  const height = ROWS_Y + rows.length * ROW_HEIGHT + FOOT;
  const look = loudness ? 'backdrop' : 'working';
  const place = (stretch: Stretch) => placed(axis, stretch);
  return html`<svg
    class="overview plot"
    data-knots="${axis.knots}"
    height="${height}"
    role="img"
    aria-label="The whole call, ${duration(picture.durationMs)}, in ${scenes.filter(isTurn).length} turns"
  >
    ${turnAreas(picture, axis, height)} ${drawTicks(axis.ticks(0, clockLabel), height)}
    <g class="caller ${look}">
      ${picture.callerVoice.map((voice) => html`<rect ${place(voice)} y="${CALLER_Y}" height="${VOICE_HEIGHT}" rx="2" />`)}
    </g>
    <g class="agent ${look}">
      ${agentStretches(picture).map((voice) => html`<rect ${place(voice)} y="${AGENT_Y}" height="${VOICE_HEIGHT}" rx="2" />`)}
    </g>
    ${pauseAreas(muted, 'nothing of what is said here was kept', axis)}${pauseAreas(onHold, 'on hold', axis)}
    ${loudness && drawWaves(loudness, picture.durationMs, axis)}
    ${scenes.flatMap(({ silences }) => silences.filter(isSeen)).map((silence) => html`<rect class="${silence.cause} flat" ${place(silence)} y="${SILENCE_Y}" height="${SILENCE_HEIGHT}"><title>${silence.cause}: ${duration(silence.toMs - silence.fromMs)} of silence</title></rect>`)}
    ${rows.map((row, index) => row.map((one) => drawSpan(one, axis, ROWS_Y + index * ROW_HEIGHT)))}
    ${scenes.flatMap(({ tools }) => tools.filter(({ task }) => !task)).map((tool) => html`<rect class="tool flat ${stateOf(tool)}" ${place({ fromMs: tool.fromMs, toMs: tool.end?.atMs ?? picture.durationMs })} y="${TOOLS_Y}" height="6" rx="2"><title>${tool.name} ${stateOf(tool)}</title></rect>`)}
    ${scenes.flatMap(({ moments }) => moments).map((moment) => drawMoment(moment, axis, height))}
    ${picture.pins.map((pin) => drawPin(pin, axis, height))}
    <line class="playhead" x1="0" x2="0" y1="2" y2="${height - FOOT + 2}" />
  </svg>`;
}

// ---- what lasts over several turns ------------------------------------------------------------------------------------

interface Span extends Stretch {
  tone: 'agent' | 'task' | 'pause';
  label: string;
  state: ToolState | undefined;
}

/** Of a team, who has the caller; below it tasks, each within the one that it was begun in, and who is rung for the caller. */
function rowsOf({ agents, tasks, waits, durationMs }: Picture): Span[][] {
  const who =
    agents.length < 2
      ? []
      : agents.map((one) => ({ ...one, tone: 'agent' as const, label: one.name, state: undefined }));
  const below: Span[][] = [];
  for (const task of tasks) {
    const { name, depth, fromMs, end } = task;
    (below[depth] ??= []).push({
      fromMs,
      toMs: end?.atMs ?? durationMs,
      tone: 'task',
      label: name,
      state: taskStateOf(task),
    });
  }
  for (const { to, fromMs, toMs } of waits) {
    (below[0] ??= []).push({ fromMs, toMs, tone: 'pause', label: `rings ${to}`, state: undefined });
  }
  return [who, ...below].filter((row) => row.length > 0);
}

function drawSpan({ label, tone, state, ...stretch }: Span, axis: Axis, y: number): Markup {
  const { share, width } = shares(axis, stretch);
  const told = `${label}${state === undefined || state === 'ok' ? '' : ` ${state}`}, ${duration(stretch.toMs - stretch.fromMs)}`;
  return html`<g class="span ${tone} ${state}" data-at="${stretch.fromMs}"
    ><title>${told}</title><rect x="${at(share)}" width="${at(width)}" y="${y}" height="${BAR_HEIGHT}" rx="2" /><svg
      class="inside"
      x="${at(share)}"
      y="${y}"
      width="${at(width)}"
      height="${BAR_HEIGHT}"
    >
      <text x="4" y="10">${label}</text>
    </svg></g
  >`;
}

const pauseAreas = (stretches: readonly Stretch[], meaning: string, axis: Axis): Markup[] =>
  stretches.map((stretch) => {
    const place = html`${placed(axis, stretch)} y="${CALLER_Y}" height="${AGENT_Y + VOICE_HEIGHT - CALLER_Y}"`;
    const told = `${meaning}, ${duration(stretch.toMs - stretch.fromMs)}`;
    return html`<g class="pause-area"><title>${told}</title><rect ${place} /><rect class="hatch" ${place} /></g>`;
  });

// ---- voices -----------------------------------------------------------------------------------------------------------

/** Points of a wave: more than a wide screen has pixels for is more than is seen. */
const MOST_POINTS = 1_200;
/** Quiet speech is to be seen beside loud speech. */
const LOUDNESS_EXPONENT = 0.6;

/** Both voices as they sounded, each in its row. Stretched sideways by the browser: the axis is straight. */
function drawWaves({ stepMs, caller, agent }: Loudness, durationMs: number, axis: Axis): Markup[] {
  const steps = Math.max(1, Math.ceil(durationMs / stepMs));
  const every = Math.ceil(steps / MOST_POINTS);
  const start = axis.share(0);
  const points = Math.ceil(steps / every);
  const width = ((axis.share(durationMs) - start) * points * every * stepMs) / Math.max(1, durationMs);
  const place = html`x="${at(start)}" width="${at(width)}" height="${VOICE_HEIGHT}" viewBox="0 0 ${points} 100"`;
  return [
    { tone: 'caller', y: CALLER_Y, levels: caller },
    { tone: 'agent', y: AGENT_Y, levels: agent },
  ].map(({ tone, y, levels }) => {
    const path = wavePath(thin(levels.slice(0, steps), every));
    return html`<svg class="wave ${tone}" y="${y}" ${place} preserveAspectRatio="none"><path d="${path}" /></svg>`;
  });
}

function wavePath(levels: readonly number[]): string {
  const heights = levels.map((level) => Math.min(1, Math.max(0, level)) ** LOUDNESS_EXPONENT * 50);
  const upper = heights.map((height, index) => `${index + 0.5} ${+(50 - height).toFixed(1)}`);
  const lower = heights.map((height, index) => `${index + 0.5} ${+(50 + height).toFixed(1)}`).reverse();
  return upper.length === 0 ? '' : `M${upper.join('L')}L${lower.join('L')}Z`;
}

/** The loudest of every so many. */
function thin(levels: readonly number[], every: number): number[] {
  const points: number[] = [];
  for (let from = 0; from < levels.length; from += every) points.push(Math.max(...levels.slice(from, from + every)));
  return points;
}

/** A call in text has no voice: its words stand for it. */
function agentStretches({ hasAudio, agentVoice, scenes }: Picture): Stretch[] {
  return hasAudio ? agentVoice : scenes.flatMap(({ phrases }) => phrases);
}

/** From each turn to the next: a link to it, its number above. */
function turnAreas({ scenes, durationMs }: Picture, axis: Axis, height: number): Markup[] {
  return scenes.map((scene, index) => {
    const fromMs = index === 0 ? 0 : scene.window.fromMs;
    const toMs = scenes[index + 1]?.window.fromMs ?? durationMs;
    const { share, width } = shares(axis, { fromMs, toMs });
    const size = width < NUMBER_ROOM ? 'hidden' : width < NUMBER_ROOM * 3 ? 'roomy-only' : '';
    return html`<a href="#${scene.id}" class="turn-area${index % 2 === 1 ? ' odd' : ''}">
      <rect x="${at(share)}" width="${at(width)}" y="0" height="${height - FOOT}" />
      <text class="turn-number ${size}" x="${at(share + Math.min(width / 2, 0.02))}" y="11"
        >${isTurn(scene) ? scene.turn : '·'}</text
      >
    </a>`;
  });
}

function drawMoment(moment: Moment, axis: Axis, height: number): Markup | false {
  const x = at(axis.share(moment.type === 'interruption' ? moment.silentAtMs : moment.atMs));
  if (moment.type === 'interruption') {
    return html`<g class="mark cut-in"
      ><title>the caller cut in</title><line x1="${x}" x2="${x}" y1="14" y2="${TOOLS_Y - 2}"
    /></g>`;
  }
  if (moment.type === 'error') {
    return html`<g class="mark error"
      ><title>${moment.code}</title><line x1="${x}" x2="${x}" y1="14" y2="${height - FOOT}" /><circle
        cx="${x}"
        cy="14"
        r="4"
    /></g>`;
  }
  return false;
}

function drawPin({ atMs, check, what }: Pin, axis: Axis, height: number): Markup | false {
  if (atMs === undefined) return false;
  const x = at(axis.share(atMs));
  return html`<g class="mark error" data-at="${Math.round(atMs)}"
    ><title>${check}: ${what}</title><line x1="${x}" x2="${x}" y1="14" y2="${height - FOOT}" /><circle
      cx="${x}"
      cy="14"
      r="4"
  /></g>`;
}

function shares(axis: Axis, { fromMs, toMs }: Stretch): { share: number; width: number } {
  const share = axis.share(fromMs);
  return { share, width: Math.max(LEAST_WIDTH, axis.share(toMs) - share) };
}

function placed(axis: Axis, stretch: Stretch): Markup {
  const { share, width } = shares(axis, stretch);
  return html`data-at="${stretch.fromMs}" x="${at(share)}" width="${at(width)}"`;
}

const clockLabel = (ms: number): string => clock(ms).replace(/\.0$/, '');
