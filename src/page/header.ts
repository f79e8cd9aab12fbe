/** The head of the page: what call this is, its numbers, what to look at first, and how long each turn kept the caller. */
import { html, type Markup, type Part } from './markup.ts';
import {
  isOnlyHeard,
  isTurn,
  SILENCE_CAUSES,
  silenceOf,
  stateOf,
  type Picture,
  type Scene,
  type SilenceCause,
  type ToolRun,
} from './picture.ts';
import { errorText } from './transcript.ts';
import { clock, count, duration, percent, plural } from './units.ts';

/** Waiting longer than this for the first word is worth a look. */
const LONG_WAIT_MS = 2_500;
/** So many of a kind are listed. */
const MOST_NOTICES = 12;

export function drawHeader(picture: Picture, startedAt: Date | undefined): Markup {
  const { start, callId, end, durationMs, agents } = picture;
  const place: Part[] = [
    html`<span>${start?.bridge ?? 'unknown line'}</span>`,
    (start?.from ?? start?.to) !== undefined &&
      html`<span>${start?.from ?? 'unknown'} → ${start?.to ?? 'unknown'}</span>`,
    start?.carrierCallId !== undefined && html`<code class="call-id">${start.carrierCallId}</code>`,
    startedAt &&
      html`<time datetime="${startedAt.toISOString()}"
        >${startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC</time
      >`,
    agents.length > 1 && html`<span dir="auto">${agents.map(({ name }) => name).join(' → ')}</span>`,
    html`<span>${clock(durationMs)} long</span>`,
    html`<span>${end ? `ended: ${end.reason.replaceAll('-', ' ')}` : 'the end was not recorded'}</span>`,
  ];
  return html`<header class="top">
    <div class="title">
      <h1 dir="auto">${start?.agent ?? 'A call'}</h1>
      <code class="call-id">${callId}</code>
    </div>
    <p class="facts">${place}</p>
  </header>`;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

export function drawTiles(picture: Picture): Markup {
  const { scenes } = picture;
  const turns = scenes.filter(isTurn);
  if (isOnlyHeard(picture))
    return html`<div class="tiles">${tile('turns', count(turns.length), '')} ${waitTile(turns)}</div>`;
  const tools = scenes.flatMap((scene) => scene.tools);
  const failed = tools.filter((tool) => stateOf(tool) === 'failed').length;
  const errors = momentsOf(picture, 'error').length;
  const cutIns = momentsOf(picture, 'interruption').length;
  return html`<div class="tiles">
    ${tile('turns', count(turns.length), cutIns > 0 ? plural(cutIns, 'interruption') : 'none interrupted')}
    ${waitTile(turns)}
    ${tile('tools', count(tools.length), failed > 0 ? `${failed} failed` : tools.length > 0 ? 'none failed' : '', failed > 0 ? 'warn' : '')}
    ${tokenTile(picture)} ${tile('errors', count(errors), '', errors > 0 ? 'bad' : '')}
  </div>`;
}

function tile(name: string, value: string, note: string, tone = ''): Markup {
  return html`<div class="tile ${tone}">
    <span class="name">${name}</span><strong>${value}</strong><span class="note">${note}</span>
  </div>`;
}

function waitTile(turns: readonly Scene[]): Markup {
  const waits = turns.flatMap(({ waitMs }) => waitMs ?? []).sort((one, other) => one - other);
  const median = waits[Math.floor((waits.length - 1) / 2)];
  if (median === undefined) return tile('first word', '–', '');
  return tile('first word, median', duration(median), `slowest ${duration(waits.at(-1) ?? median)}`);
}

function tokenTile({ end, scenes }: Picture): Markup {
  const usages = end ? [end.usage] : scenes.flatMap(({ steps }) => steps).flatMap((step) => step.end?.usage ?? []);
  const sum = (key: 'promptTokens' | 'cachedTokens' | 'completionTokens') =>
    usages.reduce((total, usage) => total + usage[key], 0);
  const note = `${percent(sum('cachedTokens'), sum('promptTokens'))} cached, ${count(sum('completionTokens'))} out`;
  return tile('tokens in', count(sum('promptTokens')), note);
}

function momentsOf<Type extends string>({ scenes }: Picture, type: Type) {
  return scenes.flatMap(({ moments }) => moments.filter((moment) => moment.type === type));
}

// ---- what to look at first ------------------------------------------------------------------------------------------

/** Nothing, when all went well. */
export function drawNotices(picture: Picture): Markup | false {
  const { scenes, end } = picture;
  const bad = scenes.flatMap(failuresOf);
  if (!end) bad.unshift(html`<li><p>The recording stops before the end of the call.</p></li>`);
  const all = [...bad.slice(0, MOST_NOTICES), ...slowTurns(picture)];
  if (all.length === 0) return false;
  const more = bad.length - MOST_NOTICES;
  return html`<section class="notices ${bad.length > 0 && 'bad'}" aria-label="Look here first">
    <h2>Look here first</h2>
    <ul>
      ${all}${more > 0 && html`<li><p>and ${more} more failures below</p></li>`}
    </ul>
  </section>`;
}

function failuresOf(scene: Scene): Markup[] {
  const errors = scene.moments.flatMap((moment) => (moment.type === 'error' ? [errorText(moment)] : []));
  const tools = scene.tools.flatMap((tool) => failureOf(tool) ?? []);
  const outcome = scene.end && !FINE.has(scene.end.outcome) ? [html`<p>ended as ${scene.end.outcome}</p>`] : [];
  return [...errors, ...tools, ...outcome].map((text) => html`<li>${linkTo(scene)}${text}</li>`);
}

const FINE: ReadonlySet<string> = new Set(['replied', 'interrupted']);

function failureOf(tool: ToolRun): Markup | undefined {
  const state = stateOf(tool);
  if (state === 'running') return html`<p><code>${tool.name}</code> never ended</p>`;
  if (state !== 'failed') return undefined;
  const { failure = 'failed', error } = tool.end ?? {};
  return html`<p>
    <code>${tool.name}</code> ${tool.task?.end?.how.replaceAll('-', ' ') ?? failure}: <span dir="auto">${error}</span>
  </p>`;
}

/** All in one line, the slowest first. */
function slowTurns(picture: Picture): Markup[] {
  const slow = picture.scenes
    .filter(isTurn)
    .filter(({ waitMs = 0 }) => waitMs > LONG_WAIT_MS)
    .sort((one, other) => (other.waitMs ?? 0) - (one.waitMs ?? 0));
  const [first] = slow;
  if (!first) return [];
  const shown = slow.slice(0, MOST_NOTICES).map((turn) => html`${linkTo(turn)} ${duration(turn.waitMs ?? 0)}`);
  const more = slow.length - shown.length;
  return [
    html`<li>
      <span class="what">Slow</span>
      <p>
        the first word came after more than
        ${duration(LONG_WAIT_MS)}${!isOnlyHeard(picture) && html`, mostly ${mainCauseOf(slow)}`}:
        ${shown.map((one, index) => html`${index > 0 && ' · '}${one}`)}${more > 0 && ` and ${more} more`}
      </p>
    </li>`,
  ];
}

function mainCauseOf(turns: readonly Scene[]): string {
  const total = (cause: SilenceCause) => turns.reduce((sum, turn) => sum + silenceOf(turn, cause), 0);
  const [first] = [...SILENCE_CAUSES].sort((one, other) => total(other) - total(one));
  return first ?? '';
}

const linkTo = (scene: Scene): Markup => html`<a href="#${scene.id}">${titleOf(scene)}</a>`;

export function titleOf({ kind, turn }: Scene): string {
  if (kind === 'greeting') return 'Greeting';
  return kind === 'turn' ? `Turn ${turn}` : `After turn ${turn}`;
}

// ---- waits ----------------------------------------------------------------------------------------------------------

/** One column a turn: how long the caller heard nothing, by cause. */
export function drawWaits(picture: Picture): Markup | false {
  const turns = picture.scenes.filter(isTurn);
  if (turns.length < 2 || isOnlyHeard(picture)) return false;
  const totals = turns.map((turn) => SILENCE_CAUSES.reduce((sum, cause) => sum + silenceOf(turn, cause), 0));
  const most = Math.max(1, ...totals);
  return html`<section class="waits">
    <h2>Silence in each turn, by cause</h2>
    <div class="columns">${turns.map((turn, index) => column(turn, totals[index] ?? 0, most))}</div>
    <p class="scale">up to ${duration(most)}</p>
  </section>`;
}

function column(turn: Scene, total: number, most: number): Markup {
  const parts = SILENCE_CAUSES.map((cause) => {
    const ms = silenceOf(turn, cause);
    return ms > 0 && html`<i class="${cause}" style="height:${+((ms / most) * 100).toFixed(2)}%"></i>`;
  });
  const title = `Turn ${turn.turn}: ${duration(total)} of silence`;
  return html`<a href="#${turn.id}" title="${title}" aria-label="${title}">${parts}</a>`;
}
