/** What Vonage does with a call that it was asked to place. */
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import {
  JSON_TYPE,
  missingIn,
  type AccountAsk,
  type AccountDialect,
  type AccountRequest,
  type OrderedCall,
  type Told,
} from '../phone/account.ts';
import type { RingStatus } from '../phone/ringing.ts';
import { placeVonageCall, signed } from './phone.ts';

const STATUS: Readonly<Record<RingStatus, string>> = {
  ...{ initiated: 'started', ringing: 'ringing', answered: 'answered', completed: 'completed' },
  ...{ busy: 'busy', 'no-answer': 'unanswered', failed: 'failed', cancelled: 'cancelled' },
};

export interface VonageApplication {
  signatureSecret: string;
  /** PEM: the public half of the application's key, or both halves. */
  key: string;
}

export function vonageAccount({ signatureSecret, key }: VonageApplication): AccountDialect {
  const post = ({ callId, from, to, fields }: OrderedCall, facts: Record<string, string>): Told => {
    const body = JSON.stringify({ uuid: callId, conversation_uuid: `CON-${callId}`, from, to, ...facts });
    const url = firstOf(fields['event_url']);
    return { url, type: JSON_TYPE, body, headers: { ...signed(signatureSecret, body) } };
  };
  return {
    opens: ({ authorization = '' }) => isOurs(authorization, key),
    read({ method, path, fields }) {
      const [, id] = /^\/v1\/calls\/([^/]+)$/.exec(path) ?? [];
      if (method === 'PUT' && id !== undefined) return changeAsked(id, fields);
      if (method !== 'POST' || path !== '/v1/calls') return undefined;
      const [from, to] = [numberIn(fields['from']), numberIn(listOf(fields['to'])[0])];
      if (from === undefined || to === undefined) return { type: 'refuse', status: 400, message: 'no numbers' };
      const timeoutMs = 1_000 * Number(fields['ringing_timer'] ?? 60);
      return missingIn(fields, ['answer_url', 'event_url']) ?? { type: 'place', from, to, timeoutMs };
    },
    newCallId: () => randomUUID(),
    taken: (uuid) => ({ status: 201, json: { uuid, status: 'started', direction: 'outbound' } }),
    told: (call, status) => post(call, { status: STATUS[status], direction: 'outbound' }),
    detected(call, { type }) {
      if (!isRecord(call.fields['advanced_machine_detection'])) return undefined;
      return post(call, type === 'machine' ? { status: 'machine', sub_state: 'beep_start' } : { status: 'human' });
    },
    goOn({ callId, from, to, reach, rest, clock }, instructions) {
      const { success, data } = Conversation.safeParse(instructions);
      if (success) return Promise.resolve({ type: 'meeting', room: data[0].name, endsOnExit: data[0].endOnExit });
      return placeVonageCall({
        ...{ voiceUrl: 'the API', document: JSON.stringify(instructions), from, to, reach, rest, clock },
        ...{ authToken: signatureSecret, callSid: callId },
      });
    },
    ringIn: ({ callId, from, to, reach, rest, clock }, publicUrl) =>
      placeVonageCall({
        ...{ voiceUrl: `${publicUrl}/vonage/answer`, from, to, reach, rest, clock },
        ...{ authToken: signatureSecret, callSid: callId },
      }),
    connect: ({ callId, from, to, reach, rest, clock, fields }) =>
      placeVonageCall({
        ...{ voiceUrl: firstOf(fields['answer_url']), from, to, reach, rest, clock },
        ...{ authToken: signatureSecret, callSid: callId },
      }),
  };
}

const Conversation = z.tuple([
  z.object({ action: z.literal('conversation'), name: z.string(), endOnExit: z.boolean().default(false) }),
]);

/** Of a call that is there. */
function changeAsked(callId: string, { action, destination }: AccountRequest['fields']): AccountAsk | undefined {
  if (action === 'hangup') return { type: 'end', callId };
  if (action !== 'transfer' || !isRecord(destination) || destination['type'] !== 'ncco') return undefined;
  return { type: 'go-on', callId, instructions: destination['ncco'] };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const firstOf = (value: unknown): string => String(listOf(value)[0]);

/** Of a telephone, with no plus. */
function numberIn(endpoint: unknown): string | undefined {
  const number = isRecord(endpoint) && endpoint['type'] === 'phone' ? endpoint['number'] : undefined;
  return typeof number === 'string' && /^\d+$/.test(number) ? `+${number}` : undefined;
}

/** A JWT of RS256, made with the key of the application. */
function isOurs(authorization: string, key: string): boolean {
  const [, signedPart = '', signature = ''] = /^Bearer ([\w-]+\.[\w-]+)\.([\w-]+)$/.exec(authorization) ?? [];
  return verify('RSA-SHA256', Buffer.from(signedPart), createPublicKey(key), Buffer.from(signature, 'base64url'));
}
