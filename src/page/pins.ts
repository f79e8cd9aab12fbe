/** What checks have found in a call, as a list on top of its page: what was expected, and what stood there. */
import { titleOf } from './header.ts';
import { html, type Markup } from './markup.ts';
import type { Picture, Pin, Scene } from './picture.ts';
import { clock } from './units.ts';

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
