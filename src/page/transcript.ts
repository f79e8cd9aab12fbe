/** A scene as it would be read aloud: who said what, what was not heard, what the tools were asked and answered. */
import { html, type Markup, type Part } from './markup.ts';
import {
  stateOf,
  taskStateOf,
  type Moment,
  type Phrase,
  type Scene,
  type Step,
  type TaskRun,
  type ToolRun,
} from './picture.ts';
import { clock, count, duration, plural } from './units.ts';

interface Line {
  atMs: number;
  markup: Markup;
}

/** Longer results are cut here: the events beside the page hold them whole. */
const MOST_JSON_CHARACTERS = 40_000;

/** @param isTeam there is more than one agent, and each line says whose it is */
export function drawTranscript(scene: Scene, isTeam = false): Markup {
  const lines = [
    ...(scene.callerText === '' ? [] : [callerLine(scene)]),
    ...scene.phrases.map((phrase) => phraseLine(phrase, isTeam ? phrase.agent : 'agent')),
    ...scene.tools.map((tool) => toolLine(tool, scene)),
    ...scene.moments.map(momentLine),
  ].sort((one, other) => one.atMs - other.atMs);
  return html`<div class="transcript ${isTeam && 'team'}">${lines.map(({ markup }) => markup)}</div>`;
}

// ---- words ----------------------------------------------------------------------------------------------------------

function callerLine({ callerText, window, startMs }: Scene): Line {
  const markup = line('caller', window.fromMs, 'caller', html`<p class="words" dir="auto">${callerText}</p>`);
  return { atMs: startMs - 0.5, markup }; // before what it led to
}

/** Model answers speak for themselves; every other kind is named. */
function phraseLine(phrase: Phrase, who: string): Line {
  const { kind, text, heard, fromMs, heardFromMs } = phrase;
  const [said, unsaid] = [text.slice(0, heard), text.slice(heard)];
  const tags: Part[] = [
    kind !== 'answer' && html`<span class="tag">${kind}</span>`,
    unsaid.trim() !== '' && html`<span class="tag unheard">${said.trim() === '' ? 'not heard' : 'cut off'}</span>`,
  ];
  const words = html`<p dir="auto">
    <span class="words">${said}${unsaid.trim() !== '' && html`<del>${unsaid}</del>`}</span> ${tags}
  </p>`;
  return { atMs: fromMs, markup: line('agent', fromMs, who, words, heardFromMs) };
}

/** @param heardMs when it is heard, if that is not when it came: a click plays from there */
function line(tone: string, atMs: number, who: string, content: Markup, heardMs = atMs): Markup {
  return html`<div class="line ${tone}" data-at="${Math.round(heardMs)}">
    <time>${clock(atMs)}</time><span class="who" title="${who}">${who}</span>${content}
  </div>`;
}

// ---- tools ----------------------------------------------------------------------------------------------------------

function toolLine(tool: ToolRun, scene: Scene): Line {
  const { name, end, effect, id, fromMs, task } = tool;
  const kind = task ? 'task' : 'tool';
  const state = stateOf(tool);
  const isLate = end?.isLate === true && !task; // of a task, every turn but its first is later
  const content = html`<details>
    <summary>
      <code>${name}</code
      ><span class="tag state ${state}">${describe(tool)}</span
      >${isLate && html`<span class="tag late">late</span>`}<span class="preview">${preview(tool.arguments)}</span>
    </summary>
    <dl>
      <dt>arguments</dt>
      <dd>${json(tool.arguments)}</dd>
      ${
        end &&
        html`<dt>${end.ok ? 'result' : 'told the model'}</dt>
          <dd>${end.ok ? json(end.result) : html`<pre dir="auto">${end.error}</pre>`}</dd>`
      }
      <dt>run</dt>
      <dd>
        ${effect}${end?.failure && `, ${end.failure}`}, step
        ${end?.step ?? '?'}${isLate && end && `, ended ${duration(end.atMs - (scene.end?.atMs ?? end.atMs))} after its turn`},
        <code>${id}</code>
      </dd>
    </dl>
  </details>`;
  return { atMs: fromMs, markup: line(`${kind} ${state}`, fromMs, kind, content) };
}

function describe(tool: ToolRun): string {
  const { end } = tool;
  if (!end) return '… still running';
  const took = duration(end.durationMs);
  const state = stateOf(tool);
  const how = tool.task?.end?.how.replaceAll('-', ' ') ?? end.failure ?? 'failed';
  if (state === 'ok') return `✓ ${took}`;
  return state === 'cancelled' ? `⊘ ${tool.task ? how : 'cancelled'}` : `✕ ${how} · ${took}`;
}

