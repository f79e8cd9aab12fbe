/** Lanes to an inline SVG. Sideways everything is in percent, so that one picture fits a laptop, a phone and paper. */
import type { Axis, Tick } from './axis.ts';
import type { Bar, Lane, Lanes, Mark } from './lanes.ts';
import { html, type Markup } from './markup.ts';
import { MOST_NEEDS_PX, NEEDS_STEP_PX } from './style.ts';
import { duration } from './units.ts';

const ROW = 28;
const BAR = 20;
const TOP = 18;
const FOOT = 20;
/** Of a bar, what shows that it is held: its foot, so that what stands on it can be read. */
const HELD = 5;
/** A bar thinner than this could not be seen. */
const LEAST_WIDTH = 0.0035;
/** Of the lettering of a picture: about this wide a character, with so much room around a label, in pixels. */
const CHARACTER_PX = 6.4;
const LABEL_MARGIN_PX = 10;
/** A text that may be cut off is worth showing from here on. */
const LEAST_TEXT_PX = 70;
/** What a tool's label may count on: the picture on a phone. */
const NARROW_PX = 330;
/** Between two labels of the axis. */
const TICK_PX = 46;

export function drawTimeline({ axis, lanes, marks, zeroMs }: Lanes, summary: string): Markup {
  const height = TOP + lanes.length * ROW + FOOT;
  return html`<div class="timeline">
    <div class="names" aria-hidden="true">${lanes.map(({ name }) => html`<span>${name}</span>`)}</div>
    <div class="picture">
      <svg class="plot" data-knots="${axis.knots}" height="${height}" role="img" aria-label="${summary}">
        ${axis.shortened.map((piece) => shortenedPiece(piece, height))}
        ${drawTicks(axis.ticks(zeroMs, tickLabel), height)}
        ${lanes.map((_, index) => html`<line class="rule" x1="0" x2="100%" y1="${TOP + index * ROW + ROW / 2}" y2="${TOP + index * ROW + ROW / 2}" />`)}
        ${drawMarks(marks, axis, lanes)}
        ${lanes.map((lane, index) => drawLane(lane, axis, TOP + index * ROW + (ROW - BAR) / 2))}
        ${drawTokens(marks, axis, lanes)}
        <line class="playhead" x1="0" x2="0" y1="${TOP - 6}" y2="${height - FOOT + 4}" />
      </svg>
    </div>
  </div>`;
}

/** `0`, `+500 ms`, `-1 s`: since the caller stopped speaking. */
function tickLabel(sinceMs: number): string {
  if (sinceMs === 0) return '0';
  const sign = sinceMs < 0 ? '\u2212' : '+';
  return `${sign}${+(Math.abs(sinceMs) / 1000).toFixed(2)} s`;
}

/** Every second label gives way where the picture is narrow. */
export function drawTicks(ticks: readonly Tick[], height: number): Markup[] {
  const spaces = ticks.slice(1).map(({ share }, index) => share - (ticks[index]?.share ?? 0));
  const needs = needsWidth(TICK_PX, Math.min(1, ...spaces));
  return ticks.map(({ share, label }, index) => {
    const x = at(share);
    return html`<line class="tick${label === '0' && ' zero'}" x1="${x}" x2="${x}" y1="${TOP}" y2="${height - FOOT}" />
      <text class="tick-label ${index % 2 === 1 && needs}" x="${x}" y="${height - 6}">${label}</text>`;
  });
}

/** Its label leaves room for half of one at either end. */
function shortenedPiece(piece: Axis['shortened'][number], height: number): Markup {
  const { share, width, fromMs, toMs } = piece;
  const label = `⋯ ${duration(toMs - fromMs)} ⋯`;
  const [x, y] = [at(share), height - FOOT];
  return html`<rect class="shortened" x="${x}" width="${at(width)}" y="${TOP}" height="${y - TOP}" />
    <rect class="dotted" x="${x}" width="${at(width)}" y="${y - 3}" height="5" />
    <text
      class="tick-label ${needsWidth(pixelsOf(label) + TICK_PX, width)}"
      x="${at(share + width / 2)}"
      y="${height - 6}"
      >${label}</text
    >`;
}

// ---- marks ----------------------------------------------------------------------------------------------------------

function drawMarks(marks: readonly Mark[], axis: Axis, lanes: readonly Lane[]): Markup[] {
  const bottom = TOP + lanes.length * ROW;
  const flags = marks
    .filter(({ kind }) => kind !== 'first-token')
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ atMs, kind, label }) => ({ kind, label, share: axis.share(atMs), isBefore: axis.share(atMs) > 0.6 }));
  return flags.map((flag, index) => {
    const { kind, label, share, isBefore } = flag;
    const x = at(share);
    return html`<g class="mark ${kind}">
      <line x1="${x}" x2="${x}" y1="4" y2="${bottom}" />
      <text class="${isBefore && 'before'} ${roomFor(flag, flags[index - 1])}" x="${x}" dx="${isBefore ? -4 : 4}" y="12"
        >${label}</text
      >
    </g>`;
  });
}

interface Flag {
  label: string;
  share: number;
  isBefore: boolean;
}

