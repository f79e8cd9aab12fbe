/** A scene as lanes of bars on its time axis: plain data, drawn by `timeline.ts`. */
import { Axis } from './axis.ts';
import { gapsIn } from './derive.ts';
import {
  isSeen,
  stateOf,
  taskStateOf,
  type Picture,
  type Pin,
  type Scene,
  type SilenceCause,
  type Step,
  type Stretch,
  type TaskRun,
  type ToolRun,
  type ToolState,
} from './picture.ts';
import { duration } from './units.ts';

/** What a bar stands for: its colour. */
export type Tone = 'caller' | 'agent' | 'task' | 'pause' | SilenceCause;
/**
 * `waiting`: time that passes; `working`: something comes of it; `faint`: it goes on unheard behind speech; `held`; `around`:
 * what other bars are part of.
 */
export type Look = 'waiting' | 'working' | 'faint' | 'held' | 'around';

export interface Bar extends Stretch {
  tone: Tone;
  look: Look;
  /** Shown on the bar where it fits, beside it when `isNamed`. */
  label: string;
  /** The whole story, shown when the pointer rests on it. */
  title: string;
  /** It began before the window, or goes on after it. */
  isOpenLeft: boolean;
  isOpenRight: boolean;
  state: ToolState | undefined;
  isNamed: boolean;
}

export interface Lane {
  name: string;
  bars: Bar[];
}

/** A line across all lanes. */
export interface Mark {
  atMs: number;
  kind: 'first-word' | 'cut-in' | 'error' | 'vendor' | 'first-token';
  label: string;
}

export interface Lanes {
  axis: Axis;
  window: Stretch;
  zeroMs: number;
  lanes: Lane[];
  marks: Mark[];
}

/** A tool's name needs so much of the width beside its bar; the next bar on its row must keep off. */
const TOOL_LABEL_ROOM = 0.3;
/** Queueing below this is no more than the way through the code. */
const SHORT_QUEUE_MS = 10;

export function lanesOf(picture: Picture, scene: Scene): Lanes {
  const { window, zeroMs } = scene;
  const axis = new Axis(window, talkOnly(picture, scene));
  const lanes = [
    ...pinRows(picture.pins, window, axis),
    ...taskRows(scene),
    { name: 'caller', bars: callerBars(picture, scene) },
    { name: 'muted', bars: mutedBars(picture, scene) },
    { name: 'model', bars: scene.steps.flatMap((step) => stepBars(step, scene)) },
    ...toolRows(picture, scene, axis),
    { name: 'synthesis', bars: picture.hasAudio ? synthesisBars(picture, scene) : [] },
    { name: 'playback', bars: picture.hasAudio ? playbackBars(picture, scene) : textBars(scene) },
    { name: picture.hasAudio ? 'silence' : 'waiting', bars: silenceBars(scene) },
    { name: 'on hold', bars: waitBars(picture.onHold, scene, () => '') },
    { name: 'rings', bars: waitBars(picture.waits, scene, ({ to }) => to) },
  ];
  if (!picture.hasAudio) for (const lane of lanes) if (lane.name === 'playback') lane.name = 'text';
  return { axis, window, zeroMs, lanes: lanes.filter(({ bars }) => bars.length > 0), marks: marksOf(scene) };
}

// ---- the axis -------------------------------------------------------------------------------------------------------

/** Where somebody talks and nothing else begins or ends. */
function talkOnly(picture: Picture, scene: Scene): Stretch[] {
  const { callerVoice, agentVoice, onHold, waits } = picture;
  const voices = clip([...callerVoice, ...agentVoice, ...onHold, ...waits], scene.window);
  const talk = scene.kind === 'turn' ? voices : [scene.window]; // between turns nobody waits for an answer
  const busy = [
    ...scene.silences,
    ...(scene.kind === 'turn'
      ? []
      : scene.phrases.map(({ fromMs, heardFromMs = fromMs }) => ({ fromMs, toMs: heardFromMs }))),
    ...scene.steps,
    ...ordinary(scene.tools).map(({ fromMs, end }) => ({ fromMs, toMs: end?.atMs ?? fromMs })),
    ...momentsOf(picture, scene),
  ].sort((one, other) => one.fromMs - other.fromMs);
  const free = talk.flatMap((stretch) => gapsIn(stretch, busy));
  return withoutOverlap(free);
}

/** R28: all but tasks, which have a lane of their own. */
const ordinary = (tools: readonly ToolRun[]): ToolRun[] => tools.filter(({ task }) => !task);