function preview(value: Record<string, unknown>): string {
  const parts = Object.entries(value).map(
    ([key, one]) => `${key}: ${typeof one === 'string' ? one : JSON.stringify(one)}`,
  );
  const text = parts.join(', ');
  return text.length <= 90 ? text : `${text.slice(0, 89)}…`;
}

function json(value: unknown): Markup {
  if (typeof value === 'string') return html`<pre dir="auto">${shorten(value)}</pre>`;
  return html`<pre dir="auto">${shorten(JSON.stringify(value, null, 2) ?? 'nothing')}</pre>`;
}

const shorten = (text: string): string =>
  text.length <= MOST_JSON_CHARACTERS
    ? text
    : `${text.slice(0, MOST_JSON_CHARACTERS)}\n… ${count(text.length - MOST_JSON_CHARACTERS)} more characters`;

// ---- what else happened ---------------------------------------------------------------------------------------------

function momentLine(moment: Moment): Line {
  const { atMs } = moment;
  // prettier-ignore
  switch (moment.type) {
    case 'interruption': return note(atMs, 'cut-in', 'cut in', cutText(moment.unheard));
    case 'taken-back': return note(atMs, 'quiet', 'taken back', html`<p>the caller went on before anything was audible: asked again with what follows</p>`);
    case 'asked-ahead': return note(atMs, 'quiet', 'ahead', html`<p>${AHEAD[moment.outcome]} <span class="tag">${duration(moment.aheadMs)}</span></p>`);
    case 'error': return note(atMs, 'error', 'error', errorText(moment));
    case 'keys': return note(atMs, 'caller', 'keys', html`<p>${[...moment.keys].map((key) => html`<kbd>${key}</kbd>`)}</p>`);
    case 'compaction': return note(atMs, 'quiet', 'history', html`<p>${plural(moment.droppedMessages, 'message')} dropped, ${moment.keptMessages} kept</p>`);
    case 'transfer': return note(atMs, moment.error === undefined ? 'quiet' : 'error', 'transfer', transferText(moment));
    case 'agent': return note(atMs, 'quiet', 'agent', html`<p><bdi>${moment.to}</bdi> has the caller, in place of <bdi>${moment.from}</bdi>${moment.context !== 'all' && html` <span class="tag">shown ${moment.context === 'none' ? 'nothing' : 'a summary'} of what was said</span>`}</p>`);
    case 'task-over': return note(atMs, `task ${taskStateOf(moment.task)}`, 'task', taskText(moment.task));
    case 'vendor': return note(atMs, moment.code === undefined ? 'quiet' : 'error', moment.kind, vendorText(moment));
    case 'transfer-progress': return note(atMs, 'quiet', 'transfer', html`<p>${IN_PERSON[moment.state]} <bdi>${moment.to}</bdi></p>`);
    case 'hold': return note(atMs, 'quiet', 'on hold', html`<p>the agent waits until somebody speaks</p>`);
    case 'hold-over': return note(atMs, 'quiet', 'on hold', html`<p>over: ${HOLD[moment.why]} <span class="tag">${duration(moment.heldMs)}</span></p>`);
    case 'muted': return note(atMs, 'quiet', 'muted', html`<p>something sensitive is asked for: its sound is not kept, and of its words placeholders</p>`);
    case 'muted-over': return note(atMs, 'quiet', 'muted', html`<p>over</p>`);
    case 'answered-by': return note(atMs, 'quiet', 'answered', html`<p>${ANSWERED[moment.who]} <span class="tag">by ${moment.sign}</span></p>`);
    case 'progress': return note(atMs, 'tool', 'tool', html`<p dir="auto"><code>${moment.tool}</code> ${moment.text}</p>`);
    case 'late-result': return note(atMs, 'tool late', 'tool', html`<p>the late result of <code>${moment.tool.name}</code> came in (${`turn ${moment.tool.turn}`})</p>`);
    case 'aside': return note(atMs, 'caller aside', 'caller', html`<p dir="auto"><span class="words">${moment.text}</span> <span class="tag">not taken as a turn</span></p>`);
  }
}

/** What came of it stands with its call, too, which may be many turns above. */
function taskText({ name, end, fromMs, tool }: TaskRun): Markup {
  const isFinished = end?.how === 'finished';
  return html`<div>
    <p dir="auto">
      <code>${name}</code> ${isFinished ? 'has its result' : `has none. ${end?.why ?? ''}`}
      <span class="tag">${duration((end?.atMs ?? fromMs) - fromMs)}</span>
    </p>
    ${isFinished && tool?.end?.ok && json(tool.end.result)}
  </div>`;
}

