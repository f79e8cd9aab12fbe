/** One scene of the page: its title and numbers, its picture, its words. */
import { lanesOf } from './lanes.ts';
import { html, type Markup } from './markup.ts';
import { titleOf } from './header.ts';
import {
  isTakenBack,
  isTurn,
  SILENCE_CAUSES,
  silenceOf,
  taskStateOf,
  type Picture,
  type Scene,
  type TaskRun,
} from './picture.ts';
import { drawTimeline } from './timeline.ts';
import { drawRequests, drawTranscript } from './transcript.ts';
import { clock, duration } from './units.ts';

export function drawScene(picture: Picture, scene: Scene): Markup {
  const lanes = lanesOf(picture, scene);
  const isTeam = picture.agents.length > 1;
  const hasPicture = lanes.lanes.length > 0 && (picture.hasAudio || isTurn(scene)); // a greeting in text takes no time
  return html`<section
    class="scene ${scene.kind}"
    id="${scene.id}"
    data-from="${Math.round(scene.window.fromMs)}"
    data-to="${Math.round(scene.window.toMs)}"
  >
    ${scene.tasks.map((task) => drawBracket(task, scene))}
    <div class="head">
      <h2><a href="#${scene.id}">${titleOf(scene)}</a></h2>
      <span class="when" data-at="${Math.round(scene.window.fromMs)}">${clock(scene.window.fromMs)}</span>
      ${isTeam && html`<span class="tag who" dir="auto">${scene.agent}</span>`}
      ${scene.tasks.map((task) => html`<span class="tag task ${partOf(task, scene)}" dir="auto">${partTold(task, scene)}</span>`)}
      ${scene.end && html`<span class="tag outcome ${scene.end.outcome}">${isTakenBack(scene) ? 'taken back' : scene.end.outcome}</span>`}
      ${isTurn(scene) && drawNumbers(scene)}
    </div>
    <div class="body">
      ${hasPicture && drawTimeline(lanes, summaryOf(scene))} ${drawTranscript(scene, isTeam)}
      ${drawRequests(scene.steps)}
    </div>
  </section>`;
}

type Part = 'begins' | 'goes-on' | 'ends' | 'whole';

/** Which part of a task the scene is. */
function partOf({ firstScene, lastScene }: TaskRun, { id }: Scene): Part {
  if (firstScene === id) return lastScene === id ? 'whole' : 'begins';
  return lastScene === id ? 'ends' : 'goes-on';
}

function partTold(task: TaskRun, scene: Scene): string {
  const part = partOf(task, scene);
  if (part === 'begins') return `${task.name} begins`;
  if (part === 'goes-on') return `in ${task.name}`;
  return `${task.name} ${(task.end?.how ?? 'ends').replaceAll('-', ' ')}`;
}

/** Beside the scenes that a task has the caller in, one line for all of them; of one within another, further in. */
const drawBracket = (task: TaskRun, scene: Scene): Markup =>
  html`<i class="bracket depth-${task.depth} ${partOf(task, scene)} ${taskStateOf(task)}" aria-hidden="true"></i>`;

function drawNumbers(scene: Scene): Markup {
  const { waitMs, end } = scene;
  return html`<div class="numbers">
    <span class="big"
      >${waitMs === undefined ? 'no word was heard' : html`<strong>${duration(waitMs)}</strong> to the first word`}</span
    >
    ${end && html`<span><strong>${duration(end.latency.totalMs)}</strong> in all</span>`}
    <span class="causes">${SILENCE_CAUSES.map((cause) => chip(cause, silenceOf(scene, cause)))}</span>
  </div>`;
}

/** What took less than this is not worth a word. */
const LEAST_SILENCE_MS = 5;

const chip = (cause: string, ms: number): Markup | false =>
  ms >= LEAST_SILENCE_MS && html`<span class="chip"><i class="${cause}"></i>${cause} <b>${duration(ms)}</b></span>`;

/** For those who do not see the picture. */
function summaryOf(scene: Scene): string {
  const causes = SILENCE_CAUSES.map((cause) => `${cause} ${duration(silenceOf(scene, cause))}`).join(', ');
  const wait = scene.waitMs === undefined ? 'no word was heard' : `first word after ${duration(scene.waitMs)}`;
  const silence = scene.end || scene.silences.length > 0 ? `; silence: ${causes}` : '';
  return isTurn(scene) ? `${titleOf(scene)}: ${wait}${silence}` : titleOf(scene);
}

/** What stands on the pictures of this call. `canPlay`: there is a recording to hear. */
export function drawLegend(picture: Picture, canPlay: boolean): Markup {
  const { hasAudio, holds, scenes, tasks, muted, onHold, waits } = picture;
  const quiet = [
    muted.length > 0 && 'not kept',
    onHold.length > 0 && 'on hold',
    waits.length > 0 && 'rings for the caller',
  ];
  const meant = quiet.filter((one) => one !== false).join(', ');
  const tones = ['caller', 'agent', ...SILENCE_CAUSES.filter((cause) => hasAudio || cause !== 'speech')];
  const hasCutIn = scenes.some(({ moments }) => moments.some(({ type }) => type === 'interruption'));
  return html`<p class="legend">
    ${tones.map((tone) => entry(tone, tone))}${tasks.length > 0 && entry('task', 'task')}${meant !== '' && entry('pause', meant)}<span
      class="hint"
      >hatched: waiting</span
    >
    ${holds.length > 0 && entry('held', "held back for the caller's voice")} ${hasCutIn && entry('cut-in', 'cut in')}
    ${
      canPlay &&
      html`${entry('playing', 'playing')}<span class="hint keys"
          ><kbd>space</kbd> plays, <kbd>←</kbd><kbd>→</kbd> seek</span
        >`
    }
  </p>`;
}

const entry = (look: string, meaning: string): Markup => html`<span><i class="${look}"></i>${meaning}</span>`;
