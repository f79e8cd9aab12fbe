/** What the page shows, as data: the call cut into scenes, and what happened in each. Made by `read-events.ts`. */
import type { CallEvent } from '../call/events.ts';
import type { AnsweredBy, AnswerSign } from '../listen/answered-by.ts';
import type { HoldEnd, SpeechKind } from '../turn/contract.ts';

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** From one time of the call to another, in milliseconds since its start. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** R17, in the order in which a turn meets them. */
export const SILENCE_CAUSES = ['endpointing', 'queue', 'model', 'tool', 'speech'] as const;
export type SilenceCause = (typeof SILENCE_CAUSES)[number];
export type Silence = Stretch & { cause: SilenceCause };

/** One request to the model. */
export interface Step {
  number: number;
  fromMs: number;
  /** Undefined while it is open: it was let go of, or the log ends here. */
  end: EventOf<'step-end'> | undefined;
  /** When it was over; without an end, when its turn was. */
  toMs: number;
  queueMs: number;
  /** When the first token came, or the first that was seen of the answer. */
  firstTokenAtMs: number | undefined;
  messages: number;
}

export interface ToolRun {
  id: string;
  name: string;
  turn: number;
  step: number;
  effect: string;
  arguments: Record<string, unknown>;
  fromMs: number;
  /** Undefined while it runs. */
  end: EventOf<'tool-end'> | undefined;
  /** R28: its run is a conversation, which has a place of its own in the picture; undefined for all else. */
  task: TaskRun | undefined;
}

/** R28: a task has the caller, often for several scenes. */
export interface TaskRun {
  name: string;
  /** How many other tasks it was begun in. */
  depth: number;
  fromMs: number;
  /** Undefined while it goes on. */
  end: EventOf<'task-end'> | undefined;
  /** The call that it answers; undefined where that is not told. */
  tool: ToolRun | undefined;
  /** Ids of the scenes that it begins and ends in. */
  firstScene: string;
  lastScene: string | undefined;
}

export type ToolState = 'ok' | 'failed' | 'cancelled' | 'running';

/** Words that were said in one go. */
export interface Phrase {
  kind: SpeechKind;
  /** Who says them. */
  agent: string;
  step: number | undefined;
  text: string;
  /** When the first and the last word were handed to the speaker. */
  fromMs: number;
  toMs: number;
  /** When the caller began to hear it; estimated when other words were still playing. Undefined when they did not. */
  heardFromMs: number | undefined;
  /** So many characters of `text` were heard. */
  heard: number;
}

/** What else is told in a scene. */
export type Moment = { atMs: number } &
  /** `silentAtMs`: when the agent fell silent, which is before the cut-in was certain. */
  (
    | { type: 'interruption'; unheard: string; silentAtMs: number }
    /** R25: the turn was taken too early, and its words are those of the next one as well. */
    | { type: 'taken-back' }
    /** R24: so long before the turn was sure an answer was asked for, and what became of it. */
    | { type: 'asked-ahead'; outcome: EventOf<'ahead-end'>['outcome']; aheadMs: number }
    | { type: 'error'; code: string; message: string; requestId: string | undefined; step: number | undefined }
    | { type: 'keys'; keys: string; untilMs: number }
    | { type: 'compaction'; droppedMessages: number; keptMessages: number }
    /** `error`: why the caller was not handed over; undefined when they were. */
    | { type: 'transfer'; to: string; error: string | undefined }
    /** Of a list of vendors, another is asked; `code`: why, or undefined when one before it is asked again. */
    | { type: 'vendor'; kind: EventOf<'vendor-change'>['kind']; from: string; to: string; code: string | undefined }
    /** On the way to handing the caller over in person. */
    | { type: 'transfer-progress'; to: string; state: EventOf<'transfer-progress'>['state'] }
    /** The agent waits on hold, and does not any more. */
    | { type: 'hold' }
    | { type: 'hold-over'; heldMs: number; why: HoldEnd }
    /** Something sensitive is taken from here on, and is not any more: nothing of it was kept. */
    | { type: 'muted' | 'muted-over' }
    /** R27: another agent of the team has the caller from here on. */
    | { type: 'agent'; from: string; to: string; context: EventOf<'agent-change'>['context'] }
    /** R28: a task gives the caller back. */
    | { type: 'task-over'; task: TaskRun }
    /** Of a call that we placed. */
    | { type: 'answered-by'; who: AnsweredBy; sign: AnswerSign }
    | { type: 'progress'; tool: string; text: string }
    | { type: 'late-result'; tool: ToolRun }
    /** The transcriber understood it, and no turn came of it: "mm-hm", a word too late. */
    | { type: 'aside'; text: string }
  );

