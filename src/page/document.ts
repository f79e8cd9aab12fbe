/** A page that is kept as a file: it brings all that it needs, and forbids itself the rest. */
import { html, trusted, type Markup } from './markup.ts';

export interface DocumentParts {
  title: string;
  /** What it may load beside its own style: directives of a content security policy. Default: nothing. */
  policy?: readonly string[] | undefined;
  style: string;
  body: Markup;
}

export function drawDocument({ title, policy = [], style, body }: DocumentParts): string {
  const directives = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    ...policy,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${directives.join('; ')}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        ${body}
      </body>
    </html> `.toString();
}
