/**
 * Asterisk, with nothing between: AudioSocket on a port of its own, its WebSocket channel on that of HTTP, opened by either
 * side, and ARI. What a line cannot show, the dialplan has said before, by HTTP. AudioSocket shows nothing but a UUID: where
 * a secret is set, only one that was announced is taken; where none is, programs on this machine are believed.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { messageOf } from '../../lib/errors.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import { recallNext, rememberNext, stranger } from '../json/announced.ts';
import { showsSecret } from '../shown-secret.ts';
import { BRIDGE_SERVER_OPTIONS } from '../socket-line.ts';
import { announce, extensionOf, isJson, readAnnouncement, recallLine, words } from './announce.ts';
import { AriRest } from './ari.ts';
import { acceptAudioSocket } from './audiosocket/line.ts';
import type { AsksFor } from './calls.ts';
import { meet, tellWhoIsThere } from './meeting.ts';
import { outbound } from './placing.ts';
import { ASTERISK_SETTINGS, checkAsteriskSettings, type AsteriskSettings } from './settings.ts';
import { acceptAsteriskLine } from './websocket/line.ts';

type AsteriskDesk = Desk<AsteriskSettings, AriRest>;
type AsteriskOptions = AcceptOptions<AsteriskSettings, AriRest>;

const PATHS = { calls: '/asterisk/calls', next: '/asterisk/next', media: '/asterisk/media' };
/** Of a WebSocket that carries media. */
const PROTOCOLS = ['media'];
const CONNECT_TIMEOUT_MS = 5_000;

export const asterisk: Door<typeof ASTERISK_SETTINGS, AriRest> = {
  name: 'asterisk',
  label: 'Asterisk',
  settings: ASTERISK_SETTINGS,
  opensWith: 'asteriskPasswords',
  isOpenToPeers: true,
  check: checkAsteriskSettings,
  routes: [
    { method: 'POST', path: PATHS.calls, mayKnock, answer: expect },
    { method: 'POST', path: PATHS.next, mayKnock, answer: next },
  ],
  upgrades: [{ path: PATHS.media, protocols: PROTOCOLS, mayKnock, accept: acceptSocket }],
  tcp: {
    address: ({ asteriskAudiosocketPort: port }, host) => (port === undefined ? undefined : { host, port }),
    mayKnock: () => ({ type: 'caller' }), // there is nothing to see before the UUID
    accept: acceptStream,
  },
  transferNeeds: (settings) =>
    settings.asteriskTransfer === 'none' && isInUse(settings) ? ASTERISK_SETTINGS.asteriskTransfer.env : undefined,
  outbound,
  openRest(settings, options) {
    const { asteriskAriUrl: baseUrl, asteriskAriUser: user, asteriskAriPassword: password } = settings;
    if (baseUrl === undefined || user === undefined || password === undefined) return undefined;
    return new AriRest({ baseUrl, user, password, context: settings.asteriskAriContext }, options);
  },
};

function mayKnock({ headers }: Knock, { settings }: AsteriskDesk): Verdict {
  if (showsSecret(headers, settings.asteriskPasswords)) return { type: 'carrier' };
  return stranger('the password of PARLEY_ASTERISK_PASSWORD was not shown');
}

/** Whoever has no Asterisk has set nothing of it, and need not hear what it lacks. */
const isInUse = ({ asteriskPasswords, asteriskAudiosocketPort, asteriskMediaUrl }: AsteriskSettings): boolean =>
  asteriskPasswords.length > 0 || asteriskAudiosocketPort !== undefined || asteriskMediaUrl !== undefined;

/** A call is coming: says by which id. With `connection_id` its line is for us to open. */
async function expect(request: Knock, desk: AsteriskDesk): Promise<Answer> {
  const { asteriskMediaUrl: mediaUrl } = desk.settings;
  let call;
  try {
    call = readAnnouncement(request);
  } catch (error) {
    return words(messageOf(error), 400);
  }
  const { connectionId } = call;
  if (connectionId !== undefined && mediaUrl === undefined) return words('PARLEY_ASTERISK_MEDIA_URL is not set', 400);
  const announced = await announce(desk, call, PATHS.calls);
  if ('refusal' in announced) return words('', 503);
  if (connectionId !== undefined && mediaUrl !== undefined) {
    connect(desk, call.id, `${mediaUrl.replace(/\/+$/, '')}/${encodeURIComponent(connectionId)}`);
  }
  const { asteriskAudiosocketPort: audiosocketPort = 0 } = desk.settings;
  if (!isJson(request)) return words(call.id);
  const body = JSON.stringify({ id: call.id, ...(audiosocketPort > 0 && { audiosocketPort }) });
  return { type: 'application/json', body };
}

/** The line of an announced call, to where Asterisk waits for it. The address opens the door there, and is not for the log. */
function connect(desk: AsteriskDesk, id: string, url: string): void {
  const { perMessageDeflate, maxPayload } = BRIDGE_SERVER_OPTIONS;
  const options = { perMessageDeflate, maxPayload, handshakeTimeout: CONNECT_TIMEOUT_MS };
  const socket = new WebSocket(url, PROTOCOLS, options);
  const fail = (error: Error): void => {
    const why = messageOf(error).replaceAll(url, 'the address');
    desk.log.warn({ carrier: 'asterisk', why }, 'the line that Asterisk waits for could not be opened');
  };
  socket.on('error', fail);
  socket.once('open', () => {
    socket.off('error', fail).on('error', () => {}); // `close` follows, and whoever takes the line over hears it
    const known = recallLine(desk, id);
    desk.enter(socket, {
      ...{ path: PATHS.media, token: known?.token ?? '' },
      accept: (options) =>
        acceptAsteriskLine(socket, { ...options, ...besides(options as AsteriskOptions), recall: () => known }),
    });
  });
}

/** Where a caller is to go whose line has ended; nothing, where they are to go nowhere. */
function next({ form }: Knock, desk: AsteriskDesk): Answer {
  const next = recallNext(desk, form?.get('id') ?? form?.get('channel') ?? undefined);
  if (next) tellWhoIsThere(next, desk);
  return words(next?.to ?? '');
}

function acceptStream(socket: Socket, options: AsteriskOptions): Promise<AudioLine> {
  return acceptAudioSocket(socket, { ...options, ...besides(options) });
}

function acceptSocket(socket: OpenSocket, options: AsteriskOptions): Promise<AudioLine> {
  return acceptAsteriskLine(socket, { ...options, ...besides(options) });
}

const besides = ({ desk, rest }: AsteriskOptions) => ({
  recall: (id: string) => recallLine(desk, id),
  asksFor: asksWith(desk, rest),
});

function asksWith(desk: AsteriskDesk, rest: AriRest | undefined): AsksFor {
  const { asteriskTransfer: by, asteriskInPerson: isInPerson } = desk.settings;
  return ({ carrierCallId, channel }, caller) => {
    const byDialplan = async (to: string) => {
      await rememberNext(desk, carrierCallId, { to: extensionOf(to) });
      return 'we-end' as const;
    };
    if (rest === undefined || channel === undefined) return by === 'dialplan' ? { transfer: byDialplan } : {};
    const byAri = async (to: string) => {
      await rest.transfer(channel, extensionOf(to));
      return 'they-end' as const;
    };
    return {
      hangUp: () => rest.hangUp(channel),
      sendDigits: (digits) => rest.sendDigits(channel, digits),
      transfer: { none: undefined, dialplan: byDialplan, ari: byAri }[by],
      meet: isInPerson ? (meeting) => meet(caller, meeting, desk) : undefined,
    };
  };
}
