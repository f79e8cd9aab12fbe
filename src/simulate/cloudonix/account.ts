/** What Cloudonix does with a call that it was asked to place: it runs the document of the order once somebody has answered. */
import { CLOUDONIX_AUDIO, placeCloudonixCall } from './phone.ts';
import { JSON_TYPE, missingIn, type AccountDialect } from '../phone/account.ts';
import type { RingStatus } from '../phone/ringing.ts';

const STATUS: Readonly<Record<RingStatus, string>> = {
  ...{ initiated: 'processing', ringing: 'ringing', answered: 'connected', completed: 'completed' },
  ...{ busy: 'busy', 'no-answer': 'noanswer', failed: 'error', cancelled: 'cancel' },
};

export const cloudonixAccount = (account: { domain: string; apiToken: string }): AccountDialect => ({
  opens: ({ authorization }) => authorization === `Bearer ${account.apiToken}`,
  read({ method, path, fields }) {
    const [, id] = new RegExp(`^/customers/self/domains/${account.domain}/sessions/([^/]+)$`).exec(path) ?? [];
    if (method === 'DELETE' && id !== undefined) return { type: 'end', callId: id };
    if (method !== 'POST' || path !== `/calls/${account.domain}/application`) return undefined;
    const { 'caller-id': from, destination: to, timeout: seconds } = fields;
    const order = { from: String(from), to: String(to), timeoutMs: 1_000 * Number(seconds ?? 60) };
    return missingIn(fields, ['caller-id', 'destination', 'cxml']) ?? { type: 'place', ...order };
  },
  newCallId: () => CLOUDONIX_AUDIO.newIds().callId,
  taken: (token) => ({ status: 200, json: { token, domainId: 1, subscriberId: 2 } }),
  told({ callId, from, to, field }, status) {
    const news = { Session: callId, StatusCallbackEvent: STATUS[status], From: from, To: to };
    return { url: field('callback'), type: JSON_TYPE, body: JSON.stringify([news]), headers: {} };
  },
  connect: ({ callId, from, to, reach, rest, clock, field }) =>
    placeCloudonixCall({ voiceUrl: '', document: field('cxml'), from, to, reach, rest, clock, callSid: callId }),
});
