/**
 * A call of a web page over one WebSocket that it has opened. Of sound: samples both ways, and the page counts those that it
 * has played. Of text: the page hears and speaks by itself. Which of them, its `start` says.
 */
import { bytesOf, type AudioFormat } from '../../audio/contract.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import { VoiceError } from '../../lib/errors.ts';
import type {
  AudioCapabilities,
  AudioLine,
  BridgeCall,
  BridgeEvent,
  CallerFacts,
  LineCapabilities,
  LineNews,
  TextLine,
} from '../contract.ts';
import type { Admission } from '../door.ts';
import { notAdmitted } from '../json/facts.ts';
import { SocketLine, type LineOptions } from '../socket-line.ts';
import type { Transport } from '../transport.ts';
import { WebSocketTransport } from '../web-socket.ts';
import { ResumableTransport } from './resumable.ts';
import { SentAudio } from './sent-audio.ts';
import {
  NAME,
  readPageCommand,
  readPageEvent,
  writePageCommand,
  type PageCommand,
  type PageEvent,
  type PageReturn,
  type PageStart,
} from './wire.ts';

export interface WebLineOptions extends LineOptions {
  /** Who calls, as it was announced: a page itself is not believed. Default: nobody is known. */
  caller?: CallerFacts | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
  /** How a page that was cut off, or is loaded again, comes back. Default: it does not. */
  resume?: ResumeOptions | undefined;
}

export interface ResumeOptions {
  /** How long it may be away, in milliseconds. */
  keepMs: number;
  keep(line: ResumableLine): KeptLine;
}

/** A line is there under this key, which its page alone is told, until it is forgotten. */
export interface KeptLine {
  key: string;
  forget(): void;
}

/** A line that its page may come back to. */
export interface ResumableLine {
  /** The page is on this socket now. Done when it has said how far it is. @throws {VoiceError} as `acceptWeb` does. */
  resume(socket: OpenSocket): Promise<void>;
  readonly canResume: boolean;
}

/** Four times what a page sends at most: 16-bit samples at 48 kHz. */
const BYTES_PER_SECOND = 4 * 2 * 48_000;
/** A page is told what has come of its messages each time that so many have: once a second. */
const ACKNOWLEDGE_EVERY = 50;
/** A page that comes back may take so long to say how far it is, in milliseconds. */
const RETURN_TIMEOUT_MS = 5_000;
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
class Session implements ResumableLine {
  readonly line: SocketLine<PageEvent>;
  readonly #transport: ResumableTransport;
  readonly #options: WebLineOptions;
  readonly #audio = new SentAudio();
  #isAway = false;
  #isPlaying = true;
  #acknowledged = 0;
  readonly caller: CallerFacts;
  start: PageStart = { type: 'start', kind: 'audio', inRateHz: 0, outRateHz: 0 };
  readonly #admit: Admission;
  #hangUp: Promise<void> | undefined;

