/** What checks have found in a call, pinned to the picture: a list on top, a row of its own in each scene, a line in the strip. */
import type { Axis } from './axis.ts';
import { titleOf } from './header.ts';
import type { Bar, Lane } from './lanes.ts';
import { html, type Markup } from './markup.ts';
import type { Picture, Scene, Stretch } from './picture.ts';
import { clock } from './units.ts';

/** One finding. */
export interface Pin {
  /** Since the call's start; undefined where it is no one instant: then it stands in the list alone. */
  atMs?: number | undefined;
  /** The check's name. */
  check: string;
  /** What was expected, and what came. */
  what: string;
  /** What was said, sent or measured there. */
  evidence?: string | undefined;
}

/** A check's name needs so much of the width beside its pin. */
const LABEL_ROOM = 0.3;
const PIN_MS = 1;

/** Rows of pins of one scene, so that their names do not run into each other. */
export function pinRows(pins: readonly Pin[], window: Stretch, axis: Axis): Lane[] {
  const rows: { untilShare: number; bars: Bar[] }[] = [];
  for (const pin of pinsIn(pins, window)) {
    const share = axis.share(pin.atMs);
    let row = rows.find(({ untilShare }) => untilShare <= share);
    if (!row) rows.push((row = { untilShare: 0, bars: [] }));
    row.bars.push(pinBar(pin));
    row.untilShare = share + LABEL_ROOM;
  }
  return rows.map(({ bars }, index) => ({ name: index === 0 ? 'checks' : '', bars }));
}

const pinsIn = (pins: readonly Pin[], { fromMs, toMs }: Stretch) =>
  pins
    .flatMap((pin) =>
      pin.atMs !== undefined && pin.atMs >= fromMs && pin.atMs <= toMs ? [{ ...pin, atMs: pin.atMs }] : [],
    )
    .toSorted((one, other) => one.atMs - other.atMs);

function pinBar({ atMs, check, what, evidence }: Pin & { atMs: number }): Bar {
  return {
    ...{ fromMs: atMs, toMs: atMs + PIN_MS, tone: 'tool', look: 'working', label: check },
    title: `${check}: ${what}${evidence === undefined ? '' : ` | ${evidence}`}`,
    ...{ isOpenLeft: false, isOpenRight: false, state: 'failed', isNamed: true },
  };
}

/** All of them, with what stood there. */
export function drawPins({ pins, scenes }: Picture): Markup | false {
  if (pins.length === 0) return false;
  return html`<section class="notices bad" aria-label="What the checks have found">
    <h2>What the checks have found</h2>
    <ul>
      ${pins.map(
        (pin) =>
          html`<li>
            ${placeOf(pin, scenes)}
            <p>
              <b>${pin.check}</b>:
              ${pin.what}${pin.evidence !== undefined && html` <code dir="auto">${pin.evidence}</code>`}
            </p>
          </li>`,
      )}
    </ul>
  </section>`;
}

function placeOf({ atMs }: Pin, scenes: readonly Scene[]): Markup {
  if (atMs === undefined) return html`<span class="what">the call</span>`;
  const scene = scenes.find(({ window }) => atMs >= window.fromMs && atMs <= window.toMs);
  const when = html`<span data-at="${Math.round(atMs)}">${clock(atMs)}</span>`;
  return scene ? html`<a href="#${scene.id}">${titleOf(scene)} ${when}</a>` : html`<span class="what">${when}</span>`;
}