/** Instants at which something changes: a shortened stretch must not run across them. */
function momentsOf({ callerVoice, agentVoice }: Picture, scene: Scene): Stretch[] {
  const instants = [
    ...clip([...callerVoice, ...agentVoice], scene.window).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...scene.moments.map(({ atMs }) => atMs),
    scene.zeroMs,
  ];
  return instants.map((atMs) => ({ fromMs: atMs, toMs: atMs + 1 }));
}

function withoutOverlap(stretches: Stretch[]): Stretch[] {
  const kept: Stretch[] = [];
  for (const { fromMs, toMs } of stretches.sort((one, other) => one.fromMs - other.fromMs)) {
    const start = Math.max(fromMs, kept.at(-1)?.toMs ?? fromMs);
    if (toMs > start) kept.push({ fromMs: start, toMs });
  }
  return kept;
}

// ---- the lanes ------------------------------------------------------------------------------------------------------

function callerBars(picture: Picture, scene: Scene): Bar[] {
  const voices = clip(picture.callerVoice, scene.window);
  const own = voices.filter(({ fromMs }) => fromMs < scene.startMs);
  const longestMs = Math.max(...own.map(({ fromMs, toMs }) => toMs - fromMs));
  const spoken = voices.map((voice) => {
    const isOwn = own.includes(voice);
    const toMs = isOwn ? Math.max(voice.fromMs + 1, Math.min(voice.toMs, scene.zeroMs)) : voice.toMs;
    const label = isOwn && voice.toMs - voice.fromMs === longestMs ? scene.callerText : '';
    return bar({ ...voice, toMs }, 'caller', 'working', label, `caller speaks, ${duration(toMs - voice.fromMs)}`);
  });
  const endpointing = scene.silences.filter(({ cause }) => cause === 'endpointing');
  return [...spoken, ...endpointing.map((silence) => silenceBar(silence, 'waiting'))];
}

function stepBars(step: Step, { end }: Scene): Bar[] {
  const { fromMs, toMs, queueMs, firstTokenAtMs, number } = step;
  const sentMs = fromMs + (queueMs >= SHORT_QUEUE_MS ? queueMs : 0);
  const firstMs = firstTokenAtMs ?? toMs;
  const name = `request ${number}`;
  const ended = step.end?.finishReason ?? (end?.outcome === 'interrupted' ? 'let go of' : 'not ended');
  const hasFailed = step.end?.finishReason === 'failed';
  const queued = bar(
    { fromMs, toMs: sentMs },
    'queue',
    'waiting',
    duration(queueMs),
    `${name}: ${duration(queueMs)} in the queue`,
  );
  const wait = firstMs - sentMs;
  const waited = bar(
    { fromMs: sentMs, toMs: firstMs },
    'model',
    'waiting',
    duration(wait),
    `${name}: ${firstTokenAtMs === undefined ? 'no token came' : 'first token'} after ${duration(wait)}`,
  );
  const streamed = bar(
    { fromMs: firstMs, toMs },
    'model',
    'working',
    '',
    `${name}: streamed for ${duration(toMs - firstMs)}, ${ended}`,
  );
  const bars = [queued, waited, streamed].filter((one) => one.toMs > one.fromMs);
  const last = bars.at(-1);
  if (last && hasFailed) last.state = 'failed';
  if (last && !step.end) last.isOpenRight = true;
  return bars;
}

/** Runs of this turn, and late ones of earlier turns that ended here; side by side only when their names have room. */
function toolRows(picture: Picture, scene: Scene, axis: Axis): Lane[] {
  const { window } = scene;
  const late = picture.scenes
    .filter(({ turn }) => turn < scene.turn)
    .flatMap(({ tools }) => ordinary(tools))
    .filter(({ end }) => end?.isLate && end.atMs > scene.window.fromMs && end.atMs <= window.toMs);
  const rows: { untilShare: number; bars: Bar[] }[] = [];
  for (const tool of [...late, ...ordinary(scene.tools)]) {
    const one = toolBar(tool, window);
    const fromShare = axis.share(one.fromMs);
    let row = rows.find(({ untilShare }) => untilShare <= fromShare);
    if (!row) rows.push((row = { untilShare: 0, bars: [] }));
    row.bars.push(one);
    row.untilShare = axis.share(one.toMs) + TOOL_LABEL_ROOM;
  }
  return rows.map(({ bars }, index) => ({ name: index === 0 ? 'tools' : '', bars }));
}

