/**
 * A call of a web page over one WebSocket that it has opened. Of sound: samples both ways, and the page counts those that it
 * has played. Of text: the page hears and speaks by itself. Which of them, its `start` says.
 */
import { bytesOf, type AudioFormat } from '../../audio/contract.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import { VoiceError } from '../../lib/errors.ts';
import type {
  Admission,
  AudioCapabilities,
  AudioLine,
  BridgeCall,
  BridgeEvent,
  CallerFacts,
  LineCapabilities,
  LineNews,
  TextLine,
} from '../contract.ts';
import { notAdmitted } from '../json/facts.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { NAME, readPageEvent, writePageCommand, type PageCommand, type PageEvent, type PageStart } from './wire.ts';

export interface WebLineOptions extends LineOptions {
  /** Who calls, as it was announced: a page itself is not believed. Default: nobody is known. */
  caller?: CallerFacts | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
}

/** Four times what a page sends at most: 16-bit samples at 48 kHz. */
const BYTES_PER_SECOND = 4 * 2 * 48_000;
/** The longest message of the agent's audio, in milliseconds. */
const MOST_MS = 1_000;
const NOBODY: CallerFacts = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
const NOTHING: LineCapabilities = { dtmfOut: 'none', transfer: 'none' };

/**
 * Takes over an accepted socket and is done when the page has said what its call is to carry.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptWeb(socket: OpenSocket, options: WebLineOptions = {}): Promise<BridgeCall> {
  const session = new Session(socket, options);
  await session.line.started;
  return session.start.kind === 'audio' ? audioLine(session) : textLine(session);
}

/** What lines of both kinds have in common. */
class Session {
  readonly line: SocketLine<PageEvent>;
  readonly caller: CallerFacts;
  start: PageStart = { type: 'start', kind: 'audio', inRateHz: 0, outRateHz: 0 };
  readonly #admit: Admission;
  #hangUp: Promise<void> | undefined;

  constructor(socket: OpenSocket, { caller = NOBODY, admit = () => true, ...options }: WebLineOptions) {
    this.caller = caller;
    this.#admit = admit;
    const protocol = {
      name: NAME,
      readText: readPageEvent,
      readBytes: (audio: Buffer): PageEvent => ({ type: 'audio', audio }),
      handle: (event: PageEvent): void => this.#handle(event),
    };
    this.line = new SocketLine(new WebSocketTransport(socket), protocol, {
      bytesPerSecond: BYTES_PER_SECOND,
      ...options,
    });
  }

  send(command: PageCommand): void {
    this.line.send(writePageCommand(command));
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    if (what === 'call' && !this.#hangUp) this.send({ type: 'ended', reason: 'hung-up' });
    return (this.#hangUp ??= this.line.close('hung-up'));
  }

  #handle(event: PageEvent): void {
    if (event.type === 'start') return this.#begin(event);
    if (event.type === 'hangup') return this.line.peerLeft('caller-hung-up');
    if (!this.line.isStarted)
      return this.line.countBadFrame(`${NAME}: Expected \`start\` first, got \`${event.type}\``);
    const told = this.start.kind === 'audio' ? this.#ofAudio(event) : this.#ofText(event);
    if (told) this.line.tell(told);
  }

  #begin(start: PageStart): void {
    if (this.line.isStarted) return this.line.countBadFrame(`${NAME}: Expected one \`start\`, got a second`);
    this.line.leftOut(start.leftOut);
    if (!this.#admit({ caller: this.caller, token: undefined })) return this.line.refuse(notAdmitted(NAME));
    this.start = start;
    this.line.start();
    this.send({ type: 'started' });
  }

  #ofAudio(event: PageEvent): BridgeEvent | undefined {
    switch (event.type) {
      case 'audio':
      case 'played':
      case 'cleared':
      case 'digit':
        return event;
      case 'text':
        return { type: 'prompt', text: event.text, isFinal: true };
      case 'output':
        this.line.peerFull(!event.isRunning);
        return undefined;
      case 'mute':
        this.line.log.debug({ isMuted: event.isMuted }, 'microphone');
        return undefined;
      default:
        this.line.countBadFrame(`${NAME}: Expected what a call of sound knows, got \`${event.type}\``);
        return undefined;
    }
  }

  #ofText(event: PageEvent): BridgeEvent | undefined {
    switch (event.type) {
      case 'prompt':
      case 'interrupt':
      case 'spoken':
      case 'speaking':
      case 'digit':
        return event;
      default:
        this.line.countBadFrame(`${NAME}: Expected what a call of text knows, got \`${event.type}\``);
        return undefined;
    }
  }
}

function audioLine(session: Session): AudioLine {
  const { line, start } = session;
  const capabilities = capabilitiesOf(start);
  const { mostBytes } = capabilities.feed;
  return {
    kind: 'audio',
    ...common(session),
    capabilities,
    listen: (listener) => line.listen(listener as (event: BridgeEvent) => void),
    sendAudio(audio) {
      for (let from = 0; from < audio.length; from += mostBytes) line.send(audio.subarray(from, from + mostBytes));
    },
    sendMark() {},
    clear: () => session.send({ type: 'clear' }),
  };
}

function textLine(session: Session): TextLine {
  const { line } = session;
  /** Text was sent that is not the last of its talk. */
  let isTalkOpen = false;
  return {
    kind: 'text',
    ...common(session),
    capabilities: NOTHING,
    listen: (listener) => line.listen(listener as (event: BridgeEvent) => void),
    sendText(text, isLast) {
      if (text === '' && !(isLast && isTalkOpen)) return;
      isTalkOpen = !isLast;
      session.send({ type: 'say', text, isLast });
    },
    clear() {
      isTalkOpen = false;
    },
  };
}

function common(session: Session) {
  return {
    name: NAME,
    caller: session.caller,
    sendDigits: async (): Promise<void> => cannot('a telephone line for digits'),
    transfer: async (): Promise<void> => cannot('a telephone line to hand over'),
    hangUp: (what?: 'call' | 'line') => session.hangUp(what),
    show: (news: LineNews) => session.send(news),
  };
}

function cannot(what: string): never {
  throw new VoiceError('request-invalid', `Expected ${what}, got that of a web page`);
}

function capabilitiesOf({ inRateHz, outRateHz }: PageStart): AudioCapabilities {
  const formatOf = (sampleRateHz: number): AudioFormat => ({ encoding: 'linear16', sampleRateHz });
  const outFormat = formatOf(outRateHz);
  return {
    ...{ ...NOTHING, inFormat: formatOf(inRateHz), outFormat, clear: true, reports: 'samples' },
    feed: { pacing: 'peer', leastBytes: 0, mostBytes: bytesOf(MOST_MS, outFormat), multipleOfBytes: 2, tail: 'as-is' },
  };
}
