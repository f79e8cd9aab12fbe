/** What a page that talks to an agent is told, and what it asks for: plain data, for the worker and for the page. */
import type { CallEvent } from '../../call/events.ts';
import type { Message } from '../../model/contract.ts';

/** One at a time, in order; each has a number, by which a page that was away goes on. */
export type TalkMessage =
  | ({ type: 'agent' } & TalkAgent)
  | { type: 'event'; event: CallEvent }
  /** All that was heard of the agent since the turn began, or since it ended. */
  | { type: 'heard'; callId: string; text: string }
  /** The history as the model would be told it now: `messages` from the one at `from` on, in place of all that were there. */
  | { type: 'history'; callId: string; from: number; messages: readonly Message[] }
  /** The call is on disk: addresses of this worker. `audio`: there is sound. */
  | { type: 'recording'; callId: string; page: string; audio: string | undefined }
  /** A tool threw, or gave back what nobody can read: for its author. */
  | { type: 'tool-fault'; callId: string; text: string };

export interface TalkAgent {
  name: string;
  /** As whoever started it wrote it. */
  file: string;
  /** How many there were, since its files changed. */
  version: number;
  faults: readonly TalkFault[];
}

/** What is wrong with the agent's files, so that the last good one is still there. */
export interface TalkFault {
  /** As a person would write it. */
  file: string;
  line: number | undefined;
  message: string;
}

/** What a page finds in itself when it is loaded. */
export interface TalkStart {
  /** Who thinks, hears and speaks over the line of sound: the services, or stand-ins that understand tones and speak in them. */
  services: 'real' | 'simulated';
  /** Who asked for stand-ins hears them; who only has no key is better off with the browser's own speech. */
  prefersSound: boolean;
  /** Of what is listened to: `en`. */
  language: string;
}

/** A call that may be made now: what the line is opened with. */
export interface TalkTicket {
  url: string;
  token: string;
  /** By which its events tell it from others. */
  carrierCallId: string;
}
