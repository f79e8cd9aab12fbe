/**
 * The model's end of a call: what the machine asks for goes out as a request, and what streams back becomes its events.
 * Of the text, only what is meant for the caller's ears, and no more of it than anybody listens to.
 */
import type { CallIds } from '../lib/call-id.ts';
import type { Successor } from '../lib/succession.ts';
import { limitSpeech, LONGEST_SPEECH } from '../lib/speech-length.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { LanguageModel, Message, ModelEvent, ModelStep, StepEnd, StepRequest } from '../model/contract.ts';
import { SpokenText } from '../model/spoken-text.ts';
import type { SensitiveField, Toolbox } from '../tool/contract.ts';
import type { ScriptedAnswer, TaskScript } from '../tool/task.ts';
import type { StepFacts, TurnEffect, TurnEvent } from '../turn/contract.ts';
import type { Agent } from './agent.ts';

type RequestStep = Extract<TurnEffect, { type: 'request-step' }>;

export interface ModelStepsOptions {
  agent: Agent;
  model: LanguageModel;
  ids: CallIds;
  feed: (event: TurnEvent) => void;
  /** Of a list of models: told who is asked, each time that one is. */
  asks: (who: Successor) => void;
  /** What the caller is about to say to that which answers in the model's place. */
  expect: (answer: ExpectedAnswer) => void;
  /** For what answers in the model's place: a list of messages as it was said. */
  revealed: (messages: readonly Message[]) => readonly Message[];
}

/** What has come of the step that runs. */
interface Answer {
  readonly generation: number;
  readonly text: SpokenText;
  /** What it comes from. */
  step: ModelStep | undefined;
  /** Characters that were said. */
  length: number;
  /** Said before it turned out to be thoughts. */
  isTakenBack: boolean;
}

/**
 * Models, by the names that they are asked by, whose answers have turned out to begin with thoughts that only a closing
 * tag tells from the answer: from then on such an answer is not said before that tag.
 */
const thinkers = new WeakMap<LanguageModel, Set<string>>();

/** What all requests of an agent have in common. */
type Always = Required<
  Pick<StepRequest, 'toolsJson' | 'requiresArguments' | 'isTool' | 'options' | 'deadlineMs' | 'asks'>
>;

function alwaysOf({ agent: { toolbox, model, machine }, asks }: ModelStepsOptions): Always {
  return {
    toolsJson: toolbox.toolsJson,
    requiresArguments: (name) => toolbox.requiresArguments(name),
    isTool: (name) => toolbox.has(name),
    options: model,
    deadlineMs: machine.turn.giveUpMs,
    asks,
  };
}

/** R28: who answers: the tools that may be called, and what answers in the model's place where it can. */
export interface Answering {
  toolbox: Toolbox;
  script: TaskScript | undefined;
}

/** At most one step at a time. */
export class ModelSteps {
  readonly #options: ModelStepsOptions;
  #always: Always;
  #toolbox: Toolbox;
  /** Until it has ended: a connection's whole answer is held by its step, and callers are silent for most of a call. */
  #current: Answer | undefined;
  #script: TaskScript | undefined;

  constructor(options: ModelStepsOptions) {
    this.#options = { ...options };
    this.#toolbox = options.agent.toolbox;
    this.#always = alwaysOf(options);
  }

