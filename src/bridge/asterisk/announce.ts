/**
 * What the dialplan, or whoever steers Asterisk by ARI, asks over HTTP: that a call is coming, by which id its line will
 * come, and where a caller is to go next. Forms and JSON; answers are words that a dialplan can use as they are.
 */
import { randomUUID } from 'node:crypto';
import { VoiceError } from '../../lib/errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { Announcement, Answer, Desk, Knock, Refusal } from '../door.ts';
import type { AriRest } from './ari.ts';
import { StartReader } from '../start-reader.ts';
import { CHANNEL, type KnownCall } from './calls.ts';
import { comesBack } from './meeting.ts';
import type { AsteriskSettings } from './settings.ts';

/** A call that is to come. */
export interface AnnouncedByHttp {
  /** Its line will show: a UUID for AudioSocket, the id of the channel for a WebSocket. */
  id: string;
  from: string | undefined;
  to: string | undefined;
  parameters: Readonly<Record<string, string>>;
  /** It is one that we have placed, by Parley's id of it. */
  placedId: string | undefined;
  /** Asterisk waits for us at this address of its own. */
  connectionId: string | undefined;
}

type AsteriskDesk = Desk<AsteriskSettings, AriRest>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {VoiceError} `request-invalid`, for what is neither a form nor JSON. */
export function readAnnouncement(request: Knock): AnnouncedByHttp {
  const { body, form } = request;
  const given = isJson(request) ? parseJson(Buffer.from(body ?? []).toString()) : Object.fromEntries(form ?? []);
  if (!isRecord(given)) throw new VoiceError('request-invalid', 'Expected a form or a JSON object, got something else');
  const reader = new StartReader('asterisk');
  const { id, from, to, connection_id: connectionId, parley_call: placed, parameters, ...others } = given;
  const more = isJson(request) ? { ...pick(others, CHANNEL), ...reader.parameters(parameters, 'parameters') } : others;
  return {
    id: idOf(reader.id(id, 'id')),
    from: numberOf(reader.text(from, 'from')),
    to: numberOf(reader.text(to, 'to')),
    parameters: reader.parameters(more, 'parameters'),
    placedId: reader.id(placed, 'parley_call'),
    connectionId: reader.id(connectionId, 'connection_id'),
  };
}

export const isJson = ({ headers }: Knock): boolean => /\bjson\b/i.test(headers['content-type'] ?? '');

const pick = (fields: Record<string, unknown>, name: string) => (name in fields ? { [name]: fields[name] } : {});

/** UUIDs in the spelling in which they come back. */
function idOf(given: string | undefined): string {
  if (given === undefined) return randomUUID();
  return UUID.test(given) ? given.toLowerCase() : given;
}

/** A plus that a dialplan has not encoded has come as a space. */
const numberOf = (given: string | undefined): string | undefined => given?.replace(/^ (?=\d)/, '+');

/** Keeps a place for it, and what is known of it, until its line comes. */
export async function announce(
  desk: AsteriskDesk,
  call: AnnouncedByHttp,
  path: string,
): Promise<Announcement | { refusal: Refusal }> {
  const { id, placedId } = call;
  const back = comesBack(call.parameters[CHANNEL], desk);
  const placed = placedId === undefined || back ? undefined : (desk.outbound(placedId) ?? 'over');
  if (placed === 'over') return { refusal: { text: '', url: undefined } }; // it has no place any more
  const announced = placed ?? (await desk.announce({ callId: undefined, path }));
  if ('refusal' in announced) return announced;
  const from = placed?.to ?? back?.from ?? call.from; // as if they had called us
  const to = placed?.from ?? back?.to ?? call.to;
  const parameters = { ...back?.parameters, ...call.parameters };
  await desk.remember(`line ${id}`, { token: announced.token, from, to, parameters });
  return announced;
}

export const recallLine = (desk: Pick<Desk, 'recall'>, id: string): KnownCall | undefined =>
  id === '' ? undefined : desk.recall(`line ${id}`);

/** For a dialplan, which sees no status: where there is nothing to say, nothing. */
export const words = (body: string, status = 200): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

// ---- where a caller is to go next -----------------------------------------------------------------------------------

const SPELLED_NUMBER = /^\+?[\d\s()./-]*\d[\d\s()./-]*$/;
/** What a dialplan may put into `Dial` or `Goto` as it is. */
const EXTENSION = /^[A-Za-z0-9+*#_.@:-]{1,128}$/;

/** @throws {VoiceError} `request-invalid`, for what would mean something else to a dialplan. */
export function extensionOf(to: string): string {
  const plain = to.trim();
  const extension = SPELLED_NUMBER.test(plain) ? plain.replace(/[^\d+]/g, '') : plain;
  if (EXTENSION.test(extension)) return extension;
  throw new VoiceError(
    'request-invalid',
    'Expected a number, an extension or an address to transfer to, got something else',
  );
}
