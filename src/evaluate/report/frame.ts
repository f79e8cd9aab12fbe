/** What every page of an evaluation is set in. */
import { drawDocument } from '../../page/document.ts';
import { html, type Markup } from '../../page/markup.ts';
import { REPORT_STYLE } from './style.ts';

export function drawFrame(title: string, body: Markup): string {
  return drawDocument({
    title,
    style: REPORT_STYLE,
    body: html`${body}
      <footer>
        All times are those of the caller's ear. A square is a call; hatched: void, which says nothing of the agent.
        Made by Parley.
      </footer>`,
  });
}
