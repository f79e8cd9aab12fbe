/** What SignalWire does with a call that it was asked to place: as Twilio, with other ids and its own signature. */
import { randomUUID } from 'node:crypto';
import { SIGNATURE_HEADER, signRequest } from '../../bridge/signalwire/signature.ts';
import { basicHeader, FORM, missingIn, type AccountDialect, type OrderedCall, type Told } from '../phone/account.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { placeSignalwireCall } from './phone.ts';

const STATUS: Readonly<Record<RingStatus, string>> = {
  ...{ initiated: 'initiated', ringing: 'ringing', answered: 'in-progress', completed: 'completed' },
  ...{ busy: 'busy', 'no-answer': 'no-answer', failed: 'failed', cancelled: 'canceled' },
};

export interface SignalwireProject {
  projectId: string;
  apiToken: string;
  signingKey: string;
}

export function signalwireAccount({ projectId, apiToken, signingKey }: SignalwireProject): AccountDialect {
  const calls = `/api/laml/2010-04-01/Accounts/${projectId}/Calls`;
  const post = ({ callId, from, to }: OrderedCall, url: string, facts: Record<string, string>): Told => {
    const form = new URLSearchParams({ CallSid: callId, AccountSid: projectId, From: from, To: to, ...facts });
    const headers = { [SIGNATURE_HEADER]: signRequest(signingKey, url, form) };
    return { url, type: FORM, body: form.toString(), headers };
  };
  return {
    opens: ({ authorization }) => authorization === basicHeader(projectId, apiToken),
    read({ method, path, fields }) {
      const [, id] = /^\/([^/]+)\.json$/.exec(path.startsWith(calls) ? path.slice(calls.length) : '') ?? [];
      if (method === 'POST' && id !== undefined) return { type: 'end', callId: id };
      if (method !== 'POST' || path !== `${calls}.json`) return undefined;
      const { From: from, To: to, Timeout: seconds } = fields;
      const order = { from: String(from), to: String(to), timeoutMs: 1_000 * Number(seconds ?? 60) };
      return missingIn(fields, ['From', 'To', 'Url']) ?? { type: 'place', ...order };
    },
    newCallId: () => randomUUID(),
    taken: (id) => ({ status: 201, json: { sid: id, account_sid: projectId, status: 'queued' } }),
    told: (call, status) => post(call, call.field('StatusCallback'), { CallStatus: STATUS[status] }),
    detected(call, callee) {
      const url = call.field('AsyncAmdStatusCallback');
      const who = callee.type === 'machine' ? 'machine_end_beep' : 'human';
      return url === '' ? undefined : post(call, url, { AnsweredBy: who });
    },
    connect: ({ callId, from, to, reach, rest, clock, field }) =>
      placeSignalwireCall({
        ...{ voiceUrl: field('Url'), from, to, reach, rest, clock, authToken: signingKey, callSid: callId },
        fields: { CallStatus: 'in-progress', Direction: 'outbound-api' },
      }),
  };
}