/**
 * One part of the call: the greeting, a turn, or words between two turns (a nudge, the program's own). Its window begins
 * where the caller began to speak and may overlap the window of the scene before, when the caller cut in.
 */
export interface Scene {
  kind: 'greeting' | 'turn' | 'between';
  /** Of the turn; of the one before, for words between two. */
  turn: number;
  /** Unique in the page: `turn-3`, `after-3`. */
  id: string;
  /** Who has the caller as it begins. */
  agent: string;
  window: Stretch;
  /** When the turn was decided; elsewhere, when the scene began. */
  startMs: number;
  /** When the caller's voice ended, from where waiting counts; elsewhere as `startMs`. */
  zeroMs: number;
  callerText: string;
  steps: Step[];
  tools: ToolRun[];
  /** Those that have the caller in any part of it, the outermost first. */
  tasks: TaskRun[];
  phrases: Phrase[];
  moments: Moment[];
  end: EventOf<'turn-end'> | undefined;
  silences: Silence[];
  /** From the end of the caller's voice to the first word heard. */
  waitMs: number | undefined;
}

/** What a check has found. */
export interface Pin {
  /** Since the call's start; undefined where it is no one instant: then it stands in the list alone. */
  atMs?: number | undefined;
  /** The check's name. */
  check: string;
  /** What was expected, and what came. */
  what: string;
  /** What was said, sent or measured there. */
  evidence?: string | undefined;
}

/** What a call to a worker elsewhere calls its line. */
export const ELSEWHERE = 'url';

/** Nothing is known but what its caller said and heard: neither tools and tokens nor what a silence waited for. */
export const isOnlyHeard = ({ start }: Pick<Picture, 'start'>): boolean => start?.bridge === ELSEWHERE;

export interface Picture {
  callId: string;
  start: EventOf<'call-start'> | undefined;
  end: EventOf<'call-end'> | undefined;
  /** Since the call's start. */
  durationMs: number;
  /** Whether any voice was told of: false for a call in text. */
  hasAudio: boolean;
  callerVoice: Stretch[];
  agentVoice: Stretch[];
  /** Playback stood still for the caller's voice. */
  holds: Stretch[];
  scenes: Scene[];
  /** R27: who had the caller, one after another; one alone where nobody handed them over. */
  agents: (Stretch & { name: string })[];
  tasks: TaskRun[];
  /** Of something sensitive: nothing of it was kept. */
  muted: Stretch[];
  /** The agent waited on hold. */
  onHold: Stretch[];
  /** The caller waited for somebody else, `to`, who was rung for them. */
  waits: (Stretch & { to: string })[];
  /** What checks have found; none, of a call that nobody has looked at. */
  pins: readonly Pin[];
  events: number;
}

/** Nobody hears so short a silence: it is counted, and not drawn. */
const LEAST_SILENCE_MS = 10;

export const isSeen = ({ fromMs, toMs }: Silence): boolean => toMs - fromMs >= LEAST_SILENCE_MS;

export const isTurn = (scene: Scene): boolean => scene.kind === 'turn';

/** R25: the caller went on before any of its answer was audible. */
export const isTakenBack = ({ moments }: Scene): boolean => moments.some(({ type }) => type === 'taken-back');

export function taskStateOf({ end }: TaskRun): ToolState {
  if (!end) return 'running';
  if (end.how === 'finished') return 'ok';
  return end.how === 'given-up' || end.how === 'too-long' ? 'failed' : 'cancelled';
}

export function stateOf({ end, task }: ToolRun): ToolState {
  if (task) return taskStateOf(task);
  if (!end) return 'running';
  if (end.ok) return 'ok';
  return end.failure === 'cancelled' ? 'cancelled' : 'failed';
}

/** The silence of a turn by cause: as the machine measured it or, of a turn that never ended, as far as it is known. */
export function silenceOf(scene: Scene, cause: SilenceCause): number {
  if (scene.end) return scene.end.latency.silence[`${cause}Ms`];
  const stretches = scene.silences.filter((silence) => silence.cause === cause);
  return stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
