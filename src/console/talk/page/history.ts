/** The history as the model would be told it: each message in order, the instructions folded. */
import { html, type Markup } from '../../../page/markup.ts';
import { plural } from '../../../page/units.ts';
import type { Message } from '../../../model/contract.ts';
import { byId, fill } from './dom.ts';

export class HistoryView {
  readonly #list = byId('history', HTMLElement);
  readonly #size = byId('history-size', HTMLElement);
  #shown: readonly Message[] | undefined;

  /** Asked many times a second: another list, when it has changed. */
  draw(messages: readonly Message[]): void {
    if (messages === this.#shown) return;
    const isAtEnd = this.#list.scrollTop + this.#list.clientHeight >= this.#list.scrollHeight - 40;
    this.#shown = messages;
    this.#size.textContent = messages.length === 0 ? '' : plural(messages.length, 'message');
    fill(this.#list, html`${messages.map(drawMessage)}`);
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }
}

function drawMessage(message: Message): Markup {
  const { role, content } = message;
  if (role === 'system') {
    return html`<li class="message system">
      <details>
        <summary><span class="role">system</span> ${firstWords(content ?? '')}</summary>
        <pre dir="auto">${content}</pre>
      </details>
    </li>`;
  }
  if (role === 'tool') {
    return html`<li class="message tool">
      <span class="role">tool</span>
      <pre dir="auto">${content}</pre>
    </li>`;
  }
  const calls = role === 'assistant' ? (message.tool_calls ?? []) : [];
  return html`<li class="message ${role}">
    <span class="role">${role}</span>
    <div>
      ${content !== null && content !== '' && html`<p dir="auto">${content}</p>`}
      ${calls.map((call) => html`<pre dir="auto">${call.function.name}(${call.function.arguments})</pre>`)}
    </div>
  </li>`;
}

const SHOWN_CHARACTERS = 60;

const firstWords = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS).trimEnd()}…`;
