/**
 * `<parley-call>`: a button that is a call. Pressed, it asks `token-url` (of the page's own server, by POST) for the address and
 * the token, and calls; pressed again, it hangs up. What is to be known is said in a live region, for eyes and screen readers
 * alike. Styled by its parts (`button`, `status`, `mute`, `level`) and its properties (`--parley-color` and the like).
 */
import type { Call } from './call.ts';
import { connect, resume } from './connect.ts';

const STYLE = `
:host { display: inline-flex; gap: .5em; align-items: center; font: inherit; }
:host([hidden]) { display: none; }
button { font: inherit; cursor: pointer; border: 0; border-radius: var(--parley-radius, 2em); padding: .6em 1.2em;
  color: var(--parley-text, #fff); background: var(--parley-color, #1a5fb4); }
button:focus-visible { outline: 3px solid var(--parley-focus, #f5a623); outline-offset: 2px; }
:host([state="open"]) [part=button] { background: var(--parley-hang-up-color, #b01c2e); }
[part=mute] { background: var(--parley-mute-color, #555); }
[part=mute][aria-pressed=true] { text-decoration: line-through; }
[hidden] { display: none; }
`;
const WORDS = { idle: 'Call', connecting: 'Connecting. Hang up', open: 'Hang up', ended: 'Call' } as const;

/** Where the module is read by a server, which makes a page of it, there are no elements. */
const Base = typeof HTMLElement === 'undefined' ? (class {} as typeof HTMLElement) : HTMLElement;

/** Tells the events of its call: `words`, `notice`, `ended` and the rest, as `CustomEvent`s. */
export class ParleyCallElement extends Base {
  readonly #button = document.createElement('button');
  readonly #mute = document.createElement('button');
  readonly #status = document.createElement('span');
  #call: Call | undefined;
  #isAsking = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet(); // no `style` in the page, which its policy may forbid
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#button.setAttribute('part', 'button');
    this.#button.type = this.#mute.type = 'button';
    this.#mute.setAttribute('part', 'mute');
    this.#mute.textContent = 'Mute';
    this.#status.setAttribute('part', 'status');
    this.#status.setAttribute('role', 'status');
    this.#status.setAttribute('aria-live', 'polite');
    this.#button.addEventListener('click', () => void this.#press());
    this.#mute.addEventListener('click', () => this.#toggleMute());
    root.append(this.#button, this.#mute, this.#status);
  }

  /** The call, while there is one. */
  get call(): Call | undefined {
    return this.#call;
  }

  connectedCallback(): void {
    this.#show();
    if (!this.#call) this.#follow(resume(this.#options()));
  }

  disconnectedCallback(): void {
    this.#call?.hangUp();
  }

  // ---- what is pressed ----------------------------------------------------------------------------------------------

  async #press(): Promise<void> {
    if (this.#call) return this.#call.hangUp();
    if (this.#isAsking) return;
    this.#isAsking = true;
    const context = new AudioContext({ latencyHint: 'interactive' }); // now: the answer comes too late for a click
    void context.resume();
    try {
      const response = await fetch(this.getAttribute('token-url') ?? '', { method: 'POST' });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const { url, token } = (await response.json()) as { url: string; token: string };
      const call = connect({ url, token, ...this.#options(), context });
      call.on('ended', () => void context.close());
      this.#follow(call);
    } catch (error) {
      void context.close();
      this.#say('The call could not be made. Try again later.');
      this.dispatchEvent(new CustomEvent('failed', { detail: { error } }));
    } finally {
      this.#isAsking = false;
    }
  }

  #toggleMute(): void {
    this.#call?.mute(!this.#call.isMuted);
    this.#show();
  }

  #options() {
    const workletUrl = this.getAttribute('worklet-url');
    return workletUrl === null ? {} : { workletUrl };
  }

  // ---- what is shown ------------------------------------------------------------------------------------------------

  #follow(call: Call | undefined): void {
    if (!call) return;
    this.#call = call;
    for (const name of ['state', 'words', 'speaking', 'levels', 'notice', 'ended'] as const) {
      call.on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    call.on('state', () => this.#show());
    call.on('notice', ({ text }) => this.#say(text));
    call.on('ended', () => {
      this.#call = undefined;
      this.#say('The call has ended.');
      this.#show();
    });
    this.#say('');
    this.#show();
  }

  #show(): void {
    const state = this.#call?.state ?? 'idle';
    if (this.isConnected) this.setAttribute('state', state); // one that is being made has no attributes
    this.#button.textContent =
      this.getAttribute(state === 'open' || state === 'connecting' ? 'hang-up-label' : 'label') ?? WORDS[state];
    this.#mute.hidden = state !== 'open';
    this.#mute.setAttribute('aria-pressed', String(this.#call?.isMuted ?? false));
    if (state === 'open') this.#say('Connected.');
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}

/** Once for a page; a second time does nothing. */
export function defineElement(name = 'parley-call'): void {
  if (!customElements.get(name)) customElements.define(name, ParleyCallElement);
}