  /** R27: who asks from here on, and whom. No step runs. */
  use(agent: Agent, model: LanguageModel): void {
    Object.assign(this.#options, { agent, model });
    this.#toolbox = agent.toolbox;
    this.#always = alwaysOf(this.#options);
  }

  /** R28: a task has the caller, or the agent has them back. No step runs. */
  letAnswer({ toolbox, script }: Answering): void {
    this.#always = alwaysOf({ ...this.#options, agent: { ...this.#options.agent, toolbox } });
    this.#toolbox = toolbox;
    this.#script = script;
  }

  /** Of a tool that may be called now: what is sensitive in its input. */
  sensitiveFields(tool: string): readonly SensitiveField[] {
    return this.#toolbox.sensitiveFields(tool);
  }

  /** Sends the request before it returns. */
  request(effect: RequestStep): void {
    const scripted = this.#script?.(this.#options.revealed(effect.messages));
    if (scripted && scripted.type !== 'pass') return this.#answer(scripted, effect.generation);
    const text = new SpokenText({ beginsInThought: this.#isThinker });
    const answer: Answer = { generation: effect.generation, text, step: undefined, length: 0, isTakenBack: false };
    this.#current = answer;
    answer.step = this.#options.model.startStep(this.#requestOf(effect), (event) => this.#hear(event, answer));
  }

  /** R28: in the model's place, in no time. */
  #answer(answer: Exclude<ScriptedAnswer, { type: 'pass' }>, generation: number): void {
    const { feed, expect } = this.#options;
    if (answer.type === 'say' && answer.expects !== undefined) expect(answer.expects);
    if (answer.type === 'say') feed({ type: 'text-delta', generation, delta: answer.text });
    else {
      const call = { id: `task-${generation}`, name: answer.name, arguments: JSON.stringify(answer.arguments) };
      feed({ type: 'tool-call-start', generation });
      feed({ type: 'tool-call', generation, call });
    }
    const finishReason = answer.type === 'say' ? 'stop' : 'tool_calls';
    feed({ type: 'step-end', generation, finishReason, isTruncated: false, facts: { ...NO_FACTS, firstTokenMs: 0 } });
  }

  /** Lets go of the step that runs, if one does; nothing of it comes after that. */
  abort(): void {
    this.#current?.step?.abort();
    this.#current = undefined;
  }

  #requestOf({ messages, toolChoice, priority, turn, step }: RequestStep): StepRequest {
    const { callId, carrierCallId } = this.#options.ids;
    const { toolsJson, requiresArguments, isTool, options, deadlineMs, asks } = this.#always; // a spread costs 9 us here
    const context = { callId, carrierCallId, turn, step };
    return { messages, toolsJson, requiresArguments, isTool, toolChoice, options, priority, deadlineMs, asks, context };
  }

  #hear(event: ModelEvent, answer: Answer): void {
    const { feed } = this.#options;
    const { generation, text } = answer;
    switch (event.type) {
      case 'text-delta':
        return this.#say(text.push(event.delta), answer);
      case 'tool-call-start':
        this.#say(text.callStarts(), answer);
        return feed({ type: 'tool-call-start', generation });
      case 'tool-call':
        return feed({ type: 'tool-call', generation, call: event.call });
      case 'tool-call-failed':
        return feed({ type: 'tool-call-failed', generation, call: event.call, message: event.message });
      case 'answer-extra':
        return feed({ ...event, generation });
      case 'step-end': {
        const { finishReason, isTruncated } = event.end;
        this.#letGo(answer);
        this.#endText(finishReason !== 'length' && !isTruncated, answer);
        return feed({ type: 'step-end', generation, finishReason, isTruncated, facts: factsOf(event.end) });
      }
      case 'step-failed': {
        const { code, message } = event.error;
        this.#letGo(answer);
        this.#endText(false, answer);
        const fits = event.fits === undefined ? {} : { fits: event.fits };
        return feed({ type: 'step-failed', generation, code, message, facts: factsOf(event.end), ...fits });
      }
    }
  }

  /** Its step has ended. */
  #letGo(answer: Answer): void {
    if (this.#current === answer) this.#current = undefined;
  }

  /** Nothing is fed for what is no text to the ear; the rest in this tick (R1). */
  #say(words: string, answer: Answer): void {
    if (answer.text.wasThought && !answer.isTakenBack) this.#takeBack(answer);
    if (words === '') return;
    const { generation } = answer;
    const room = LONGEST_SPEECH - answer.length;
    answer.length += words.length;
    if (words.length <= room) return this.#options.feed({ type: 'text-delta', generation, delta: words });
    this.#cutShort(limitSpeech(words, room), answer);
  }

  /** The answer is longer than anybody listens to: it ends as one does that reaches the model's limit. */
  #cutShort(words: string, { generation }: Answer): void {
    const { feed } = this.#options;
    this.abort();
    if (words !== '') feed({ type: 'text-delta', generation, delta: words });
    feed({ type: 'step-end', generation, finishReason: 'length', isTruncated: false, facts: NO_FACTS });
  }

  #takeBack(answer: Answer): void {
    answer.isTakenBack = true;
    answer.length = 0;
    this.#remember(true);
    this.#options.feed({ type: 'text-taken-back', generation: answer.generation });
  }

  #endText(isWhole: boolean, answer: Answer): void {
    if (isWhole && answer.text.isUnclosed) this.#remember(false); // it has answered at once
    this.#say(answer.text.end(isWhole), answer);
  }

  get #isThinker(): boolean {
    const { model, agent } = this.#options;
    return thinkers.get(model)?.has(agent.model.model ?? '') ?? false;
  }

  #remember(isThinker: boolean): void {
    const { model, agent } = this.#options;
    const names = thinkers.get(model) ?? new Set();
    thinkers.set(model, names);
    if (isThinker) names.add(agent.model.model ?? '');
    else names.delete(agent.model.model ?? '');
  }
}

const NO_FACTS: StepFacts = {
  usage: undefined,
  requestId: undefined,
  firstTokenMs: undefined,
  queueMs: 0,
  attempts: 1,
};

function factsOf({ usage, requestId, firstTokenMs, queueMs, attempts }: StepEnd): StepFacts {
  const rounded = firstTokenMs === undefined ? undefined : Math.round(firstTokenMs);
  return { usage, requestId, firstTokenMs: rounded, queueMs: Math.round(queueMs), attempts };
}