function toolBar(tool: ToolRun, window: Stretch): Bar {
  const { name, end, fromMs } = tool;
  const state = stateOf(tool);
  const toMs = end?.atMs ?? window.toMs;
  const took = end ? duration(Math.max(end.durationMs, 0)) : 'still running';
  const words = [end?.isLate && 'late', state !== 'ok' && state !== 'running' && (end?.failure ?? state)].filter(
    Boolean,
  );
  const label = [name, took, ...words].join(' · ');
  const inside = { fromMs: Math.max(fromMs, window.fromMs), toMs: Math.min(Math.max(toMs, fromMs + 1), window.toMs) };
  return {
    ...bar(inside, 'tool', 'working', label, `${label} (${tool.effect})`),
    isOpenLeft: fromMs < window.fromMs,
    isOpenRight: toMs > window.toMs || !end,
    state,
    isNamed: true,
  };
}

/** Where a task begins, and where it ends: between them the scenes say that they are part of it. */
function taskRows({ id, tasks, window }: Scene): Lane[] {
  const rows: Lane[] = [];
  for (const task of tasks) {
    if (task.firstScene !== id && task.lastScene !== id) continue;
    const row = rows.find(({ bars }) => bars.every(({ toMs }) => toMs <= task.fromMs));
    if (row) row.bars.push(taskBar(task, id, window));
    else rows.push({ name: rows.length === 0 ? 'task' : '', bars: [taskBar(task, id, window)] });
  }
  return rows;
}

function taskBar(task: TaskRun, sceneId: string, window: Stretch): Bar {
  const { name, end, fromMs } = task;
  const toMs = end?.atMs ?? window.toMs;
  const how = end ? `${end.how.replaceAll('-', ' ')} after ${duration(toMs - fromMs)}` : 'goes on';
  const inside = { fromMs: Math.max(fromMs, window.fromMs), toMs: Math.min(Math.max(toMs, fromMs + 1), window.toMs) };
  return {
    ...bar(
      inside,
      'task',
      'around',
      `${name} · ${how}`,
      `${name}: ${how}${end?.why === undefined ? '' : `, ${end.why}`}`,
    ),
    isOpenLeft: task.firstScene !== sceneId,
    isOpenRight: task.lastScene !== sceneId,
    state: taskStateOf(task),
    isNamed: true,
  };
}

/** Rows of pins of one scene, so that their names do not run into each other. */
function pinRows(pins: readonly Pin[], window: Stretch, axis: Axis): Lane[] {
  const rows: { untilShare: number; bars: Bar[] }[] = [];
  for (const pin of pinsIn(pins, window)) {
    const share = axis.share(pin.atMs);
    let row = rows.find(({ untilShare }) => untilShare <= share);
    if (!row) rows.push((row = { untilShare: 0, bars: [] }));
    row.bars.push(pinBar(pin));
    row.untilShare = share + TOOL_LABEL_ROOM;
  }
  return rows.map(({ bars }, index) => ({ name: index === 0 ? 'checks' : '', bars }));
}

const pinsIn = (pins: readonly Pin[], { fromMs, toMs }: Stretch) =>
  pins
    .flatMap((pin) =>
      pin.atMs !== undefined && pin.atMs >= fromMs && pin.atMs <= toMs ? [{ ...pin, atMs: pin.atMs }] : [],
    )
    .toSorted((one, other) => one.atMs - other.atMs);

function pinBar({ atMs, check, what, evidence }: Pin & { atMs: number }): Bar {
  return {
    ...{ fromMs: atMs, toMs: atMs + 1, tone: 'tool', look: 'working', label: check },
    title: `${check}: ${what}${evidence === undefined ? '' : ` | ${evidence}`}`,
    ...{ isOpenLeft: false, isOpenRight: false, state: 'failed', isNamed: true },
  };
}

/** From the first word that the speaker gets to the first sound of it; behind speech that is playing, nobody waits. */
function synthesisBars({ agentVoice }: Picture, { phrases, window }: Scene): Bar[] {
  const bars = phrases.map((phrase) => {
    const isPlaying = agentVoice.some(({ fromMs, toMs }) => fromMs <= phrase.fromMs && phrase.fromMs < toMs);
    const nextMs = agentVoice.find(({ fromMs }) => fromMs >= phrase.fromMs)?.fromMs ?? window.toMs;
    const soundMs = Math.min(nextMs, window.toMs);
    if (isPlaying) {
      const title = `${phrase.kind}: words came while the agent spoke`;
      return bar(
        { fromMs: phrase.fromMs, toMs: Math.max(phrase.toMs, phrase.fromMs + 1) },
        'speech',
        'faint',
        '',
        title,
      );
    }
    const wait = duration(soundMs - phrase.fromMs);
    return bar(
      { fromMs: phrase.fromMs, toMs: soundMs },
      'speech',
      'waiting',
      wait,
      `${phrase.kind}: first sound ${wait} after its first word`,
    );
  });
  return bars.filter(
    ({ fromMs }, index) => fromMs >= (bars[index - 1]?.toMs ?? -Infinity) || bars[index]?.look === 'faint',
  );
}

