/** What Telnyx does with a call that Call Control was asked to place: the line is opened once somebody has answered. */
import { randomUUID } from 'node:crypto';
import { CODECS, type Codec } from '../../bridge/telnyx/wire.ts';
import { wallMsOf } from '../../lib/clock.ts';
import {
  JSON_TYPE,
  missingIn,
  type AccountAsk,
  type AccountDialect,
  type AccountRequest,
  type OrderedCall,
  type Told,
} from '../phone/account.ts';
import { failed } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { TELNYX_AUDIO } from './phone.ts';
import { signedHeaders } from './signed.ts';

const CAUSES: Partial<Record<RingStatus, string>> = {
  ...{ completed: 'normal_clearing', busy: 'user_busy', 'no-answer': 'timeout' },
  ...{ failed: 'not_found', cancelled: 'originator_cancel' },
};

const ACTIONS: Readonly<Record<string, (callId: string, fields: AccountRequest['fields']) => AccountAsk>> = {
  answer: (callId, fields) => ({ type: 'begin-line', callId, fields }),
  hangup: (callId) => ({ type: 'end', callId }),
  streaming_stop: (callId) => ({ type: 'end-line', callId }),
  streaming_start: (callId, fields) => ({ type: 'begin-line', callId, fields }),
  bridge: (callId, { call_control_id: other }) => ({ type: 'bridge', callId, other: String(other) }),
};

export interface TelnyxAccountKeys {
  apiKey: string;
  /** 32 bytes in base64. */
  privateKey: string;
  connectionId: string;
}

export function telnyxAccount({ apiKey, privateKey, connectionId }: TelnyxAccountKeys): AccountDialect {
  const tell = (call: OrderedCall, type: string, facts: Record<string, string> = {}): Told => {
    const { callId, from, to, field, clock, isIncoming } = call;
    const direction = isIncoming ? 'incoming' : 'outgoing';
    const state = { client_state: field('client_state'), direction, connection_id: connectionId };
    const payload = { call_control_id: callId, from, to, ...state, ...facts };
    const body = JSON.stringify({ data: { id: randomUUID(), event_type: type, record_type: 'event', payload } });
    const headers = signedHeaders(body, privateKey, wallMsOf(clock));
    return { url: field('webhook_url'), type: JSON_TYPE, body, headers };
  };
  return {
    opens: ({ authorization }) => authorization === `Bearer ${apiKey}`,
    read({ method, path, fields }) {
      const [, id, action = ''] = /^\/calls\/([^/]+)\/actions\/(\w+)$/.exec(path) ?? [];
      if (method === 'POST' && id !== undefined) return ACTIONS[action]?.(decodeURIComponent(id), fields);
      if (method !== 'POST' || path !== '/calls') return undefined;
      if (fields['connection_id'] !== connectionId)
        return { type: 'refuse', status: 422, message: 'no such application' };
      const { from, to, timeout_secs: seconds } = fields;
      const order = { from: String(from), to: String(to), timeoutMs: 1_000 * Number(seconds ?? 30) };
      return missingIn(fields, ['from', 'to', 'stream_url']) ?? { type: 'place', ...order };
    },
    newCallId: () => TELNYX_AUDIO.newIds().callId,
    taken: (id) => ({ status: 200, json: { data: { call_control_id: id, record_type: 'call', is_alive: false } } }),
    told(call, status) {
      if (status === 'initiated') return tell(call, 'call.initiated', { state: 'bridging' });
      if (status === 'answered') return tell(call, 'call.answered');
      const cause = CAUSES[status];
      return cause === undefined ? undefined : tell(call, 'call.hangup', { hangup_cause: cause });
    },
    bridged: (call) => tell(call, 'call.bridged'),
    ringIn: (call, publicUrl) => ({
      ...tell(call, 'call.initiated', { state: 'parked' }),
      url: `${publicUrl}/telnyx/events`,
    }),
    detected(call, { type }) {
      if (call.field('answering_machine_detection') !== 'premium') return undefined;
      return type === 'machine'
        ? tell(call, 'call.machine.premium.greeting.ended', { result: 'beep_detected' })
        : tell(call, 'call.machine.premium.detection.ended', { result: 'human_residence' });
    },
    async connect({ callId, from, to, reach, rest, clock, field }) {
      const [mode, legs] = [field('stream_bidirectional_mode'), field('stream_bidirectional_target_legs')];
      if (mode !== 'rtp' || legs !== 'self')
        throw failed('Expected the mode rtp and the own leg: nobody hears anything');
      const [inFormat, outFormat] = ['stream_codec', 'stream_bidirectional_codec'].map(
        (name) => CODECS[field(name) as Codec],
      );
      if (!inFormat || !outFormat) throw failed('Expected codecs, got none that is known');
      const caller = await dialAudio({
        ...{ url: reach(field('stream_url')), from, to, rest, clock, callSid: callId, dialect: TELNYX_AUDIO },
        ...{
          headers: { 'x-telnyx-streaming-auth-token': field('stream_auth_token') },
          formats: { inFormat, outFormat },
        },
      });
      return { type: 'media', caller };
    },
  };
}