/** Two labels that would run into each other: the later one gives way. */
function roomFor(flag: Flag, before: Flag | undefined): string {
  if (!before || (before.isBefore && !flag.isBefore)) return '';
  const pixels = (before.isBefore ? 0 : pixelsOf(before.label)) + (flag.isBefore ? pixelsOf(flag.label) : 0);
  return needsWidth(pixels, flag.share - before.share);
}

/** The first token: a notch over the model's lane, on top of its bars. */
function drawTokens(marks: readonly Mark[], axis: Axis, lanes: readonly Lane[]): Markup[] {
  const row = lanes.findIndex(({ name }) => name === 'model');
  if (row < 0) return [];
  const y = TOP + row * ROW;
  return marks
    .filter(({ kind }) => kind === 'first-token')
    .map(({ atMs }) => {
      const x = at(axis.share(atMs));
      return html`<g class="first-token"
        ><line x1="${x}" x2="${x}" y1="${y + 2}" y2="${y + ROW - 2}" /><circle cx="${x}" cy="${y + 3}" r="3"
          ><title>first token</title></circle
        ></g
      >`;
    });
}

// ---- bars -----------------------------------------------------------------------------------------------------------

const drawLane = ({ bars }: Lane, axis: Axis, y: number): Markup =>
  html`<g>${bars.map((bar) => drawBar(bar, axis, y))}</g>`;

function drawBar(bar: Bar, axis: Axis, y: number): Markup {
  const fromShare = axis.share(bar.fromMs);
  const width = Math.max(LEAST_WIDTH, axis.share(bar.toMs) - fromShare);
  const isHeld = bar.look === 'held';
  const edge = `${bar.isOpenLeft ? ' open-left' : ''}${bar.isOpenRight ? ' open-right' : ''}`;
  return html`<g class="bar ${bar.tone} ${bar.look} ${bar.state}${edge}" data-at="${bar.fromMs}">
    <title>${bar.title}</title>
    <rect
      x="${at(fromShare)}"
      width="${at(width)}"
      y="${isHeld ? y + BAR - HELD : y}"
      height="${isHeld ? HELD : BAR}"
      rx="${isHeld ? 0 : 3}"
    />
    ${bar.look === 'waiting' && html`<rect class="hatch" x="${at(fromShare)}" width="${at(width)}" y="${y}" height="${BAR}" rx="3" />`}
    ${drawLabel(bar, fromShare, width, y)}
    ${bar.isOpenLeft && html`<text class="arrow" x="${at(fromShare)}" dx="3" y="${y + 14}">◂</text>`}
    ${bar.isOpenRight && html`<text class="arrow before" x="${at(fromShare + width)}" dx="-3" y="${y + 14}">▸</text>`}
  </g>`;
}

/** Inside the bar where it fits, or cut off at its end when it is what was said; a tool's stands beside a short bar. */
function drawLabel({ label, tone, isNamed, isOpenLeft, state }: Bar, fromShare: number, width: number, y: number) {
  if (label === '') return undefined;
  const text = isNamed ? `${STATE_SIGNS[state ?? 'ok']} ${label}` : label;
  const beside = Math.max(fromShare, 1 - fromShare - width);
  if (isNamed && width < beside && width * NARROW_PX < pixelsOf(text)) return labelBeside(text, fromShare, width, y);
  const mayBeCut = isNamed || tone === 'caller' || tone === 'agent';
  const needs = needsWidth(mayBeCut ? Math.min(LEAST_TEXT_PX, pixelsOf(text)) : pixelsOf(text), width);
  return html`<svg class="inside ${needs}" x="${at(fromShare)}" y="${y}" width="${at(width)}" height="${BAR}">
    <text x="${isOpenLeft ? 14 : 5}" y="14">${text}</text>
  </svg>`;
}

/** On the side that has more room, and cut off at the picture's edge. */
function labelBeside(text: string, fromShare: number, width: number, y: number): Markup {
  const endShare = fromShare + width;
  const isBefore = fromShare > 1 - endShare && (1 - endShare) * NARROW_PX < pixelsOf(text);
  const [x, room] = isBefore ? [0, fromShare] : [endShare, 1 - endShare];
  return html`<svg class="beside" x="${at(x)}" y="${y}" width="${at(room)}" height="${BAR}">
    <text class="${isBefore && 'before'}" x="${isBefore ? '100%' : 0}" dx="${isBefore ? -5 : 5}" y="14">${text}</text>
  </svg>`;
}

const STATE_SIGNS = { ok: '✓', failed: '✕', cancelled: '⊘', running: '…' } as const;

const pixelsOf = (text: string): number => text.length * CHARACTER_PX + LABEL_MARGIN_PX;

/** A class that hides what has this share of the width wherever that is less than so many pixels. */
export function needsWidth(pixels: number, share: number): string {
  const wanted = Math.ceil(pixels / Math.max(share, 1e-6) / NEEDS_STEP_PX) * NEEDS_STEP_PX;
  return `needs-${Math.min(wanted, MOST_NEEDS_PX)}`;
}

/** As a percentage of the width. */
export const at = (share: number): string => `${+(share * 100).toFixed(3)}%`;
