/** What jambonz does with a call that it was asked to place, and how one is ended there: each state by the word for it. */
import { randomUUID } from 'node:crypto';
import { isRecord } from '../../lib/json.ts';
import { basicHeader, JSON_TYPE, missingIn, type AccountDialect } from '../phone/account.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { placeJambonzCall } from './phone.ts';

const STATUS: Readonly<Record<RingStatus, string>> = {
  ...{ initiated: 'trying', ringing: 'ringing', answered: 'in-progress', completed: 'completed' },
  ...{ busy: 'busy', 'no-answer': 'no-answer', failed: 'failed', cancelled: 'no-answer' },
};
const SIP: Partial<Record<RingStatus, number>> = { busy: 486, 'no-answer': 408, failed: 404 };

export const jambonzAccount = (account: { accountSid: string; apiKey: string }): AccountDialect => ({
  opens: ({ authorization }) => authorization === `Bearer ${account.apiKey}`,
  read({ method, path, fields }) {
    const [, calls, id] = new RegExp(`^/v1/Accounts/${account.accountSid}/(Calls)(?:/([^/]+))?$`).exec(path) ?? [];
    if (method !== 'POST' || calls === undefined) return undefined;
    if (id !== undefined) {
      const isKnown = ['completed', 'no-answer'].includes(String(fields['call_status']));
      return isKnown ? { type: 'end', callId: id } : { type: 'refuse', status: 422, message: 'no such state' };
    }
    const { from, to, timeout: seconds } = fields;
    const number = isRecord(to) && to['type'] === 'phone' ? String(to['number']) : '';
    const order = { from: String(from), to: number, timeoutMs: 1_000 * Number(seconds ?? 60) };
    return missingIn(fields, ['from', 'to', 'call_hook', 'call_status_hook']) ?? { type: 'place', ...order };
  },
  newCallId: () => randomUUID(),
  taken: (sid) => ({ status: 201, json: { sid, callId: `${sid}@sip` } }),
  told({ callId, from, to, fields }, status) {
    const { url, headers } = hookIn(fields['call_status_hook']);
    const news = { call_sid: callId, direction: 'outbound', from, to, call_status: STATUS[status] };
    const body = JSON.stringify({ ...news, ...(SIP[status] !== undefined && { sip_status: SIP[status] }) });
    return { url, type: JSON_TYPE, body, headers };
  },
  connect({ callId, from, to, reach, rest, clock, fields }) {
    const { url, password } = hookIn(fields['call_hook']);
    return placeJambonzCall({
      ...{ voiceUrl: url, from, to, reach, rest, clock, authToken: password, callSid: callId },
      fields: { direction: 'outbound', call_status: 'in-progress' },
    });
  },
});

function hookIn(hook: unknown): { url: string; password: string; headers: Record<string, string> } {
  const { url, username, password } = isRecord(hook) ? hook : {};
  const secret = String(password);
  return { url: String(url), password: secret, headers: { authorization: basicHeader(String(username), secret) } };
}
