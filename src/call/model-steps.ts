/** The model's end of a call: what the machine asks for goes out as a request, and what streams back becomes its events. */
import type { LanguageModel, ModelEvent, ModelStep, StepEnd, StepRequest } from '../model/contract.ts';
import type { StepFacts, TurnEffect, TurnEvent } from '../turn/contract.ts';
import type { Agent } from './agent.ts';

type RequestStep = Extract<TurnEffect, { type: 'request-step' }>;

export interface ModelStepsOptions {
  agent: Agent;
  model: LanguageModel;
  callId: string;
  feed: (event: TurnEvent) => void;
}

/** At most one step at a time. */
export class ModelSteps {
  readonly #options: ModelStepsOptions;
  #step: ModelStep | undefined;

  constructor(options: ModelStepsOptions) {
    this.#options = options;
  }

  /** Sends the request before it returns. */
  request(effect: RequestStep): void {
    const { generation } = effect;
    this.#step = this.#options.model.startStep(this.#requestOf(effect), (event) => this.#hear(event, generation));
  }

  /** Lets go of the step that runs, if one does; nothing of it comes after that. */
  abort(): void {
    this.#step?.abort();
    this.#step = undefined;
  }

  #requestOf({ messages, toolChoice, priority, turn, step }: RequestStep): StepRequest {
    const { agent, callId } = this.#options;
    return {
      messages,
      toolsJson: agent.toolbox.toolsJson,
      requiresArguments: (name) => agent.toolbox.requiresArguments(name),
      isTool: (name) => agent.toolbox.has(name),
      ...(toolChoice === 'none' ? { toolChoice } : {}),
      options: agent.model,
      priority,
      deadlineMs: agent.machine.turn.giveUpMs,
      context: { callId, turn, step },
    };
  }

  #hear(event: ModelEvent, generation: number): void {
    const { feed } = this.#options;
    switch (event.type) {
      case 'text-delta':
        return feed({ type: 'text-delta', generation, delta: event.delta });
      case 'tool-call-start':
        return feed({ type: 'tool-call-start', generation });
      case 'tool-call':
        return feed({ type: 'tool-call', generation, call: event.call });
      case 'tool-call-failed':
        return feed({ type: 'tool-call-failed', generation, call: event.call, message: event.message });
      case 'answer-extra':
        return feed({ ...event, generation });
      case 'step-end': {
        const { finishReason, isTruncated } = event.end;
        return feed({ type: 'step-end', generation, finishReason, isTruncated, facts: factsOf(event.end) });
      }
      case 'step-failed': {
        const { code, message } = event.error;
        return feed({ type: 'step-failed', generation, code, message, facts: factsOf(event.end) });
      }
    }
  }
}

function factsOf({ usage, requestId, firstTokenMs, queueMs, attempts }: StepEnd): StepFacts {
  const rounded = firstTokenMs === undefined ? undefined : Math.round(firstTokenMs);
  return { usage, requestId, firstTokenMs: rounded, queueMs: Math.round(queueMs), attempts };
}
