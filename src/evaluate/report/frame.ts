/** What every page of an evaluation is set in: it brings all that it needs, and forbids itself the rest. */
import { html, printable, trusted, type Markup } from '../../page/markup.ts';
import { REPORT_STYLE } from './style.ts';

const POLICY = ["default-src 'none'", "style-src 'unsafe-inline'", "base-uri 'none'", "form-action 'none'"].join('; ');

export function drawFrame(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${printable(title)}</title>
        ${trusted(`<style>${REPORT_STYLE}</style>`)}
      </head>
      <body>
        ${body}
        <footer>
          All times are those of the caller's ear. A square is a call; hatched: void, which says nothing of the agent.
          Made by Parley.
        </footer>
      </body>
    </html> `.toString();
}
