/** Events to a picture of the call: one pass over them, then what can only be known when all is known (`derive.ts`). */
import type { CallEvent } from '../call/events.ts';
import { completeScene } from './derive.ts';
import { placePhrases } from './heard.ts';
import type { Moment, Phrase, Picture, Scene, Step, Stretch, TaskRun, ToolRun } from './picture.ts';
import { SpanReader } from './spans.ts';

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;
type MomentBody = Moment extends infer One ? (One extends Moment ? Omit<One, 'atMs'> : never) : never;

/** Keys pressed within this of each other are one row of digits. */
const KEYS_PAUSE_MS = 3_000;

/** A call that still goes on: what is known now of what its events tell later. */
export interface SoFar {
  /** Since the call's start. */
  nowMs: number;
  /** What was heard of the agent since the last turn began, or ended. */
  heard: string;
}

/** `soFar`: of a call that still goes on. Default: there is no more of it. */
export function readEvents(events: readonly CallEvent[], soFar?: SoFar): Picture {
  const reader = new EventReader();
  for (const event of events) reader.take(event);
  return reader.finish(soFar);
}

class EventReader {
  #start: EventOf<'call-start'> | undefined;
  #end: EventOf<'call-end'> | undefined;
  #events = 0;
  #callId = '';
  #lastMs = 0;
  readonly #callerVoice: Stretch[] = [];
  readonly #agentVoice: Stretch[] = [];
  readonly #holds: Stretch[] = [];
  #heldSince: number | undefined;
  #callerSince: number | undefined;
  #agentSince: number | undefined;
  readonly #spans = new SpanReader();
  readonly #scenes: Scene[] = [newScene('greeting', 0, 'greeting', 0, '')];
  readonly #tasks: TaskRun[] = [];
  /** Those that go on, the innermost last. */
  readonly #openTasks: { id: string; task: TaskRun }[] = [];
  readonly #tools: ToolRun[] = [];
  /** R24: steps that were asked before their turn was sure, in order; and those of which nothing came, until a turn begins. */
  readonly #asksAhead: EventOf<'step-start'>[] = [];
  #askedForNothing: EventOf<'ahead-end'>[] = [];
  /** Understood, and not yet part of a turn. */
  #finals: { atMs: number; text: string }[] = [];

  take(event: CallEvent): void {
    this.#events++;
    this.#callId ||= event.callId;
    this.#lastMs = Math.max(this.#lastMs, event.atMs);
    this.#spans.take(event);
    // prettier-ignore
    switch (event.type) {
      case 'call-start': return this.#startCall(event);
      case 'call-end': this.#end = event; return;
      case 'caller-speech-start': this.#callerSince ??= event.atMs; return;
      case 'caller-speech-end': return this.#endCallerVoice(event.atMs);
      case 'reply-audio-start': this.#agentSince ??= event.atMs; return;
      case 'reply-audio-paused': this.#heldSince ??= event.atMs; return;
      case 'reply-audio-resumed': return this.#endHold(event.atMs);
      case 'reply-audio-end': return this.#endAgentVoice(event.atMs);
      case 'transcript': if (event.isFinal && event.text.trim() !== '') this.#finals.push(event); return;
      case 'turn-start': return this.#beginTurn(event);
      case 'turn-end': this.#sceneOf(event.turn).end = event; return;
      case 'step-start': return event.ahead ? void this.#asksAhead.push(event) : this.#beginStep(event);
      case 'ahead-end': return this.#endAhead(event);
      case 'step-end': return this.#endStep(event);
      case 'text-delta': return this.#addText(event);
      case 'text-taken-back': return this.#takeBack(event);
      case 'tool-start': return this.#beginTool(event);
      case 'tool-end': return this.#endTool(event);
      case 'tool-progress': return this.#tell(event.atMs, { type: 'progress', tool: event.name, text: event.text });
      case 'interruption': return this.#tell(event.atMs, { type: 'interruption', unheard: event.unheard, silentAtMs: event.atMs });
      case 'turn-taken-back': return this.#tell(event.atMs, { type: 'taken-back' });
      case 'digit': return this.#press(event);
      case 'compaction': return this.#tell(event.atMs, event);
      case 'transfer': return this.#tell(event.atMs, { type: 'transfer', to: event.to, error: event.error });
      case 'agent-change': return this.#tell(event.atMs, { type: 'agent', from: event.from, to: event.to, context: event.context });
      case 'vendor-change': return this.#tell(event.atMs, { type: 'vendor', kind: event.kind, from: event.from, to: event.to, code: event.code });
      case 'transfer-progress': return this.#tell(event.atMs, { type: 'transfer-progress', to: event.to, state: event.state });
      case 'hold-start': return this.#tell(event.atMs, { type: 'hold' });
      case 'hold-end': return this.#tell(event.atMs, { type: 'hold-over', heldMs: event.heldMs, why: event.why });
      case 'answered-by': return this.#tell(event.atMs, { type: 'answered-by', who: event.who, sign: event.sign });
      case 'sensitive-start': return this.#tell(event.atMs, { type: 'muted' });
      case 'sensitive-end': return this.#tell(event.atMs, { type: 'muted-over' });
      case 'task-start': return this.#beginTask(event);
      case 'task-end': return this.#endTask(event);
      case 'error': return this.#tell(event.atMs, { ...event, step: event.step });
    }
  }

