/** Recorded calls beside what they are with the agent as it is now: turn by turn, with the place at which they part. */
import { html, type Markup, type Part } from '../../page/markup.ts';
import type { CallResult, Turn } from '../../testing/result.ts';
import { turnsOf } from '../../testing/turns.ts';
import { drawFrame } from '../report/frame.ts';
import { ms } from '../report/words.ts';
import type { Followed } from './follow.ts';

/** One of them, with where the pages of both calls lie, relative to this one. */
export interface FollowedCall extends Followed {
  name: string;
  pages: { recorded: string; now: string };
}

export function drawFollowPage(calls: readonly FollowedCall[], agent: string): string {
  const parted = calls.filter(({ divergence }) => divergence).length;
  const wentOn = calls.filter((call) => call.wentOn && !call.divergence).length;
  return drawFrame(
    `${agent}: recorded, and now`,
    html`<header>
        <h1 dir="auto">${agent}</h1>
        <p class="facts">
          Recorded calls with the agent as it is now. The caller does what they did; model and tools answer as they did,
          for as long as they are asked the same.
        </p>
        <div class="counts">
          <div class="count pass"><strong>${calls.length - parted - wentOn}</strong>the same</div>
          ${wentOn > 0 && html`<div class="count"><strong>${wentOn}</strong>gone on to the end</div>`}
          <div class="count ${parted > 0 && 'fail'}"><strong>${parted}</strong>diverged</div>
        </div>
      </header>
      <main>${calls.map(drawCall)}</main>`,
  );
}

function drawCall({ name, pages, recorded, now, divergence, notes, wentOn }: FollowedCall): Markup {
  const [was, is] = [turnsOf(recorded), turnsOf(now)];
  const last = Math.max(was.at(-1)?.number ?? 0, is.at(-1)?.number ?? 0);
  const at = (turns: readonly Turn[], number: number) => turns.find((turn) => turn.number === number);
  const numbers = Array.from({ length: last + 1 }, (_, number) => number);
  const shown = numbers.filter((number) => at(was, number) ?? at(is, number));
  return html`<section class="card scenario">
    <header>
      <h2>
        <span class="sign ${divergence ? 'fails' : 'holds'}">${divergence ? '≠' : wentOn ? '≈' : '='}</span> ${name}
      </h2>
    </header>
    ${wentOn && html`<p class="gate">${placeText(wentOn.from)}: ${wentOn.from.what}; gone on with</p>`}
    ${divergence && html`<p class="gate fails">${placeText(divergence)}: ${divergence.what}</p>`}
    ${notes.map((note) => html`<p class="notes">${note}</p>`)}
    <table class="numbers sides">
      <thead>
        <tr>
          <th>turn</th>
          <th><a href="${pages.recorded}">recorded</a></th>
          <th><a href="${pages.now}">now</a></th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (number) =>
            html`<tr class="${number === divergence?.turn && 'parts'}">
              <td>
                ${number}
                ${wentOn?.answeredBy.has(number) && html`<p class="notes">by the ${wentOn.answeredBy.get(number)}</p>`}
              </td>
              <td>${drawTurn(at(was, number), recorded)}</td>
              <td>${drawTurn(at(is, number), now)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function drawTurn(turn: Turn | undefined, { line }: CallResult): Part {
  if (!turn) return html`<span class="notes">not reached</span>`;
  const { said, text, tools, outcome, interruption } = turn;
  const times = line === 'text' ? '' : `first sound ${ms(turn.latencyMs)}, dead air ${ms(turn.deadAirMs)}`;
  return html`${said !== '' && html`<p dir="auto">“${said}”</p>`}
    ${tools.map(({ name, arguments: args }) => html`<p><code>${name} ${JSON.stringify(args)}</code></p>`)}
    <p dir="auto"><strong>${text}</strong></p>
    <p class="notes">
      ${[outcome ?? 'not over', interruption && `heard ${interruption.heardWords} words`, times].filter(Boolean).join(' · ')}
    </p>`;
}

/** Of a sentence. */
export const placeText = ({ turn, atMs }: { turn: number; atMs: number }): string =>
  `${turn === 0 ? 'before the first turn' : `in turn ${turn}`}, at ${(atMs / 1_000).toFixed(1)} s`;
