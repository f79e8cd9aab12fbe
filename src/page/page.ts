/**
 * A call as one page, to open in a browser years later: no network, no other file but the recording beside it, readable
 * without its script. Everything that comes from outside is escaped by `page/markup.ts`, and the page forbids itself
 * whatever it did not bring along.
 */
import { createHash } from 'node:crypto';
import type { CallEvent } from '../call/events.ts';
import type { Loudness } from '../record/loudness.ts';
import { drawDocument } from './document.ts';
import { drawHeader, drawNotices, drawTiles, drawWaits } from './header.ts';
import { html, printable, trusted, type Markup } from './markup.ts';
import { drawOverview } from './overview.ts';
import { PATTERNS } from './patterns.ts';
import { drawPins } from './pins.ts';
import type { Picture, Pin } from './picture.ts';
import { readEvents } from './read-events.ts';
import { drawLegend, drawScene } from './scene.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { clock, plural } from './units.ts';

export interface PageOptions {
  /** File name of the recording, in the folder of the page; undefined when there is none. */
  audio: string | undefined;
  /** When the call began. Left out of the page when it is not known. */
  startedAt?: Date | undefined;
  /** Of both voices; without it they are drawn as plain bars. */
  loudness?: Loudness | undefined;
  /** What checks have found in the call. Default: nothing. */
  pins?: readonly Pin[] | undefined;
}

const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('base64');
const POLICY = [`script-src 'sha256-${SCRIPT_HASH}'`, "media-src 'self' file:"];
/** To the byte what the policy allows. */
const SCRIPT_ELEMENT = trusted(`<script>${SCRIPT}</script>`);

/** The whole page. `events`: of one call, in their order; the end may be missing. */
export function renderPage(events: readonly CallEvent[], options: PageOptions): string {
  const picture = { ...readEvents(events), pins: options.pins ?? [] };
  return drawDocument({
    title: titleOf(picture),
    policy: POLICY,
    style: STYLE,
    body: html`${trusted(PATTERNS)} ${drawHeader(picture, options.startedAt)}
      <div class="numbers">${drawTiles(picture)}${drawWaits(picture)}</div>
      ${drawPins(picture)} ${drawNotices(picture)} ${drawDock(picture, options)}
      <main>${picture.scenes.map((scene) => drawScene(picture, scene))}</main>
      <footer>
        ${plural(picture.events, 'event')}. Times are counted from the start of the call; on a turn's picture, from the
        end of the caller's voice. Made by Parley.
      </footer>
      ${SCRIPT_ELEMENT}`,
  });
}

function titleOf({ start, durationMs }: Picture): string {
  return `${start?.agent ?? 'Call'}: ${start?.from ?? 'a call'}, ${clock(durationMs)}`;
}

/** Stays in sight: the recording and the whole call. */
function drawDock(picture: Picture, { audio, loudness }: PageOptions): Markup {
  return html`<section class="dock" aria-label="The whole call">
    <div class="controls">
      ${audio !== undefined && html`<audio controls preload="metadata" src="${fileUrl(audio)}"></audio>`}
      ${drawLegend(picture, audio !== undefined)}
    </div>
    <div class="picture">${drawOverview(picture, loudness)}</div>
  </section>`;
}

/** A file beside the page, whatever is in its name; never another place. */
const fileUrl = (name: string): string => `./${encodeURIComponent(printable(name))}`;
