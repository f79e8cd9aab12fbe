/** The page: what it is told is shown, and what one does on it is done. */
import { html } from '../../../page/markup.ts';
import { clock } from '../../../page/units.ts';
import type { TalkAgent, TalkMessage, TalkStart, TalkTicket } from '../messages.ts';
import { ToldCalls, type ToldCall } from './calls.ts';
import { byId, fill } from './dom.ts';
import { HistoryView } from './history.ts';
import { Scenes } from './scenes.ts';
import { begin, goOn, type Session, type SessionListener } from './session.ts';
import { standardWay, waysOffered, type Way } from './ways.ts';

const start = JSON.parse(document.body.dataset['start'] ?? '{}') as TalkStart;
const [callButton, muteButton, keysButton] = ['call', 'mute', 'keys'].map((id) => byId(id, HTMLButtonElement)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];
const [words, keypad] = [byId('words', HTMLInputElement), byId('keypad', HTMLElement)];
const [stateText, noticeText, understood] = ['state', 'notice', 'understood'].map((id) => byId(id, HTMLElement)) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
];
const meters = [byId('level-caller', HTMLMeterElement), byId('level-agent', HTMLMeterElement)] as const;
const calls = new ToldCalls();
const scenes = new Scenes();
const history = new HistoryView();

let session: Session | undefined;
let isCalling = false;
/** By which the call that is shown is told from those of other pages. Until one is made here: the latest. */
let carrierCallId: string | undefined;
let shownVersion: number | undefined;
/** Who answers the next call. */
let answering: string | undefined;

// ---- how one talks --------------------------------------------------------------------------------------------------

const offered = waysOffered(start);
let way: Way = standardWay(start, offered);

function drawWays(): void {
  const field = byId('ways', HTMLFieldSetElement);
  fill(
    field,
    html`<legend>How you talk</legend>
      ${offered.map(
        (one) =>
          html`<label class="way" title="${one.lacks ?? one.note}"
            ><input type="radio" name="way" value="${one.way}" ${one.lacks !== undefined && 'disabled'} /><span
              >${one.label}</span
            ></label
          >`,
      )}
      <p id="way-note" role="status"></p>`,
  );
  for (const input of field.querySelectorAll('input')) {
    input.checked = input.value === way;
    input.onchange = () => {
      way = input.value as Way;
      tellWay();
    };
  }
  tellWay();
}

function tellWay(): void {
  const note = offered.find((one) => one.way === way)?.note ?? '';
  const isOther = session !== undefined && session.way !== way;
  byId('way-note', HTMLElement).textContent = `${isOther ? 'From the next call on: ' : 'On: '}${note}.`;
}

// ---- the call -------------------------------------------------------------------------------------------------------

async function call(): Promise<void> {
  if (session || isCalling) return;
  isCalling = true;
  noticeText.textContent = '';
  tellState('Calling…');
  try {
    const answer = await fetch('/talk/calls', { method: 'POST' });
    const ticket = (await answer.json()) as TalkTicket & { error?: string };
    if (!answer.ok) throw new Error(ticket.error ?? `HTTP ${answer.status}`);
    follow(begin(ticket, way, start.language, listener));
  } catch (error) {
    tellState('Not in a call.');
    noticeText.textContent = `The call could not be made: ${error instanceof Error ? error.message : String(error)}`;
  }
  isCalling = false;
  drawControls();
}

const listener: SessionListener = {
  open: () => tellState(''),
  ended,
  levels: (caller, agent) => {
    meters[0].value = caller;
    meters[1].value = agent;
  },
  notice: (text) => (noticeText.textContent = text),
};

function follow(next: Session): void {
  session = next;
  carrierCallId = next.carrierCallId;
}

function ended(reason: string): void {
  session = undefined;
  for (const meter of meters) meter.value = 0;
  understood.textContent = '';
  tellState(`The call has ended: ${reason.replaceAll('-', ' ')}.`);
  drawControls();
}

function tellState(text: string): void {
  stateText.textContent = text === '' ? 'In a call.' : text;
}

function drawControls(): void {
  callButton.textContent = session ? 'Hang up' : 'Start the call';
  callButton.classList.toggle('end', session !== undefined);
  muteButton.disabled = !session?.hasMicrophone;
  muteButton.setAttribute('aria-pressed', String(session?.isMuted ?? false));
  muteButton.textContent = session?.isMuted ? 'Unmute' : 'Mute';
  keysButton.disabled = !session;
  if (!session) openKeypad(false);
  tellWay();
}

callButton.onclick = () => (session ? session.hangUp() : void call());
muteButton.onclick = () => {
  session?.mute(!session.isMuted);
  drawControls();
};

// ---- letters and keys -----------------------------------------------------------------------------------------------

byId('say', HTMLFormElement).onsubmit = (event) => {
  event.preventDefault();
  const text = words.value.trim();
  if (text === '') return;
  words.value = '';
  if (session) session.type(text);
  else void call().then(() => session?.type(text)); // who types wants to talk
};

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

