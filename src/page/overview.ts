/** The whole call in one strip: both voices, the silence between them by cause, tools, interruptions, errors, turns. */
import type { Loudness } from '../record/loudness.ts';
import { Axis } from './axis.ts';
import { html, type Markup } from './markup.ts';
import { isSeen, isTurn, stateOf, type Moment, type Picture, type Pin, type Scene, type Stretch } from './picture.ts';
import { at, drawTicks } from './timeline.ts';
import { clock, duration } from './units.ts';

const CALLER_Y = 18;
const VOICE_HEIGHT = 22;
const SILENCE_Y = CALLER_Y + VOICE_HEIGHT + 2;
const SILENCE_HEIGHT = 8;
const AGENT_Y = SILENCE_Y + SILENCE_HEIGHT + 2;
const TOOLS_Y = AGENT_Y + VOICE_HEIGHT + 4;
const HEIGHT = TOOLS_Y + 8 + 18;
/** Bars thinner than this of a long call could not be seen. */
const LEAST_WIDTH = 0.0012;
/** A turn's number needs so much of the width. */
const NUMBER_ROOM = 0.014;

export function drawOverview(picture: Picture, loudness?: Loudness): Markup {
  const axis = new Axis({ fromMs: 0, toMs: Math.max(1, picture.durationMs) });
  const { scenes } = picture;
  const look = loudness ? 'backdrop' : 'working';
  const place = (stretch: Stretch) => placed(axis, stretch);
  return html`<svg
    class="overview plot"
    data-knots="${axis.knots}"
    height="${HEIGHT}"
    role="img"
    aria-label="The whole call, ${duration(picture.durationMs)}, in ${scenes.filter(isTurn).length} turns"
  >
    ${turnAreas(scenes, axis, picture.durationMs)} ${drawTicks(axis.ticks(0, clockLabel), HEIGHT)}
    <g class="caller ${look}">
      ${picture.callerVoice.map((voice) => html`<rect ${place(voice)} y="${CALLER_Y}" height="${VOICE_HEIGHT}" rx="2" />`)}
    </g>
    <g class="agent ${look}">
      ${agentStretches(picture).map((voice) => html`<rect ${place(voice)} y="${AGENT_Y}" height="${VOICE_HEIGHT}" rx="2" />`)}
    </g>
    ${loudness && drawWaves(loudness, picture.durationMs, axis)}
    ${scenes.flatMap(({ silences }) => silences.filter(isSeen)).map((silence) => html`<rect class="${silence.cause} flat" ${place(silence)} y="${SILENCE_Y}" height="${SILENCE_HEIGHT}"><title>${silence.cause}: ${duration(silence.toMs - silence.fromMs)} of silence</title></rect>`)}
    ${scenes.flatMap(({ tools }) => tools).map((tool) => html`<rect class="tool flat ${stateOf(tool)}" ${place({ fromMs: tool.fromMs, toMs: tool.end?.atMs ?? picture.durationMs })} y="${TOOLS_Y}" height="6" rx="2"><title>${tool.name} ${stateOf(tool)}</title></rect>`)}
    ${scenes.flatMap(({ moments }) => moments).map((moment) => drawMoment(moment, axis))}
    ${picture.pins.map((pin) => drawPin(pin, axis))}
    <line class="playhead" x1="0" x2="0" y1="2" y2="${HEIGHT - 14}" />
  </svg>`;
}

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
function turnAreas(scenes: readonly Scene[], axis: Axis, durationMs: number): Markup[] {
  return scenes.map((scene, index) => {
    const fromMs = index === 0 ? 0 : scene.window.fromMs;
    const toMs = scenes[index + 1]?.window.fromMs ?? durationMs;
    const { share, width } = shares(axis, { fromMs, toMs });
    const size = width < NUMBER_ROOM ? 'hidden' : width < NUMBER_ROOM * 3 ? 'roomy-only' : '';
    return html`<a href="#${scene.id}" class="turn-area${index % 2 === 1 ? ' odd' : ''}">
      <rect x="${at(share)}" width="${at(width)}" y="0" height="${HEIGHT - 16}" />
      <text class="turn-number ${size}" x="${at(share + Math.min(width / 2, 0.02))}" y="11"
        >${isTurn(scene) ? scene.turn : '·'}</text
      >
    </a>`;
  });
}

function drawMoment(moment: Moment, axis: Axis): Markup | false {
  const x = at(axis.share(moment.type === 'interruption' ? moment.silentAtMs : moment.atMs));
  if (moment.type === 'interruption') {
    return html`<g class="mark cut-in"
      ><title>the caller cut in</title><line x1="${x}" x2="${x}" y1="14" y2="${TOOLS_Y - 2}"
    /></g>`;
  }
  if (moment.type === 'error') {
    return html`<g class="mark error"
      ><title>${moment.code}</title><line x1="${x}" x2="${x}" y1="14" y2="${HEIGHT - 16}" /><circle
        cx="${x}"
        cy="14"
        r="4"
    /></g>`;
  }
  return false;
}

function drawPin({ atMs, check, what }: Pin, axis: Axis): Markup | false {
  if (atMs === undefined) return false;
  const x = at(axis.share(atMs));
  return html`<g class="mark error" data-at="${Math.round(atMs)}"
    ><title>${check}: ${what}</title><line x1="${x}" x2="${x}" y1="14" y2="${HEIGHT - 16}" /><circle
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