const AHEAD = {
  kept: 'asked for before the turn was sure, and kept',
  dropped: 'asked for before the turn was sure, and thrown away: the words went on',
  failed: 'asked for before the turn was sure: there was no room, or it failed',
};

const IN_PERSON = {
  ringing: 'rings for the caller, who waits:',
  asking: 'somebody has answered, and hears what it is about:',
  accepted: 'the caller is taken over by',
};

const HOLD = {
  person: 'somebody spoke',
  menu: 'a menu wants a key',
  'too-long': 'nobody came for so long',
  agent: 'the agent was told to speak',
  'call-ended': 'the call ended',
};

const ANSWERED = {
  person: 'a person has answered',
  machine: 'a machine has answered',
  unknown: 'nobody has said a word',
};

const note = (atMs: number, tone: string, who: string, content: Markup): Line => ({
  atMs,
  markup: line(tone, atMs, who, content),
});

function cutText(unheard: string): Markup {
  const words = unheard.trim() === '' ? 0 : unheard.trim().split(/\s+/).length;
  return html`<p>
    ${words === 0 ? 'everything said so far had been heard' : `${plural(words, 'word')} of what was said went unheard`}
  </p>`;
}

function transferText({ to, error }: Extract<Moment, { type: 'transfer' }>): Markup {
  if (error === undefined) return html`<p>the caller was handed over to <bdi>${to}</bdi></p>`;
  return html`<p>not handed over to <bdi>${to}</bdi>: <span dir="auto">${error}</span></p>`;
}

function vendorText({ from, to, code }: Extract<Moment, { type: 'vendor' }>): Markup {
  if (code === undefined) return html`<p><bdi>${to}</bdi> is asked again</p>`;
  return html`<p><bdi>${to}</bdi> in place of <bdi>${from}</bdi> <span class="tag">${code}</span></p>`;
}

export function errorText({ code, message, requestId, step }: Extract<Moment, { type: 'error' }>): Markup {
  return html`<p>
    <code>${code}</code>
    <span dir="auto">${message}</span
    >${step !== undefined && html` <span class="tag">step ${step}</span>`}${requestId !== undefined && html` <span class="tag">request <code>${requestId}</code></span>`}
  </p>`;
}

// ---- requests -------------------------------------------------------------------------------------------------------

/** What a provider's support asks for. */
export function drawRequests(steps: readonly Step[]): Markup | false {
  if (steps.length === 0) return false;
  return html`<details class="requests">
    <summary>${plural(steps.length, 'model request')}${tokensOf(steps)}</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>step</th>
            <th>first token</th>
            <th>queue</th>
            <th>took</th>
            <th>ended</th>
            <th>messages</th>
            <th>tokens in (cached)</th>
            <th>out</th>
            <th>request id</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map(requestRow)}
        </tbody>
      </table>
    </div>
  </details>`;
}

function requestRow({ number, end, fromMs, toMs, messages, firstTokenAtMs, queueMs }: Step): Markup {
  const first = firstTokenAtMs === undefined ? '–' : duration(firstTokenAtMs - fromMs - queueMs);
  const attempts = end && end.attempts > 1 ? `, ${end.attempts} attempts` : '';
  const usage = end?.usage;
  return html`<tr>
    <td>${number}</td>
    <td>${first}</td>
    <td>${duration(queueMs)}${attempts}</td>
    <td>${duration(toMs - fromMs)}</td>
    <td>${end?.finishReason ?? 'let go of'}</td>
    <td>${messages}</td>
    <td>${usage ? `${count(usage.promptTokens)} (${count(usage.cachedTokens)})` : '–'}</td>
    <td>${usage ? count(usage.completionTokens) : '–'}</td>
    <td><code>${end?.requestId ?? '–'}</code></td>
  </tr>`;
}

function tokensOf(steps: readonly Step[]): string {
  const usages = steps.flatMap(({ end }) => end?.usage ?? []);
  if (usages.length === 0) return '';
  const sum = (key: 'promptTokens' | 'cachedTokens' | 'completionTokens') =>
    usages.reduce((total, usage) => total + usage[key], 0);
  return ` · ${count(sum('promptTokens'))} tokens in (${count(sum('cachedTokens'))} cached), ${count(sum('completionTokens'))} out`;
}