function openKeypad(isOpen: boolean): void {
  keypad.hidden = !isOpen;
  keysButton.setAttribute('aria-expanded', String(isOpen));
}

fill(keypad, html`${DIGITS.map((digit) => html`<button type="button" data-digit="${digit}">${digit}</button>`)}`);
keypad.onclick = ({ target }) => {
  const digit = target instanceof HTMLElement ? target.dataset['digit'] : undefined;
  if (digit !== undefined) session?.press(digit);
};
keypad.onkeydown = ({ key }) => {
  if (DIGITS.includes(key)) session?.press(key);
  if (key === 'Escape') openKeypad(false);
};
keysButton.onclick = () => {
  openKeypad(keypad.hidden !== false);
  if (!keypad.hidden) keypad.querySelector('button')?.focus();
};

// ---- what is told ---------------------------------------------------------------------------------------------------

function take(message: TalkMessage): void {
  if (message.type === 'agent') return drawAgent(message);
  const about = calls.take(message, performance.now());
  if (about !== shownCall()) return;
  if (message.type === 'event') drawUnderstood(message.event);
  drawName();
  if (message.type === 'recording' || message.type === 'tool-fault') drawAfter(about);
  soon();
}

const shownCall = (): ToldCall | undefined =>
  carrierCallId === undefined ? calls.latest : calls.ofTicket(carrierCallId);

function drawAgent({ name, file, version, faults }: TalkAgent): void {
  answering = name;
  drawName();
  byId('file', HTMLElement).textContent = file;
  const isNew = shownVersion !== undefined && version > shownVersion;
  const text = isNew ? `loaded anew, version ${version}${session ? ': from the next call on' : ''}` : '';
  if (isNew || faults.length > 0) byId('version', HTMLElement).textContent = faults.length > 0 ? '' : text;
  shownVersion = version;
  const box = byId('faults', HTMLElement);
  box.hidden = faults.length === 0;
  fill(
    box,
    html`<h2>The agent cannot be loaded as it is now. The last good one answers.</h2>
      <ul>
        ${faults.map(
          ({ file: where, line, message }) =>
            html`<li>
              <code class="what">${where}${line !== undefined && `:${line}`}</code>
              <p dir="auto">${message}</p>
            </li>`,
        )}
      </ul>`,
  );
}

/** Of whoever has the caller; between two calls, of who answers the next. */
function drawName(): void {
  const shown = shownCall();
  const name = (shown?.isOver === false ? shown.agent : undefined) ?? answering;
  if (name === undefined) return;
  byId('name', HTMLElement).textContent = name;
  document.title = `Talk: ${name}`;
}

function drawUnderstood(event: ToldCall['events'][number]): void {
  if (event.type === 'transcript') understood.textContent = event.text;
  if (event.type === 'turn-start' || event.type === 'call-end') understood.textContent = '';
}

function drawAfter({ recording, toolFaults, id }: ToldCall): void {
  const card = byId('after', HTMLElement);
  card.hidden = recording === undefined && toolFaults.length === 0;
  fill(
    card,
    html`${
      recording &&
      html`<h2>The recording</h2>
        <div class="files">
          ${recording.audio !== undefined && html`<audio controls preload="metadata" src="${recording.audio}"></audio>`}
          <p><a href="${recording.page}" target="_blank" rel="noopener">The page of the call</a> <code>${id}</code></p>
        </div>`
    }
    ${
      toolFaults.length > 0 &&
      html`<h2>Tools have failed</h2>
        ${toolFaults.map((text) => html`<pre dir="auto">${text}</pre>`)}`
    }`,
  );
}

// ---- while time passes ----------------------------------------------------------------------------------------------

/** Waiting grows while it is waited; more often nobody sees. */
const DRAW_EVERY_MS = 100;
let isDue = false;

function soon(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    draw();
  }, DRAW_EVERY_MS);
}

function draw(): void {
  const shown = shownCall();
  if (!shown) return;
  const nowMs = performance.now();
  scenes.draw(shown, nowMs);
  history.draw(shown.history);
  const end = shown.events.at(-1);
  const atMs = shown.isOver && end ? end.atMs : nowMs - shown.startedAtMs;
  byId('time', HTMLOutputElement).textContent = clock(atMs);
  if (!shown.isOver) soon();
}

const before = goOn(start.language, listener);
if (before) {
  follow(before);
  way = before.way;
  tellState('Going on with the call that this page had…');
}
drawWays();
drawControls();
const feed = new EventSource('/talk/events');
feed.onmessage = ({ data }) => take(JSON.parse(data as string) as TalkMessage);
feed.onerror = () => (noticeText.textContent = 'The worker is not reached. It is asked again every moment.');
feed.onopen = () => {
  if (noticeText.textContent?.startsWith('The worker is not reached')) noticeText.textContent = '';
};