  finish(soFar: SoFar | undefined): Picture {
    const durationMs = this.#end?.durationMs ?? Math.max(this.#lastMs, soFar?.nowMs ?? 0);
    this.#endCallerVoice(durationMs);
    this.#endAgentVoice(durationMs);
    this.#setAside('');
    const picture = {
      callId: this.#callId,
      start: this.#start,
      end: this.#end,
      durationMs,
      hasAudio: this.#agentVoice.length + this.#callerVoice.length > 0,
      callerVoice: this.#callerVoice,
      agentVoice: this.#agentVoice,
      holds: this.#holds,
      scenes: this.#scenes.filter((scene) => scene.kind === 'turn' || !isEmpty(scene)),
      tasks: this.#tasks,
      ...this.#spans.finish(durationMs),
      pins: [],
      events: this.#events,
    };
    return complete(picture, this.#end ? undefined : soFar?.heard);
  }

  // ---- voices -------------------------------------------------------------------------------------------------------

  #endCallerVoice(atMs: number): void {
    if (this.#callerSince !== undefined) this.#callerVoice.push({ fromMs: this.#callerSince, toMs: atMs });
    this.#callerSince = undefined;
  }

  #endAgentVoice(atMs: number): void {
    this.#endHold(atMs);
    if (this.#agentSince !== undefined) this.#agentVoice.push({ fromMs: this.#agentSince, toMs: atMs });
    this.#agentSince = undefined;
  }

  #endHold(atMs: number): void {
    if (this.#heldSince !== undefined && atMs > this.#heldSince)
      this.#holds.push({ fromMs: this.#heldSince, toMs: atMs });
    this.#heldSince = undefined;
  }

  #startCall(event: EventOf<'call-start'>): void {
    this.#start = event;
    this.#scene.agent = event.agent;
  }

  // ---- turns and steps ----------------------------------------------------------------------------------------------

