/** The page, before its script fills it. */
import { html, trusted } from '../../page/markup.ts';
import { PATTERNS } from '../../page/patterns.ts';
import { HOSTS } from './guard.ts';
import type { TalkAgent, TalkStart } from './messages.ts';

/** It loads what this worker has and nothing else, and no other page may show it in a frame. */
export function policyFor(port: number): string {
  const sockets = HOSTS.map((host) => `ws://${host}:${port}`).join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "media-src 'self' blob:",
    `connect-src 'self' ${sockets}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function talkPage({ name, file }: TalkAgent, start: TalkStart): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>Talk: ${name}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/talk/talk.css" />
      </head>
      <body class="talk" data-start="${JSON.stringify(start)}">
        ${trusted(PATTERNS)}
        <header class="top">
          <div class="title">
            <h1 id="name" dir="auto">${name}</h1>
            <p class="facts"><code id="file">${file}</code><span id="version" role="status"></span></p>
          </div>
          <fieldset class="ways" id="ways">
            <legend>How you talk</legend>
          </fieldset>
        </header>
        <section class="notices bad" id="faults" role="alert" hidden></section>
        <section class="dock" aria-label="The call">
          <div class="controls">
            <button id="call" class="main" type="button">Start the call</button>
            <button id="mute" type="button" aria-pressed="false" disabled>Mute</button>
            <button id="keys" type="button" aria-expanded="false" aria-controls="keypad" disabled>Keys</button>
            <div class="meters" aria-hidden="true">
              <span><i class="caller"></i><meter id="level-caller" min="0" max="1" value="0"></meter></span>
              <span><i class="agent"></i><meter id="level-agent" min="0" max="1" value="0"></meter></span>
            </div>
            <output id="time" class="when">0:00.0</output>
            <p id="state" role="status">Not in a call.</p>
          </div>
          <div id="keypad" class="keypad" role="group" aria-label="Keys" hidden></div>
          <form id="say">
            <label for="words" class="hidden">What you say</label>
            <input id="words" dir="auto" autocomplete="off" placeholder="Type what you say, and press Enter" />
            <button type="submit">Say</button>
          </form>
          <p id="understood" class="understood" aria-live="off" dir="auto"></p>
          <p id="notice" class="notice" role="status"></p>
        </section>
        <section class="card" id="after" aria-label="After the call" hidden></section>
        <div class="columns-of-page">
          <main id="scenes" aria-label="The conversation" aria-live="off">
            <p class="empty" id="empty">Nothing has been said yet. Start the call, or type.</p>
          </main>
          <aside>
            <section class="card">
              <h2>What the model is told <span id="history-size" class="tag"></span></h2>
              <ol id="history" class="history">
                <li class="empty">It begins with the call.</li>
              </ol>
            </section>
          </aside>
        </div>
        <script type="module" src="/talk/talk.js"></script>
      </body>
    </html> `.toString();
}
