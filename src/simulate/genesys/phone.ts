/**
 * A simulated Genesys, whose flow connects a caller with the Audio Connector: it opens a socket, signed, says who calls, sends
 * and takes sound in messages of 200 ms once it is told that it may, and looks after the numbers of what it is sent.
 */
import { randomUUID } from 'node:crypto';
import { signGenesys } from '../../bridge/genesys/signature.ts';
import { FORMAT, MEDIA, MESSAGE_BYTES, readGenesysCommand, VERSION } from '../../bridge/genesys/wire.ts';
import { systemClock } from '../../lib/clock.ts';
import type { PhoneCall, PhoneCommand, PhoneDialect, PhoneSpeech } from '../phone/dialect.ts';
import type { PhoneData } from '../phone/link.ts';
import { placeAtOnce } from '../phone/place.ts';

/** Of the integration that it calls for, where nobody says which. */
export const API_KEY = 'parley';

export const GENESYS_PHONE: PhoneDialect = {
  newIds: () => ({ callId: randomUUID(), streamId: randomUUID(), accountId: randomUUID() }),
  headersOf({ signedUrl, authToken, accountSid: apiKey = API_KEY }) {
    const { host, pathname, search } = new URL(signedUrl);
    const session = {
      ...{ 'audiohook-organization-id': randomUUID(), 'audiohook-session-id': randomUUID() },
      ...{ 'audiohook-correlation-id': randomUUID(), 'x-api-key': apiKey },
    };
    if (authToken === undefined) return session;
    const upgrade = { target: pathname + search, authority: host, headers: session };
    const nowSeconds = systemClock.wallMs() / 1_000;
    return { ...session, ...signGenesys(upgrade, { clientSecret: authToken, nowSeconds, nonce: randomUUID() }) };
  },
  framesPerMessage: 10,
  refuses: ({ length }) =>
    length === MESSAGE_BYTES ? undefined : `Expected messages of ${MESSAGE_BYTES} bytes, got one of ${length}`,
  speech: (call) => new GenesysSpeech(call),
};

export const placeGenesysCall = placeAtOnce(GENESYS_PHONE, { inFormat: FORMAT, outFormat: FORMAT });

/** Between pings, in beats of 20 ms; the first comes sooner. */
const PING_BEATS = 250;
const FIRST_PING_BEAT = 50;
const NOBODY = '00000000-0000-0000-0000-000000000000';

class GenesysSpeech implements PhoneSpeech {
  readonly #call: PhoneCall;
  #seq = 0;
  #serverSeq = 0;
  #beats = 0;
  #isOpen = false;

  constructor(call: PhoneCall) {
    this.#call = call;
  }

  begin(): PhoneData[] {
    return [this.#write('open', this.openOf(this.#call.callId))];
  }

  /** A connection that only looks whether the worker is there. */
  probe(): PhoneData {
    return this.#write('open', this.openOf(NOBODY));
  }

  openOf(conversationId: string): Record<string, unknown> {
    const { accountId, from, to, parameters } = this.#call;
    return {
      ...{ organizationId: accountId, conversationId, inputVariables: parameters, language: 'en-US' },
      participant: { id: conversationId, ani: `tel:${from}`, aniName: '', dnis: `tel:${to}` },
      media: [{ ...MEDIA, channels: ['external', 'internal'] }, MEDIA],
    };
  }

  audio(audio: Uint8Array): PhoneData | undefined {
    return this.#isOpen ? audio.slice() : undefined;
  }

  digit(digit: string): PhoneData {
    return this.#write('dtmf', { digit });
  }

  mark(): undefined {}

  cleared(): undefined {}

  end(): PhoneData {
    return this.#write('close', { reason: 'end' });
  }

  beat(): PhoneData[] {
    return ++this.#beats % PING_BEATS === FIRST_PING_BEAT ? [this.#write('ping', { rtt: 'PT0.02S' })] : [];
  }

  read(data: Buffer, isBinary: boolean): PhoneCommand[] {
    if (isBinary) return [{ type: 'audio', audio: data }];
    const { type, seq } = readGenesysCommand(data.toString());
    if (seq !== this.#serverSeq + 1) throw new Error(`Expected number ${this.#serverSeq + 1}, got ${seq}`);
    this.#serverSeq = seq;
    if (type === 'opened') this.#isOpen = true;
    if (type === 'event') return [{ type: 'clear' }];
    return type === 'disconnect' ? [{ type: 'stop' }] : [];
  }

  #write(type: string, parameters: Record<string, unknown>): string {
    const numbers = { seq: ++this.#seq, serverseq: this.#serverSeq, position: `PT${(this.#beats / 50).toFixed(2)}S` };
    return JSON.stringify({ version: VERSION, id: this.#call.streamId, type, ...numbers, parameters });
  }
}
