/** One call of this page, by whichever way one talks; and the one that the tab had when it was loaded again. */
import { connect, resume, type Call } from '../../web/index.ts';
import type { TalkTicket } from '../messages.ts';
import { BrowserEar, hasBrowserEar } from './browser-ear.ts';
import { BrowserVoice } from './browser-voice.ts';
import { isEcho } from './echo.ts';
import type { Way } from './ways.ts';

export interface SessionListener {
  open(): void;
  ended(reason: string): void;
  levels(caller: number, agent: number): void;
  /** A sentence for who talks. */
  notice(text: string): void;
}

/** What of a call the tab keeps, beside what the client itself keeps of its line. */
interface Kept {
  way: Way;
  carrierCallId: string;
}

/** Under which names the tab keeps both. */
const KEPT_AS = 'parley-talk';
const LINE = { keepAs: 'parley-talk-line', workletUrl: '/talk/worklet.js' };

/** The call that this tab had, which goes on; undefined when there was none. */
export function goOn(language: string, listener: SessionListener): Session | undefined {
  const kept = takeKept();
  const call = resume(LINE);
  if (!call) return undefined;
  if (!kept) return void call.hangUp();
  return new Session({ ...kept, call, isBack: true }, language, listener);
}

/** A new one. */
export function begin(ticket: TalkTicket, way: Way, language: string, listener: SessionListener): Session {
  const url = new URL(ticket.url, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const call = connect({ ...LINE, url: url.href, token: ticket.token, kind: way === 'sound' ? 'audio' : 'text' });
  return new Session({ call, way, carrierCallId: ticket.carrierCallId, isBack: false }, language, listener);
}

export class Session {
  readonly way: Way;
  /** By which its events tell it from others. */
  readonly carrierCallId: string;
  readonly #call: Call;
  readonly #voice: BrowserVoice | undefined;
  readonly #ear: BrowserEar | undefined;
  readonly #listener: SessionListener;
  /** Typed before there was a line. */
  readonly #waiting: string[] = [];
  #isMuted = false;

  constructor(
    { call, way, carrierCallId, isBack }: Kept & { call: Call; isBack: boolean },
    language: string,
    listener: SessionListener,
  ) {
    this.way = way;
    this.carrierCallId = carrierCallId;
    this.#call = call;
    this.#listener = listener;
    this.#voice = way === 'speech' ? this.#openVoice(language) : undefined;
    this.#ear = way === 'speech' && hasBrowserEar() ? this.#openEar(language) : undefined;
    this.#listen(isBack);
    keep({ way, carrierCallId });
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  /** It has a microphone, by one way or the other. */
  get hasMicrophone(): boolean {
    return this.way === 'sound' || this.#ear !== undefined;
  }

  type(text: string): void {
    if (this.#call.state !== 'open') return void this.#waiting.push(text);
    this.#cutIn();
    this.#call.type(text);
  }

  press(digit: string): void {
    this.#cutIn();
    this.#call.press(digit);
  }

  mute(isMuted: boolean): void {
    this.#isMuted = isMuted;
    if (this.#ear) this.#ear.mute(isMuted);
    else this.#call.mute(isMuted);
  }

  hangUp(): void {
    this.#call.hangUp();
  }

  // ---- the line -----------------------------------------------------------------------------------------------------

  #listen(isBack: boolean): void {
    const call = this.#call;
    call.on('state', (state) => {
      if (state !== 'open') return;
      this.#listener.open();
      if (isBack && this.way !== 'sound') call.speaking('agent', false); // what it was saying went with the page
      for (const text of this.#waiting.splice(0)) call.type(text);
    });
    call.on('say', ({ text, isLast }) => this.#say(text, isLast));
    call.on('levels', ({ microphone, agent }) => this.#listener.levels(microphone, agent));
    call.on('notice', ({ text }) => this.#listener.notice(text));
    call.on('ended', ({ reason }) => {
      sessionStorage.removeItem(KEPT_AS);
      this.#voice?.stop();
      this.#ear?.close();
      this.#listener.ended(reason);
    });
  }

  /** Of a line of text: spoken or, by letters, read as it is shown. */
  #say(text: string, isLast: boolean): void {
    if (this.#voice) return this.#voice.say(text, isLast);
    this.#call.speaking('agent', true);
    if (text !== '') this.#call.spoken(text);
    if (isLast) this.#call.speaking('agent', false);
  }

  /** On a line of sound the worker does it. */
  #cutIn(): void {
    if (this.#voice?.isSpeaking) this.#call.interrupt(this.#voice.stop());
  }

  // ---- the browser's speech -----------------------------------------------------------------------------------------

  #openVoice(language: string): BrowserVoice {
    return new BrowserVoice(language, {
      spoken: (text) => this.#call.spoken(text),
      speaking: (isSpeaking) => this.#call.speaking('agent', isSpeaking),
      failed: () => this.#listener.notice('This browser does not speak. Read what is shown.'),
    });
  }

  #openEar(language: string): BrowserEar {
    return new BrowserEar(language, {
      understood: (text, isFinal) => this.#understand(text, isFinal),
      speaking: (isSpeaking) => this.#call.speaking('caller', isSpeaking),
      failed: (sentence) => this.#listener.notice(sentence),
    });
  }

  #understand(text: string, isFinal: boolean): void {
    if (text === '' || (this.#voice?.isSpeaking && isEcho(text, this.#voice.recent))) return;
    this.#cutIn();
    this.#call.prompt(text, isFinal);
  }
}

function keep(kept: Kept): void {
  sessionStorage.setItem(KEPT_AS, JSON.stringify(kept));
}

function takeKept(): Kept | undefined {
  const text = sessionStorage.getItem(KEPT_AS);
  sessionStorage.removeItem(KEPT_AS);
  return text === null ? undefined : (JSON.parse(text) as Kept);
}
