/**
 * What follows from the events without being said by one of them: when the caller's voice really ended, where in a turn
 * the silence lay and why, and which part of the call a scene shows.
 */
import {
  isOnlyHeard,
  type Picture,
  type Scene,
  type Silence,
  type SilenceCause,
  type Stretch,
  type ToolRun,
} from './picture.ts';

/** Pauses up to this within what the caller says are part of saying it. */
const SPEECH_PAUSE_MS = 2_500;
/** @param next the scene after it, where this one ends at the latest when its end was never told. */
export function completeScene(picture: Picture, scene: Scene, next: Scene | undefined): void {
  const endMs = endOf(picture, scene, next);
  closeSteps(scene, endMs);
  for (const moment of scene.moments) {
    if (moment.type === 'interruption') moment.silentAtMs = silentSince(picture, moment.atMs);
  }
  if (scene.kind === 'turn') completeTurn(picture, scene, endMs);
  scene.window = windowOf(picture, scene, Math.max(endMs, waitEndOf(picture, scene, next)));
}

/** Of a hold, or of a wait for somebody who is rung, that begins in the scene: it is shown there, until the next one begins. */
function waitEndOf({ onHold, waits, durationMs }: Picture, { startMs }: Scene, next: Scene | undefined): number {
  const latestMs = next?.startMs ?? durationMs;
  const begun = [...onHold, ...waits].filter(({ fromMs }) => fromMs >= startMs && fromMs < latestMs);
  return Math.min(latestMs, Math.max(startMs, ...begun.map(({ toMs }) => toMs)));
}

function endOf(picture: Picture, scene: Scene, next: Scene | undefined): number {
  if (scene.end) return scene.end.atMs;
  const latestMs = next?.startMs ?? picture.durationMs;
  if (scene.kind === 'turn') return latestMs;
  const cut = scene.moments.find(({ type }) => type === 'interruption');
  if (cut) return cut.atMs;
  const voices = picture.agentVoice.filter(({ fromMs }) => fromMs >= scene.startMs && fromMs < latestMs);
  const lastTextMs = scene.phrases.at(-1)?.toMs ?? scene.startMs;
  return Math.min(latestMs, Math.max(lastTextMs, ...voices.map(({ toMs }) => toMs)));
}

/** A voice over the agent's holds it back at once; that it cuts in is certain some words later. */
function silentSince({ holds, agentVoice }: Picture, atMs: number): number {
  const hold = holds.findLast(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs);
  const voice = agentVoice.findLast(({ fromMs }) => fromMs <= atMs);
  return hold?.fromMs ?? Math.min(voice?.toMs ?? atMs, atMs);
}

function closeSteps({ steps }: Scene, endMs: number): void {
  for (const [index, step] of steps.entries()) {
    if (!step.end) step.toMs = Math.max(step.fromMs, steps[index + 1]?.fromMs ?? endMs);
  }
}

function completeTurn(picture: Picture, scene: Scene, endMs: number): void {
  const latency = scene.end?.latency;
  scene.zeroMs = voiceEndOf(picture, scene);
  scene.silences = isOnlyHeard(picture) ? [] : causedSilences(picture, scene, endMs);
  const firstMs = latency ? latency.firstWordMs : firstWordOf(picture, scene, endMs);
  if (firstMs !== undefined) scene.waitMs = scene.startMs + firstMs - scene.zeroMs;
}

const causedSilences = (picture: Picture, scene: Scene, endMs: number): Silence[] => [
  ...nonEmpty([{ cause: 'endpointing' as const, fromMs: scene.zeroMs, toMs: scene.startMs }]),
  ...silencesIn(picture, scene, { fromMs: scene.startMs, toMs: endMs }),
];

/** The end of a voice is told only once it is certain; the turn knows when it really was. */
function voiceEndOf({ callerVoice }: Picture, { startMs, end }: Scene): number {
  if (end) return startMs - end.latency.silence.endpointingMs;
  const last = callerVoice.findLast(({ fromMs }) => fromMs < startMs);
  return last && startMs - last.toMs < SPEECH_PAUSE_MS ? Math.min(last.toMs, startMs) : startMs;
}

function firstWordOf({ agentVoice, hasAudio }: Picture, { startMs, phrases }: Scene, endMs: number) {
  const atMs = hasAudio
    ? agentVoice.find(({ fromMs }) => fromMs >= startMs && fromMs <= endMs)?.fromMs
    : phrases[0]?.fromMs;
  return atMs === undefined ? undefined : atMs - startMs;
}

