/** Conferences of a stand-in for Twilio: calls are sent into one by TwiML, and who comes and goes is told to the worker. */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';
import { askWebhook } from '../phone/document.ts';
import type { Guest } from '../phone/meetings.ts';
import { readTwiml } from '../phone/xml-reader.ts';

export interface MeetingsOptions {
  accountSid: string;
  authToken: string;
  /** Where an address of the worker's is really reached. Default: as it is written. */
  reach?: ((publicUrl: string) => string) | undefined;
}

/** A call that a document sends into a conference; undefined, where it says something else. */
export function guestBy(callSid: string, twiml: string, options: MeetingsOptions): Guest | undefined {
  const [dial] = readTwiml(twiml);
  const conference = dial?.name === 'Dial' ? dial.children.find(({ name }) => name === 'Conference') : undefined;
  if (!conference) return undefined;
  const { attributes, text } = conference;
  return {
    ...{ callSid, room: text.trim(), endsOnExit: attributes['endConferenceOnExit'] === 'true' },
    tell: (event) => void post({ callSid, attributes, event }, options),
  };
}

interface Told {
  callSid: string;
  attributes: Readonly<Record<string, string>>;
  event: string;
}

async function post({ callSid, attributes, event }: Told, options: MeetingsOptions): Promise<void> {
  const { accountSid, authToken, reach = (url: string) => url } = options;
  const url = attributes['statusCallback'];
  const wanted = attributes['statusCallbackEvent']?.split(/\s+/) ?? [];
  if (url === undefined || !wanted.includes(event)) return;
  const form = new URLSearchParams({
    ...{ AccountSid: accountSid, CallSid: callSid, StatusCallbackEvent: `participant-${event}` },
    ParticipantLabel: attributes['participantLabel'] ?? '',
  });
  const headers = { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
  const type = 'application/x-www-form-urlencoded';
  await askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers }).catch(() => '');
}