  constructor(socket: OpenSocket, given: WebLineOptions) {
    const { caller = NOBODY, admit = () => true, resume, ...options } = given;
    this.#options = given;
    this.caller = caller;
    this.#admit = admit;
    const protocol = {
      name: NAME,
      readText: readPageEvent,
      readBytes: (audio: Buffer): PageEvent => ({ type: 'audio', audio }),
      handle: (event: PageEvent): void => this.#handle(event),
    };
    this.#transport = new ResumableTransport(new WebSocketTransport(socket), {
      clock: options.clock ?? systemClock,
      keepMs: resume?.keepMs ?? 0,
      away: (isAway) => this.#setAway(isAway),
    });
    this.line = new SocketLine(this.#transport, protocol, { bytesPerSecond: BYTES_PER_SECOND, ...options });
  }

  send(command: PageCommand): void {
    this.line.send(writePageCommand(command));
  }

  sendAudio(audio: Uint8Array): void {
    if (this.#options.resume) this.#audio.add(audio);
    this.line.send(audio);
  }

  clear(): void {
    this.#audio.clear();
    this.send({ type: 'clear' });
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    if (what === 'call' && !this.#hangUp) this.send({ type: 'ended', reason: 'hung-up' });
    return (this.#hangUp ??= this.line.close('hung-up'));
  }

  #handle(event: PageEvent): void {
    if (event.type === 'start') return this.#begin(event);
    if (event.type === 'hangup') return this.line.peerLeft('caller-hung-up');
    this.#acknowledge();
    if (event.type === 'ack') return this.#transport.acknowledge(event.received);
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
    this.send({ type: 'started', ...this.#offerReturn() });
  }

  // ---- a page that comes back ---------------------------------------------------------------------------------------

  get canResume(): boolean {
    return this.#transport.canResume;
  }

  #offerReturn(): { resume?: string; resumeForMs?: number } {
    const { resume } = this.#options;
    if (!resume) return {};
    this.#transport.allowReturn();
    const kept = resume.keep(this);
    void this.line.gone.then(() => kept.forget());
    return { resume: kept.key, resumeForMs: resume.keepMs };
  }

  async resume(socket: OpenSocket): Promise<void> {
    const transport = new WebSocketTransport(socket);
    const { received, played } = await firstOf(transport, this.line.clock);
    if (!this.canResume)
      throw new VoiceError('closed', `${NAME}: Expected a line that is there, got one that has ended`);
    const hello = writePageCommand({ type: 'resumed', received: played === undefined ? this.#transport.received : 0 });
    const anew = played === undefined ? undefined : this.#whatIsLost(received, played);
    this.#acknowledged = 0;
    this.#transport.resume(transport, hello, { received, anew });
  }

  /** For a page that was loaded again: sound that it had and has not played, and texts that it never got. */
  #whatIsLost(received: number, played: number): (string | Uint8Array)[] {
    while (this.#audio.owedClears > 0) {
      this.#audio.cleared(played);
      this.line.tell({ type: 'cleared', samples: played });
    }
    this.#isPlaying = true;
    this.#transport.acknowledge(received);
    const texts = this.#transport.keptTexts.filter((text) => readPageCommand(text).type !== 'clear');
    return [...texts, ...this.#audio.rest(played)];
  }

  #setAway(isAway: boolean): void {
    this.#isAway = isAway;
    this.line.log.info(isAway ? 'the page is away: its line waits' : 'the page is back');
    this.#tellFull();
  }

  #tellFull(): void {
    this.line.peerFull(this.#isAway || !this.#isPlaying);
  }

  #acknowledge(): void {
    const { received } = this.#transport;
    if (!this.#options.resume || received - this.#acknowledged < ACKNOWLEDGE_EVERY) return;
    this.#acknowledged = received;
    this.send({ type: 'ack', received });
  }

  #ofAudio(event: PageEvent): BridgeEvent | undefined {
    switch (event.type) {
      case 'audio':
      case 'digit':
        return event;
      case 'played':
      case 'cleared':
        this.#audio[event.type](event.samples);
        return event;
      case 'text':
        return { type: 'prompt', text: event.text, isFinal: true };
      case 'output':
        this.#isPlaying = event.isRunning;
        this.#tellFull();
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
      for (let from = 0; from < audio.length; from += mostBytes)
        session.sendAudio(audio.subarray(from, from + mostBytes));
    },
    sendMark() {},
    clear: () => session.clear(),
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
    ...{ ...NOTHING, inFormat: formatOf(inRateHz), outFormat, clear: true, reports: 'samples', hearsItself: true },
    feed: { pacing: 'peer', leastBytes: 0, mostBytes: bytesOf(MOST_MS, outFormat), multipleOfBytes: 2, tail: 'as-is' },
  };
}

/** How far a page is that comes back. @throws {VoiceError} when it does not say so in time, the socket being closed then. */
function firstOf(transport: Transport, clock: Clock): Promise<PageReturn> {
  return new Promise((resolve, reject) => {
    const fail = (error: VoiceError) => {
      cancel();
      transport.destroy();
      reject(error);
    };
    const missing = () => new VoiceError('frame-invalid', `${NAME}: Expected \`resume\` first, got something else`);
    const cancel = clock.after(RETURN_TIMEOUT_MS, () => fail(missing()));
    const nothing = () => undefined;
    transport.open({
      text(data) {
        const event = readSafely(data.toString());
        if (event?.type !== 'resume') return fail(missing());
        cancel();
        resolve(event);
      },
      bytes: () => fail(missing()),
      closed: () => fail(new VoiceError('closed', `${NAME}: The socket closed before the page was back`)),
      ...{ piece: nothing, pinged: nothing, ponged: nothing, failed: nothing, ended: nothing },
    });
  });
}

function readSafely(text: string): PageEvent | undefined {
  try {
    return readPageEvent(text);
  } catch {
    return undefined;
  }
}
