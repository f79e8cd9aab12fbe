/**
 * A simulated web page with its server: asks for a token as the server does, and calls as the page does. It plays what it is
 * sent, and counts what has sounded. It says no origin, as whoever is no browser does.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import {
  readPageCommand,
  STANDARD_RATE_HZ,
  SUBPROTOCOL,
  TOKEN_PREFIX,
  writePageEvent,
  type PageCommand,
} from '../../bridge/web/wire.ts';
import { parseJson } from '../../lib/json.ts';
import type { PhoneCall, PhoneCommand, PhoneDialect, PhoneSpeech } from '../phone/dialect.ts';
import { askWebhook, failed } from '../phone/document.ts';
import type { PhoneData } from '../phone/link.ts';
import { dialPhone } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

const FORMAT: AudioFormat = { encoding: 'linear16', sampleRateHz: STANDARD_RATE_HZ };
/** What was played is told so often, in beats of 20 ms. */
const PLAYED_EVERY = 4;
/** The worker is told what has come each time that so many messages have. */
const ACKNOWLEDGE_EVERY = 50;

class PageSpeech implements PhoneSpeech {
  readonly #format: AudioFormat;
  /** Samples of the agent's that came, and those of them that a clear threw away. */
  #came = 0;
  #cleared = 0;
  #played = 0;
  #beats = 0;
  #received = 0;
  #acknowledged = 0;

  constructor({ formats }: PhoneCall) {
    this.#format = formats.outFormat;
  }

  begin(): PhoneData[] {
    const rates = { inRateHz: FORMAT.sampleRateHz, outRateHz: this.#format.sampleRateHz };
    return [writePageEvent({ type: 'start', kind: 'audio', ...rates })];
  }

  audio(audio: Uint8Array): PhoneData {
    return audio;
  }

  digit(digit: string): PhoneData {
    return writePageEvent({ type: 'digit', digit });
  }

  mark(): undefined {}

  cleared(clearedMs: number): PhoneData {
    this.#cleared += this.#samples(clearedMs);
    this.#count(0);
    return writePageEvent({ type: 'cleared', samples: this.#played });
  }

  end(): PhoneData {
    return writePageEvent({ type: 'hangup' });
  }

  read(data: Buffer, isBinary: boolean): PhoneCommand[] {
    const command = isBinary ? undefined : readPageCommand(data.toString());
    if (command?.type !== 'resumed') this.#received++;
    if (command) return commandsOf(command);
    this.#came += data.length / bytesPerSample(this.#format);
    return [{ type: 'audio', audio: data }];
  }

  beat(bufferedMs: number): PhoneData[] {
    const before = this.#played;
    if (++this.#beats % PLAYED_EVERY === 0) this.#count(bufferedMs);
    const told = this.#played === before ? [] : [writePageEvent({ type: 'played', samples: this.#played })];
    if (this.#received - this.#acknowledged < ACKNOWLEDGE_EVERY) return told;
    this.#acknowledged = this.#received;
    return [...told, writePageEvent({ type: 'ack', received: this.#received })];
  }

  /** It never goes back, and what is being resampled has not sounded. */
  #count(bufferedMs: number): void {
    const played = Math.floor(this.#came - this.#cleared - this.#samples(bufferedMs));
    this.#played = Math.max(this.#played, played);
  }

  #samples(ms: number): number {
    return (ms * this.#format.sampleRateHz) / 1_000;
  }
}

function commandsOf(command: PageCommand): PhoneCommand[] {
  if (command.type === 'clear') return [{ type: 'clear' }];
  return command.type === 'ended' ? [{ type: 'stop' }] : [];
}

const WEB_PHONE: Omit<PhoneDialect, 'protocols'> = {
  newIds: () => ({ callId: randomUUID(), streamId: '', accountId: '' }),
  headersOf: () => ({}),
  speech: (call) => new PageSpeech(call),
};

const Announced = z.object({ token: z.string(), url: z.string(), carrierCallId: z.string() });

export const placeWebCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, voiceUrl: url, document, ...line } = options;
  const headers = authToken === undefined ? {} : { authorization: `Bearer ${authToken}` };
  const body = JSON.stringify({ from, to, parameters: options.parameters });
  const ask = () => askWebhook({ url, reachedAt: reach(url), type: 'application/json', body, headers });
  const { success, data } = Announced.safeParse(parseJson(document ?? (await ask())));
  if (!success) throw failed(`Expected a token and an address from ${url}, got something else`);
  const dialect: PhoneDialect = { ...WEB_PHONE, protocols: [SUBPROTOCOL, `${TOKEN_PREFIX}${data.token}`] };
  const formats = { inFormat: FORMAT, outFormat: FORMAT };
  const facts = { from, to, callSid: data.carrierCallId };
  const caller = await dialPhone({ ...line, ...media, ...facts, dialect, url: reach(data.url), formats });
  return { type: 'media', caller };
};
