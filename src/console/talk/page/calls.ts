/** The calls that this page is told of: their events so far, what is heard, and what the model would be told. */
import type { CallEvent } from '../../../call/events.ts';
import type { Message } from '../../../model/contract.ts';
import type { TalkMessage } from '../messages.ts';

export interface ToldCall {
  id: string;
  carrierCallId: string | undefined;
  /** Who has the caller. Undefined: nobody has said so yet. */
  agent: string | undefined;
  events: CallEvent[];
  /** Since the last turn began or ended. */
  heard: string;
  /** Another list, when it has changed. */
  history: readonly Message[];
  /** What this page's clock said when the call began, as near as it is known. */
  startedAtMs: number;
  isOver: boolean;
  recording: { page: string; audio: string | undefined } | undefined;
  toolFaults: string[];
}

type AboutCall = Exclude<TalkMessage, { type: 'agent' }>;

export class ToldCalls {
  readonly #calls = new Map<string, ToldCall>();

  get latest(): ToldCall | undefined {
    return [...this.#calls.values()].at(-1);
  }

  ofTicket(carrierCallId: string): ToldCall | undefined {
    return [...this.#calls.values()].find((call) => call.carrierCallId === carrierCallId);
  }

  /** Which call it is about, with what is known of it now. */
  take(message: AboutCall, nowMs: number): ToldCall {
    const id = message.type === 'event' ? message.event.callId : message.callId;
    const call = this.#calls.get(id) ?? newCall(id, nowMs);
    this.#calls.set(id, call);
    switch (message.type) {
      case 'event':
        takeEvent(call, message.event, nowMs);
        return call;
      case 'heard':
        call.heard = message.text;
        return call;
      case 'history':
        call.history = [...call.history.slice(0, message.from), ...message.messages];
        return call;
      case 'recording':
        call.recording = message;
        return call;
      case 'tool-fault':
        call.toolFaults.push(message.text);
        return call;
    }
  }
}

function newCall(id: string, startedAtMs: number): ToldCall {
  return {
    ...{ id, carrierCallId: undefined, agent: undefined, events: [], heard: '', history: [], startedAtMs },
    ...{ isOver: false, recording: undefined, toolFaults: [] },
  };
}

function takeEvent(call: ToldCall, event: CallEvent, nowMs: number): void {
  call.events.push(event);
  call.startedAtMs = Math.min(call.startedAtMs, nowMs - event.atMs); // what came late says too much
  if (event.type === 'call-start') {
    call.carrierCallId = event.carrierCallId;
    call.agent = event.agent;
  }
  if (event.type === 'agent-change') call.agent = event.to;
  if (event.type === 'turn-start' || event.type === 'turn-end') call.heard = '';
  if (event.type === 'call-end') call.isOver = true;
}
