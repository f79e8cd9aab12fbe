/** What Exotel does with a call that it was asked to place and to connect with a socket. It ends none that it was not asked to. */
import { basicHeader, JSON_TYPE, missingIn, type AccountDialect } from '../phone/account.ts';
import { dialAudio } from '../phone/media.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { EXOTEL_AUDIO, formatIn } from './phone.ts';

const STATUS: Partial<Record<RingStatus, string>> = {
  ...{ answered: 'in-progress', completed: 'completed', busy: 'busy' },
  ...{ 'no-answer': 'no-answer', failed: 'failed' },
};

export interface ExotelKeys {
  accountSid: string;
  apiKey: string;
  apiToken: string;
}

export const exotelAccount = ({ accountSid, apiKey, apiToken }: ExotelKeys): AccountDialect => ({
  opens: ({ authorization }) => authorization === basicHeader(apiKey, apiToken),
  read({ method, path, fields }) {
    if (method !== 'POST' || path !== `/v1/Accounts/${accountSid}/Calls/connect.json`) return undefined;
    const { From: to, CallerId: from, TimeOut: seconds, StreamUrl: url } = fields;
    if (String(url).length > 600) return { type: 'refuse', status: 400, message: 'StreamUrl is too long' };
    const order = { from: String(from), to: String(to), timeoutMs: 1_000 * Number(seconds ?? 60) };
    return missingIn(fields, ['From', 'CallerId', 'StreamUrl', 'StreamType']) ?? { type: 'place', ...order };
  },
  newCallId: () => EXOTEL_AUDIO.newIds().callId,
  taken: (sid) => ({ status: 200, json: { Call: { Sid: sid, Status: 'in-progress', Direction: 'outbound-api' } } }),
  told({ callId, from, to, field }, status) {
    const word = STATUS[status];
    if (word === undefined) return undefined;
    const EventType = status === 'answered' ? 'answered' : 'terminal';
    const body = JSON.stringify({ CallSid: callId, EventType, Status: word, From: to, PhoneNumberSid: from });
    return { url: field('StatusCallback'), type: JSON_TYPE, body, headers: {} };
  },
  /** Its start says who was called first, as the order does: that is who is called. */
  async connect({ callId, from, to, reach, rest, clock, field }) {
    const url = field('StreamUrl');
    const format = formatIn(url);
    const caller = await dialAudio({
      ...{ url: reach(url), from: to, to: from, rest, clock, callSid: callId, dialect: EXOTEL_AUDIO },
      formats: { inFormat: format, outFormat: format },
    });
    return { type: 'media', caller };
  },
});
