/**
 * A simulated jambonz, where it hears and speaks: the caller is that of every line of text, and what they and the worker tell
 * each other is put into jambonz's words. Its buffer takes everything; what is not acknowledged in time ends the call.
 */
import type { OpenSocket, SocketData } from '../../lib/open-socket.ts';
import { controlEvents, readControlCommand } from '../../bridge/jambonz/control/wire.ts';
import { bufferOf } from '../../lib/open-socket.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { basic, newSid, openSocket } from '../phone/connect.ts';
import type { PlaceAudioOptions } from '../phone/place.ts';
import { RelayCaller, type DialRelayOptions } from '../twilio/relay.ts';

export interface PlaceTextOptions extends Omit<PlaceAudioOptions, 'media' | 'document'> {
  relay?: Partial<DialRelayOptions>;
}

/** Opens the socket, as a call that rings does. @throws {ProviderError} `connect-failed` or `unauthorized` */
export async function placeJambonzText(options: PlaceTextOptions): Promise<{ type: 'relay'; caller: RelayCaller }> {
  const { reach = (url: string) => url, voiceUrl, authToken, relay, ...line } = options;
  const { callSid = newSid(''), clock = systemClock } = line;
  const dialled = { ...relay, ...line, callSid, dtmfDetection: true, url: reach(voiceUrl.replace(/^http/, 'ws')) };
  const open = (socket: OpenSocket) => new RelayCaller(new JambonzSocket(socket, clock), dialled);
  return { type: 'relay', caller: await openSocket(dialled, basic(authToken), open) };
}

/** As long as it waits for an acknowledgement. */
const ACK_MS = 5_000;

type MessageListener = (data: SocketData, isBinary: boolean) => void;
/** As `on` of a socket takes it, whatever the event. */
type Listener = (...told: never[]) => void;

/** A socket of jambonz's for somebody who speaks as ConversationRelay does. */
class JambonzSocket implements OpenSocket {
  readonly #socket: OpenSocket;
  readonly #clock: Clock;
  readonly #wrapped = new Map<MessageListener, MessageListener>();
  /** What was asked and not acknowledged, each with what ends its time. */
  readonly #asked = new Map<string, () => void>();
  #count = 0;

  constructor(socket: OpenSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.once('close', () => this.#asked.forEach((cancel) => cancel()));
  }

  get OPEN(): number {
    return this.#socket.OPEN;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** An event of the caller's. */
  send(data: string | Uint8Array): void {
    const event = parseJson(data.toString());
    const told = isRecord(event) ? this.#toJambonz(event) : undefined;
    if (told !== undefined) this.#socket.send(told);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState === this.OPEN) this.#socket.send(controlEvents.status('completed'));
    this.#socket.close(code, reason);
  }

  ping(): void {
    this.#socket.ping();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  on(event: string, listener: Listener): this {
    if (event === 'message') this.#socket.on('message', this.#wrap(listener as MessageListener));
    else this.#socket.on(event as 'close', listener as (code: number, reason: Buffer) => void);
    return this;
  }

  once(event: 'close', listener: (code: number, reason: Buffer) => void): this {
    this.#socket.once(event, listener);
    return this;
  }

  off(event: string, listener: Listener): this {
    if (event === 'message') this.#socket.off('message', this.#wrap(listener as MessageListener));
    else this.#socket.off(event as 'close', listener as (code: number, reason: Buffer) => void);
    return this;
  }

  #wrap(listener: MessageListener): MessageListener {
    const known = this.#wrapped.get(listener);
    if (known) return known;
    const wrapped: MessageListener = (data) => {
      const told = this.#toRelay(bufferOf(data).toString());
      if (told !== undefined) listener(Buffer.from(told), false);
    };
    this.#wrapped.set(listener, wrapped);
    return wrapped;
  }

  /** Of the caller; what jambonz has no word for is not told. */
  #toJambonz(event: Record<string, unknown>): string | undefined {
    const text = (name: string): string => (typeof event[name] === 'string' ? event[name] : '');
    switch (event['type']) {
      case 'setup': {
        const [from, to, callSid] = [text('from'), text('to'), text('callSid')];
        const parameters = isRecord(event['customParameters']) ? event['customParameters'] : {};
        return controlEvents.start({ msgid: this.#ask(), callSid, from, to, parameters });
      }
      case 'prompt':
        return event['last'] === true ? controlEvents.heard(this.#ask(), text('voicePrompt')) : undefined;
      case 'dtmf':
        return controlEvents.digits(this.#ask(), text('digit'));
      case 'interrupt':
        return controlEvents.stream('user_interruption');
      default:
        return undefined;
    }
  }

  #ask(): string {
    const msgid = `m${++this.#count}`;
    this.#asked.set(
      msgid,
      this.#clock.after(ACK_MS, () => this.#socket.terminate()),
    );
    return msgid;
  }

  /** Of the worker. What is not understood is handed on as it is: then the caller counts it. */
  #toRelay(text: string): string | undefined {
    let command;
    try {
      command = readControlCommand(text);
    } catch {
      return text;
    }
    switch (command.type) {
      case 'ack':
        this.#asked.get(command.msgid)?.();
        return this.#asked.delete(command.msgid) ? undefined : text;
      case 'tokens':
        this.#socket.send(controlEvents.tokensResult(command.id));
        return JSON.stringify({ type: 'text', token: command.tokens, last: false });
      case 'flush':
        return '{"type":"text","token":"","last":true}';
      case 'clear':
        return undefined; // it was cleared when the caller cut in
      case 'hang-up':
        return '{"type":"end"}';
      case 'redirect':
        return JSON.stringify({ type: 'end', handoffData: JSON.stringify(command.verbs) });
      case 'digit':
        return JSON.stringify({ type: 'sendDigits', digits: command.digit });
    }
  }
}
