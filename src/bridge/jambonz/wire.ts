/** What jambonz tells of a call, and the verbs by which it is told what to do with one. Pure. */
import { z } from 'zod';
import { parseJson } from '../../lib/json.ts';
import type { TransferOptions } from '../contract.ts';

/** What a webhook says of a call. */
export interface JambonzCall {
  callSid: string | undefined;
  from: string | undefined;
  to: string | undefined;
  /** `ringing`, `in-progress`, `completed`... */
  callStatus: string | undefined;
  sipStatus: string | undefined;
  /** What became of a `dial`: `completed`, `busy`, `no-answer`, `failed`. */
  dialStatus: string | undefined;
}

const text = z
  .string()
  .regex(/^[^]{1,512}$/)
  .optional()
  .catch(undefined);
const code = z.number().transform(String).optional().catch(undefined);
const Call = z.object({
  ...{ call_sid: text, from: text, to: text, call_status: text, sip_status: code },
  dial_call_status: text,
});

/** Whatever it cannot read it has not been told. */
export function readCall(body: Uint8Array | undefined): JambonzCall {
  const call = Call.safeParse(parseJson(new TextDecoder().decode(body), { mostValues: 1_000 })).data;
  const { call_sid: callSid, from, to, call_status: callStatus, sip_status: sipStatus } = call ?? {};
  return { callSid, from, to, callStatus, sipStatus, dialStatus: call?.dial_call_status };
}

// ---- verbs ----------------------------------------------------------------------------------------------------------

export type Verb = { verb: string } & Record<string, unknown>;

export interface ListenOptions {
  url: string;
  /** What the socket shows, by Basic. */
  token: string;
  actionHook: string;
  sampleRate: number;
}

/** Sends the caller's audio to a socket of ours, and plays what comes back; then asks `actionHook`. */
export function listenVerb({ url, token, actionHook, sampleRate }: ListenOptions): Verb {
  return {
    ...{ verb: 'listen', url, actionHook, sampleRate, mixType: 'mono', passDtmf: true },
    wsAuth: { username: 'parley', password: token },
    bidirectionalAudio: { enabled: true, streaming: true, sampleRate },
    metadata: { outSampleRate: sampleRate },
  };
}

export const sayVerb = (words: string): Verb => ({ verb: 'say', text: words });
export const HANG_UP: Verb = { verb: 'hangup' };

/**
 * Connects the caller with a number, a SIP address (`sip:...`) or a user of the account's (`client:...`). `actionHook`: asked
 * what to do next, with what became of it. Default: the call ends.
 */
export const dialVerb = (
  to: string,
  { headers, actionHook }: TransferOptions & { actionHook?: string | undefined } = {},
): Verb => ({
  ...{ verb: 'dial', target: [targetOf(to.trim())] },
  ...(headers && { headers }),
  ...(actionHook !== undefined && { actionHook }),
});

/** Of whom to call: a number, a SIP address or a user of the account's. */
export function targetOf(to: string): object {
  if (/^sips?:/i.test(to)) return { type: 'sip', sipUri: to };
  const name = /^client:(.+)$/is.exec(to)?.[1];
  return name === undefined ? { type: 'phone', number: to } : { type: 'user', name };
}