  get #scene(): Scene {
    return this.#scenes.at(-1) as Scene; // there is one from the beginning
  }

  #sceneOf(turn: number): Scene {
    return this.#scenes.findLast((scene) => scene.kind === 'turn' && scene.turn === turn) ?? this.#scene;
  }

  #beginTurn({ turn, text, atMs }: EventOf<'turn-start'>): void {
    this.#setAside(text);
    this.#beginScene(newScene('turn', turn, `turn-${turn}`, atMs, text));
    for (const event of this.#askedForNothing.splice(0)) this.#tellAhead(event);
  }

  #beginScene(scene: Scene): void {
    this.#scenes.push({ ...scene, agent: this.#spans.agent, tasks: this.#openTasks.map(({ task }) => task) });
  }

  #beginStep({ turn, step, messages, atMs }: EventOf<'step-start'>): void {
    const firstTokenAtMs = undefined;
    const begun: Step = {
      number: step,
      fromMs: atMs,
      end: undefined,
      toMs: atMs,
      queueMs: 0,
      firstTokenAtMs,
      messages,
    };
    this.#sceneOf(turn).steps.push(begun);
  }

  /** Kept, it is the first step of the turn that has just begun. */
  #endAhead(event: EventOf<'ahead-end'>): void {
    const asked = this.#asksAhead.shift();
    if (event.outcome !== 'kept') return void this.#askedForNothing.push(event);
    if (asked) this.#beginStep(asked);
    this.#tellAhead(event);
  }

  #tellAhead({ atMs, outcome, aheadMs }: EventOf<'ahead-end'>): void {
    this.#tell(atMs, { type: 'asked-ahead', outcome, aheadMs });
  }

  #stepOf(turn: number, step: number | undefined): Step | undefined {
    return this.#sceneOf(turn).steps.findLast(({ number }) => number === step);
  }

  #endStep(event: EventOf<'step-end'>): void {
    const step = this.#stepOf(event.turn, event.step);
    if (!step) return;
    const { queueMs, firstTokenMs, atMs } = event;
    const firstAtMs = firstTokenMs === undefined ? step.firstTokenAtMs : step.fromMs + queueMs + firstTokenMs;
    const firstTokenAtMs = firstAtMs === undefined ? undefined : Math.min(firstAtMs, atMs);
    Object.assign(step, { end: event, toMs: atMs, queueMs: Math.min(queueMs, atMs - step.fromMs), firstTokenAtMs });
    if (event.textKind === 'filler') this.#becomeFiller(event.turn, event.step);
  }

  /** Known only now: what the model said before it called a tool was a filler, or, where all that is called ends the call, a goodbye. */
  #becomeFiller(turn: number, step: number): void {
    const { tools } = this.#sceneOf(turn);
    const called = tools.filter((tool) => tool.step === step);
    if (called.length > 0 && called.every(({ effect }) => effect === 'terminal')) return;
    for (const phrase of this.#sceneOf(turn).phrases) {
      if (phrase.step === step && phrase.kind === 'answer') phrase.kind = 'filler';
    }
  }

  // ---- words --------------------------------------------------------------------------------------------------------

  #addText(event: EventOf<'text-delta'>): void {
    const step = event.step || undefined; // older logs say 0 for none
    if (step === undefined && this.#scene.end) this.#beginBetween(event);
    const scene = step === undefined ? this.#scene : this.#sceneOf(event.turn);
    const { atMs, kind, delta } = event;
    const isModel = kind === 'answer' || kind === 'filler';
    const isStep = isModel && step !== undefined;
    if (isStep) (this.#stepOf(event.turn, step) ?? { firstTokenAtMs: 0 }).firstTokenAtMs ??= atMs;
    const last = scene.phrases.at(-1);
    if (isModel && last && last.kind === kind && last.step === step) {
      last.text += delta;
      last.toMs = atMs;
      return;
    }
    const agent = this.#spans.agent;
    const phrase: Phrase = {
      kind,
      agent,
      step,
      text: delta,
      fromMs: atMs,
      toMs: atMs,
      heardFromMs: undefined,
      heard: 0,
    };
    scene.phrases.push(phrase);
  }

  /** It was no answer: what the caller has heard of it stays. */
  #takeBack({ turn, step, heard }: EventOf<'text-taken-back'>): void {
    const scene = this.#sceneOf(turn);
    const isOf = (phrase: Phrase) => phrase.step === step && (phrase.kind === 'answer' || phrase.kind === 'filler');
    const last = scene.phrases.findLast(isOf);
    scene.phrases = scene.phrases.filter((phrase) => !isOf(phrase));
    if (last && heard !== '') scene.phrases.push({ ...last, text: heard });
  }

  #beginBetween({ turn, atMs }: EventOf<'text-delta'>): void {
    this.#beginScene(newScene('between', turn, `after-${turn}`, atMs, ''));
  }

  /** What was understood and is not in the turn's text. */
  #setAside(text: string): void {
    const turn = lettersOf(text);
    const before = lettersOf(this.#scene.callerText); // a final that came after its turn was decided
    for (const final of this.#finals) {
      const letters = lettersOf(final.text);
      if (turn.includes(letters) || before.includes(letters)) continue;
      this.#tell(final.atMs, { type: 'aside', text: final.text.trim() });
    }
    this.#finals = [];
  }

  // ---- tools and the rest -------------------------------------------------------------------------------------------

  #beginTool(event: EventOf<'tool-start'>): void {
    const { id, name, turn, step, effect, atMs } = event;
    const begun = { id, name, turn, step, effect, arguments: event.arguments, fromMs: atMs };
    const tool: ToolRun = { ...begun, end: undefined, task: undefined };
    this.#tools.push(tool);
    this.#sceneOf(turn).tools.push(tool);
    this.#becomeFiller(turn, event.step);
  }

  #endTool(event: EventOf<'tool-end'>): void {
    const tool = this.#tools.findLast(({ id, end }) => id === event.id && !end);
    if (!tool) return;
    tool.end = event;
    if (event.isLate && !tool.task) this.#tell(event.atMs, { type: 'late-result', tool });
  }

  #beginTask({ id, name, turn, atMs }: EventOf<'task-start'>): void {
    const tool = this.#tools.findLast((one) => one.id === id);
    const scene = this.#sceneOf(turn);
    const depth = this.#openTasks.length;
    const begun = { name, depth, fromMs: atMs, tool };
    const task: TaskRun = { ...begun, end: undefined, firstScene: scene.id, lastScene: undefined };
    if (tool) tool.task = task;
    this.#tasks.push(task);
    this.#openTasks.push({ id, task });
    scene.tasks.push(task);
  }

  #endTask(event: EventOf<'task-end'>): void {
    const index = this.#openTasks.findLastIndex(({ id }) => id === event.id);
    const [ended] = index < 0 ? [] : this.#openTasks.splice(index, 1);
    if (!ended) return;
    Object.assign(ended.task, { end: event, lastScene: this.#scene.id });
    this.#tell(event.atMs, { type: 'task-over', task: ended.task });
  }

  #press({ digit, atMs }: EventOf<'digit'>): void {
    const last = this.#scene.moments.at(-1);
    if (last?.type === 'keys' && atMs - last.untilMs < KEYS_PAUSE_MS) {
      last.keys += digit;
      last.untilMs = atMs;
    } else this.#tell(atMs, { type: 'keys', keys: digit, untilMs: atMs });
  }

  #tell(atMs: number, body: MomentBody): void {
    this.#scene.moments.push({ ...body, atMs });
  }
}

/** What can only be known when all is known. */
function complete(picture: Picture, heardSoFar: string | undefined): Picture {
  placePhrases(picture, heardSoFar);
  for (const [index, scene] of picture.scenes.entries()) completeScene(picture, scene, picture.scenes[index + 1]);
  return picture;
}

function newScene(kind: Scene['kind'], turn: number, id: string, startMs: number, callerText: string): Scene {
  return {
    kind,
    turn,
    id,
    agent: '',
    window: { fromMs: startMs, toMs: startMs },
    startMs,
    zeroMs: startMs,
    callerText,
    steps: [],
    tools: [],
    tasks: [],
    phrases: [],
    moments: [],
    end: undefined,
    silences: [],
    waitMs: undefined,
  };
}

const isEmpty = ({ phrases, moments }: Scene): boolean => phrases.length === 0 && moments.length === 0;

/** To tell whether two texts are the same words, whatever their case and punctuation. */
const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');
