/**
 * A call by jambonz's control socket: jambonz hears and speaks, and text goes both ways. Whatever it asks is acknowledged in
 * the tick in which it asks, so that a call never waits for the model. It does not tell what was heard.
 */
import type { OpenSocket } from '../../../lib/open-socket.ts';
import { isWorthALine } from '../../bad-frames.ts';
import type { CallerFacts, LineCapabilities, TextLine, TextLineEvent, TransferOptions } from '../../contract.ts';
import type { Admission } from '../../door.ts';
import { notAdmitted, readCaller } from '../../json/facts.ts';
import { LineRequests, type InbandKeys } from '../../line-requests.ts';
import { SocketLine, type LineOptions } from '../../socket-line.ts';
import { WebSocketTransport } from '../../web-socket.ts';
import { dialVerb } from '../wire.ts';
import { TokenFlow } from './token-flow.ts';
import {
  ack,
  COMMANDS,
  JAMBONZ_CONTROL,
  readControlEvent,
  TALK,
  type ControlEvent,
  type ControlStart,
} from './wire.ts';

export interface ControlOptions extends LineOptions {
  /** Default: everybody is. */
  admit?: Admission;
}

const NAME = JAMBONZ_CONTROL;
const KEYS: InbandKeys = { each: 'one', write: COMMANDS.digit };

/**
 * Takes over an accepted socket and is done when jambonz has said whose session it is.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptControl(socket: OpenSocket, options: ControlOptions = {}): Promise<TextLine> {
  const call = new ControlSession(socket, options);
  await call.started;
  return call;
}

class ControlSession implements TextLine {
  readonly kind = 'text';
  readonly name = NAME;
  readonly capabilities: LineCapabilities = { dtmfOut: 'inband', transfer: 'inband', transferHeaders: true };
  readonly #line: SocketLine<ControlEvent, TextLineEvent>;
  readonly #requests: LineRequests;
  readonly #flow: TokenFlow;
  readonly #options: ControlOptions;
  #caller: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  /** Text was sent whose `isLast` was not. */
  #isTalkOpen = false;
  /** Text was sent, and nothing was cleared since. */
  #hasTalked = false;
  /** Messages of ours that jambonz did not understand. */
  #refusals = 0;

  constructor(socket: OpenSocket, options: ControlOptions) {
    this.#options = options;
    const handle = (event: ControlEvent): void => this.#handle(event);
    this.#line = new SocketLine(
      new WebSocketTransport(socket),
      { name: NAME, readText: readControlEvent, handle },
      options,
    );
    this.#requests = new LineRequests(this.#line, NAME, {
      hangUp: () => Promise.resolve(),
      transfer: async (_caller, to, how) => this.#line.send(COMMANDS.redirect([dialVerb(to, how)])),
    });
    this.#flow = new TokenFlow({
      send: (message) => this.#line.send(message),
      setFull: (isFull) => this.#line.peerFull(isFull),
      overflow: () => this.#line.peerLeft('socket-lost'),
      lost: (characters) => this.#line.log.warn({ characters }, 'text refused: it is not spoken'),
    });
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  listen(listener: (event: TextLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendText(text: string, isLast: boolean): void {
    if (!this.#line.isOpen) return;
    const wasOpen = this.#isTalkOpen;
    this.#isTalkOpen = !isLast && (wasOpen || text !== '');
    this.#hasTalked ||= text !== '';
    if (text !== '') this.#flow.say(text);
    if (isLast && (wasOpen || text !== '')) this.#flow.flush();
  }

  /** jambonz has thrown away what it had, or does now: it may have been given more since. */
  clear(): void {
    this.#flow.clear();
    if (this.#hasTalked) this.#line.send(COMMANDS.clear);
    this.#isTalkOpen = false;
    this.#hasTalked = false;
  }

  sendDigits(digits: string): Promise<void> {
    return this.#requests.sendDigits(this.#caller, digits, KEYS);
  }

  transfer(to: string, options?: TransferOptions): Promise<void> {
    return this.#requests.transfer(this.#caller, to, options);
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    if (what === 'call') this.#line.send(COMMANDS.hangUp);
    return this.#requests.hangUp(this.#caller, what);
  }

  #handle(event: ControlEvent): void {
    if (event.type === 'start') return this.#start(event);
    if ('msgid' in event) this.#line.send(ack(event.msgid));
    if (event.type === 'over') return this.#line.peerLeft('caller-hung-up');
    if (!this.#line.isStarted)
      return this.#line.countBadFrame(`${NAME}: Expected a session first, got \`${event.type}\``);
    switch (event.type) {
      case 'heard':
        return this.#line.tell({ type: 'prompt', text: event.text, isFinal: event.isFinal });
      case 'digits':
        for (const digit of event.digits) this.#line.tell({ type: 'digit', digit });
        return;
      case 'tokens':
        return this.#flow.result(event.id, event.result);
      case 'stream':
        return this.#stream(event.what);
      case 'error':
        if (isWorthALine(++this.#refusals)) this.#line.log.warn({ why: event.message }, 'message refused');
        return;
      case 'ask':
        return;
    }
  }

  #stream(what: 'paused' | 'resumed' | 'interrupted'): void {
    if (what === 'paused') return this.#flow.pause();
    if (what === 'resumed') return this.#flow.resume();
    this.#flow.clear();
    this.#line.tell({ type: 'interrupt', heard: undefined });
  }

  /** One that goes on is taken as it comes first on a socket, and else acknowledged: nothing changes. */
  #start(start: ControlStart): void {
    if (this.#line.isStarted) {
      this.#line.send(ack(start.msgid));
      if (start.isNew) this.#line.countBadFrame(`${NAME}: Expected one session, got a second`);
      return;
    }
    this.#line.leftOut(start.leftOut);
    const { from, to } = start;
    const facts = readCaller({ callId: start.callSid, parameters: start.parameters }, { from, to });
    if (this.#options.admit && !this.#options.admit(facts)) return this.#line.refuse(notAdmitted(NAME));
    this.#caller = facts.caller;
    this.#line.send(ack(start.msgid, TALK));
    this.#line.start();
  }
}
