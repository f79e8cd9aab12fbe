/** What Plivo does with a call that it was asked to place: known by its request until somebody has answered. */
import { randomUUID } from 'node:crypto';
import { basicHeader, FORM, missingIn, type AccountDialect, type OrderedCall, type Told } from '../phone/account.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { askWebhook } from '../phone/document.ts';
import { readTwiml } from '../phone/xml-reader.ts';
import { placePlivoCall, signed } from './phone.ts';

const STATUS: Partial<Record<RingStatus, string>> = {
  ...{ ringing: 'ringing', completed: 'completed', busy: 'busy', failed: 'failed' },
  ...{ 'no-answer': 'no-answer', cancelled: 'cancel' },
};

/** Of the call, whose request is known by another one. */
const callOf = ({ callId, isIncoming }: Pick<OrderedCall, 'callId' | 'isIncoming'>): string =>
  isIncoming ? callId : `call-${callId}`;
const directionOf = ({ isIncoming }: OrderedCall): string => (isIncoming ? 'inbound' : 'outbound');

export function plivoAccount({ authId, authToken }: { authId: string; authToken: string }): AccountDialect {
  const post = ({ callId, from, to }: OrderedCall, url: string, facts: Record<string, string>): Told => {
    const ids = { CallUUID: callOf({ callId }), RequestUUID: callId, From: from, To: to, Direction: 'outbound' };
    const form = new URLSearchParams({ ...ids, ...facts });
    return { url, type: FORM, body: form.toString(), headers: signed({ method: 'POST', url, form }, authToken) };
  };
  return {
    opens: ({ authorization }) => authorization === basicHeader(authId, authToken),
    read({ method, path, fields }) {
      const [, what, id] = new RegExp(`^/v1/Account/${authId}/(Call|Request)/(?:([^/]+)/)?$`).exec(path) ?? [];
      if (method === 'DELETE' && id !== undefined) return { type: 'end', callId: id };
      if (method !== 'POST' || what !== 'Call') return undefined;
      if (id !== undefined) return { type: 'go-on', callId: id, instructions: fields['aleg_url'] };
      const { from, to, ring_timeout: seconds } = fields;
      if (String(to).startsWith('+')) return { type: 'refuse', status: 400, message: 'to is written without a plus' };
      const order = { from: `+${String(from)}`, to: `+${String(to)}`, timeoutMs: 1_000 * Number(seconds ?? 120) };
      return missingIn(fields, ['from', 'to', 'answer_url']) ?? { type: 'place', ...order };
    },
    newCallId: () => randomUUID(),
    taken: (id) => ({ status: 201, json: { message: 'call fired', request_uuid: id, api_id: randomUUID() } }),
    told(call, status) {
      const word = STATUS[status];
      if (word === undefined) return undefined;
      if (status === 'ringing') return post(call, call.field('ring_url'), { CallStatus: word, Event: 'Ring' });
      const cause = status === 'busy' ? 'Busy Line' : 'Normal Hangup';
      return post(call, call.field('hangup_url'), { CallStatus: word, Event: 'Hangup', HangupCauseName: cause });
    },
    detected(call, callee) {
      const url = call.field('machine_detection_url');
      if (url === '' || callee.type !== 'machine') return undefined;
      return post(call, url, { Event: 'MachineDetection', Machine: 'true', CallStatus: 'in-progress' });
    },
    async goOn(call, instructions) {
      const { from, to, reach, rest, clock } = call;
      const url = String(instructions);
      const ids = { CallUUID: callOf(call), From: from, To: to, Direction: directionOf(call) };
      const form = new URLSearchParams(ids);
      const headers = signed({ method: 'POST', url, form }, authToken);
      const body = form.toString();
      const document = await askWebhook({ url, reachedAt: reach(url), type: FORM, body, headers });
      const [verb] = readTwiml(document);
      if (verb?.name === 'Conference') {
        const endsOnExit = verb.attributes['endConferenceOnExit'] === 'true';
        return { type: 'meeting', room: verb.text.trim(), endsOnExit };
      }
      return placePlivoCall({
        ...{ voiceUrl: url, document, from, to, reach, rest, clock, authToken, callSid: callOf(call) },
      });
    },
    connect: ({ callId, from, to, reach, rest, clock, field }) =>
      placePlivoCall({
        ...{ voiceUrl: field('answer_url'), from, to, reach, rest, clock, authToken, callSid: callOf({ callId }) },
        fields: { CallStatus: 'in-progress', Direction: 'outbound', RequestUUID: callId },
      }),
    ringIn: ({ callId, from, to, reach, rest, clock }, publicUrl) =>
      placePlivoCall({
        ...{ voiceUrl: `${publicUrl}/plivo/answer`, from, to, reach, rest, clock, authToken, callSid: callId },
      }),
  };
}