function playbackBars(picture: Picture, scene: Scene): Bar[] {
  const { window } = scene;
  const heard = scene.phrases.filter(({ heardFromMs }) => heardFromMs !== undefined);
  const voices = clip(picture.agentVoice, window).map((voice) => {
    const inside = heard.filter(({ heardFromMs = 0 }) => heardFromMs >= voice.fromMs && heardFromMs < voice.toMs);
    const label = inside.map((phrase) => phrase.text.slice(0, phrase.heard).trim()).join(' ');
    return bar(voice, 'agent', 'working', label, `agent speaks, ${duration(voice.toMs - voice.fromMs)}`);
  });
  const holds = clip(picture.holds, window).map((hold) =>
    bar(hold, 'agent', 'held', '', `playback held for the caller's voice, ${duration(hold.toMs - hold.fromMs)}`),
  );
  return [...voices, ...holds];
}

/** In text, words are heard when they come. */
function textBars({ phrases }: Scene): Bar[] {
  return phrases.map(({ fromMs, toMs, text, kind }) =>
    bar(
      { fromMs, toMs: Math.max(toMs, fromMs + 1) },
      'agent',
      'working',
      text.trim(),
      `${kind}, ${duration(toMs - fromMs)}`,
    ),
  );
}

const silenceBars = ({ silences }: Scene): Bar[] =>
  silences.filter(isSeen).map((silence) => silenceBar(silence, 'working'));

const mutedBars = ({ muted }: Picture, { window }: Scene): Bar[] =>
  clip(muted, window).map((one) =>
    bar(
      one,
      'pause',
      'waiting',
      'not kept',
      `something sensitive is asked for, ${duration(one.toMs - one.fromMs)}: nothing of it was kept`,
    ),
  );

/** Of a hold, or of a wait for somebody who is rung. */
const waitBars = <One extends Stretch>(
  stretches: readonly One[],
  { window }: Scene,
  whom: (one: One) => string,
): Bar[] =>
  clip(stretches, window).map((one) => {
    const took = duration(one.toMs - one.fromMs);
    return bar(
      one,
      'pause',
      'waiting',
      [whom(one), took].filter(Boolean).join(' · '),
      `${whom(one) === '' ? 'on hold' : `${whom(one)} is rung, and the caller waits`}, ${took}`,
    );
  });

function silenceBar({ fromMs, toMs, cause }: Scene['silences'][number], look: Look): Bar {
  const took = duration(toMs - fromMs);
  return bar({ fromMs, toMs }, cause, look, took, `${cause}: ${took} of silence`);
}

function marksOf({ moments, zeroMs, waitMs, steps }: Scene): Mark[] {
  const marks: Mark[] = steps.flatMap(({ firstTokenAtMs }) =>
    firstTokenAtMs === undefined ? [] : [{ atMs: firstTokenAtMs, kind: 'first-token' as const, label: '' }],
  );
  if (waitMs !== undefined)
    marks.push({ atMs: zeroMs + waitMs, kind: 'first-word', label: `first word ${duration(waitMs)}` });
  for (const moment of moments) {
    if (moment.type === 'interruption') marks.push({ atMs: moment.silentAtMs, kind: 'cut-in', label: 'cut in' });
    if (moment.type === 'error') marks.push({ atMs: moment.atMs, kind: 'error', label: moment.code });
    if (moment.type === 'vendor')
      marks.push({ atMs: moment.atMs, kind: 'vendor', label: `${moment.kind}: ${moment.to}` });
  }
  return marks;
}

// ---- parts ----------------------------------------------------------------------------------------------------------

function bar({ fromMs, toMs }: Stretch, tone: Tone, look: Look, label: string, title: string): Bar {
  return {
    fromMs,
    toMs,
    tone,
    look,
    label,
    title,
    isOpenLeft: false,
    isOpenRight: false,
    state: undefined,
    isNamed: false,
  };
}

/** What of the stretches lies in the window. */
export function clip<One extends Stretch>(stretches: readonly One[], window: Stretch): One[] {
  return stretches
    .filter(({ fromMs, toMs }) => toMs > window.fromMs && fromMs < window.toMs)
    .map((one) => ({ ...one, fromMs: Math.max(one.fromMs, window.fromMs), toMs: Math.min(one.toMs, window.toMs) }));
}