// ---- silence --------------------------------------------------------------------------------------------------------

/** As the machine attributes it: words on their way to the line are speech; else a running tool; else the model. */
function silencesIn(picture: Picture, scene: Scene, turn: Stretch): Silence[] {
  return gapsIn(turn, picture.agentVoice).flatMap((gap) => {
    const said = scene.phrases.find(({ fromMs }) => fromMs >= gap.fromMs && fromMs <= gap.toMs);
    const saidMs = picture.hasAudio ? (said?.fromMs ?? gap.toMs) : gap.toMs;
    const speech: Silence = { cause: 'speech', fromMs: saidMs, toMs: gap.toMs };
    return [...waitingIn(scene, { fromMs: gap.fromMs, toMs: saidMs }), ...nonEmpty([speech])];
  });
}

function waitingIn(scene: Scene, within: Stretch): Silence[] {
  const cuts = [
    within.fromMs,
    within.toMs,
    ...waitedFor(scene).flatMap(({ fromMs, end }) => [fromMs, end?.atMs ?? within.toMs]),
    ...scene.steps.flatMap(({ fromMs, queueMs }) => [fromMs, fromMs + queueMs]),
  ].filter((atMs) => atMs >= within.fromMs && atMs <= within.toMs);
  const edges = [...new Set(cuts)].sort((one, other) => one - other);
  const pieces = edges.slice(1).map((toMs, index) => {
    const fromMs = edges[index] ?? toMs;
    return { fromMs, toMs, cause: causeAt(scene, (fromMs + toMs) / 2) };
  });
  return pieces.reduce<Silence[]>(join, []);
}

function causeAt(scene: Scene, atMs: number): SilenceCause {
  const { steps } = scene;
  if (waitedFor(scene).some(({ fromMs, end }) => fromMs <= atMs && atMs < (end?.atMs ?? Infinity))) return 'tool';
  return steps.some(({ fromMs, queueMs }) => fromMs <= atMs && atMs < fromMs + queueMs) ? 'queue' : 'model';
}

/** R28: a task is talk; who is silent in it waits for what it waits for. */
const waitedFor = ({ tools }: Scene): ToolRun[] => tools.filter(({ task }) => !task);

function join(list: Silence[], next: Silence): Silence[] {
  const last = list.at(-1);
  if (last?.cause === next.cause && last.toMs === next.fromMs) last.toMs = next.toMs;
  else list.push({ ...next });
  return list;
}

/** Where nothing of `voices` is heard within `turn`. */
export function gapsIn(turn: Stretch, voices: readonly Stretch[]): Stretch[] {
  const gaps: Stretch[] = [];
  let fromMs = turn.fromMs;
  for (const voice of voices) {
    if (voice.toMs <= fromMs || voice.fromMs >= turn.toMs) continue;
    gaps.push({ fromMs, toMs: Math.min(voice.fromMs, turn.toMs) });
    fromMs = Math.max(fromMs, voice.toMs);
  }
  gaps.push({ fromMs, toMs: turn.toMs });
  return nonEmpty(gaps);
}

const nonEmpty = <One extends Stretch>(stretches: One[]): One[] =>
  stretches.filter(({ fromMs, toMs }) => toMs > fromMs);

// ---- the window -----------------------------------------------------------------------------------------------------

function windowOf(picture: Picture, scene: Scene, endMs: number): Stretch {
  const firstMs = Math.min(scene.startMs, scene.zeroMs, ...scene.silences.map(({ fromMs }) => fromMs));
  const fromMs = scene.kind === 'turn' ? voiceStartOf(picture, scene, firstMs) : firstMs;
  return { fromMs, toMs: Math.max(fromMs + 1, endMs) };
}

/** Where the caller began to say what became this turn: back over the pauses in it, and no further than what cut in. */
function voiceStartOf({ callerVoice, scenes }: Picture, scene: Scene, firstMs: number): number {
  const beforeMs = scenes[scenes.indexOf(scene) - 1]?.window.toMs ?? 0;
  let fromMs = firstMs;
  for (let index = callerVoice.length - 1; index >= 0; index--) {
    const voice = callerVoice[index];
    if (!voice || voice.fromMs >= scene.startMs) continue;
    if (fromMs - voice.toMs > SPEECH_PAUSE_MS || voice.toMs <= beforeMs) break;
    fromMs = Math.min(fromMs, voice.fromMs);
  }
  return fromMs;
}
