/** A carrier's door: all that a worker has to know of a carrier, and what it is told of the worker. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { OpenSocket } from '../lib/open-socket.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { SettingsBlock, ValuesOf } from '../lib/settings.ts';
import type { BridgeCall, CallerFacts, TransferOptions } from './contract.ts';

/**
 * All that a worker has to know of a carrier: `bridge/<carrier>/door.ts` exports one, `worker/carriers.ts` lists it.
 * `Block` are its settings, `Rest` its REST API. A door is data and functions and keeps nothing; what has to be kept
 * between requests, the `Desk` keeps, one for each door and worker.
 */
export interface Door<Block extends SettingsBlock = SettingsBlock, Rest extends CarrierRest = CarrierRest> {
  /** As logs show it, and unlike that of any other: `twilio`. */
  readonly name: string;
  /** As people write it: `Twilio`. */
  readonly label: string;
  /** What its webhooks are answered with, for people: `TwiML`. */
  readonly answersWith?: string;
  /** Its settings. Names, here and in the environment, are those of no other door and not the worker's own. */
  readonly settings: Block;
  /**
   * The setting, by its name in `settings`, without which the door is closed. Where that is a secret, the tokens of
   * announced calls are signed with it, so that every worker behind one address believes them; else with a random one of
   * the worker's, which all of its processes share. Absent, where the carrier has nothing of its own to show: `mayKnock`
   * alone decides.
   */
  readonly opensWith?: string;
  /**
   * The secret setting that the tokens of announced calls are signed with, by its name in `settings`, where what opens the
   * door is no secret. Default: that.
   */
  readonly signsWith?: string;
  /**
   * Whether others than the carrier may knock where `mayKnock` says `stranger`: who shows a token of the worker's
   * (PARLEY_BRIDGE_TOKEN) and, when neither that nor `opensWith` is set, programs on this machine. By TCP nobody can show
   * a token: with one set, its line has to be that of an announced call. Default false.
   */
  readonly isOpenToPeers?: boolean;
  /**
   * The setting, by its name in `settings`, that lists the web pages which may knock, by origin in lower case. Default: the
   * worker's own list (PARLEY_ORIGINS).
   */
  readonly originsFrom?: string;
  /** How long a call that was announced may take to arrive, in milliseconds, 60,000 at most. Default 30,000. */
  readonly announcedForMs?: number;
  /** Settings that are right, each by itself, and make no sense together: why. `publicUrl`: the worker's. */
  check?(settings: ValuesOf<Block> & { publicUrl: string | undefined }): string[];
  /** What the log shows of it when the worker is ready. Default: nothing. */
  readyFacts?(settings: ValuesOf<Block>): Record<string, unknown>;
  /** Requests over HTTP. Default: none. */
  readonly routes?: readonly Route<ValuesOf<Block>, Rest>[];
  /** Lines over WebSocket. Default: none. */
  readonly upgrades?: readonly Upgrade<ValuesOf<Block>, Rest>[];
  /** Lines over TCP, on a port of the door's own. Default: none. */
  readonly tcp?: TcpPort<ValuesOf<Block>, Rest>;
  /**
   * What has to be set so that callers of its lines can be handed over, by its name in the environment; undefined when they
   * can be. Default: they can.
   */
  transferNeeds?(settings: ValuesOf<Block>): string | undefined;
  /** How calls are placed. Default: they are not. */
  readonly outbound?: Outbound<ValuesOf<Block>, Rest>;
  /** Its REST API; undefined when no account is set. Asked once for a worker, which closes it. Default: there is none. */
  openRest?(settings: ValuesOf<Block>, options: { clock: Clock }): Rest | undefined;
}

/** What may be asked of a carrier beside its sockets, by its own id of the call. Each rejects with a `ProviderError`. */
export interface CarrierRest {
  /** Ends the call. A call that has ended already is ended. */
  hangUp(carrierCallId: string): Promise<void>;
  /** Gives up a call that was placed and that nobody has answered. Default: it is ended by `hangUp`. */
  cancel?(carrierCallId: string): Promise<void>;
  transfer?(carrierCallId: string, to: string, options?: TransferOptions): Promise<void>;
  /** `0-9 * # w`, where `w` waits for half a second. */
  sendDigits?(carrierCallId: string, digits: string): Promise<void>;
  /** Lets go of the connections. */
  close(): Promise<void>;
}

/** Who knocks, and how: what came, before anything of it is believed. */
export interface Knock {
  protocol: 'http' | 'ws' | 'tcp';
  /** Path and query, as they came; empty for `tcp`. */
  target: string;
  headers: IncomingHttpHeaders;
  remoteAddress: string | undefined;
  /** Of HTTP. */
  method?: string | undefined;
  /** What a webhook carries, byte for byte. */
  body?: Uint8Array | undefined;
  /** The same, read as a form. */
  form?: URLSearchParams | undefined;
}

/**
 * What a route makes of a knock.
 * - `carrier`: it has shown what only the carrier has. It comes in past every limit.
 * - `caller`: it has shown nothing, and its line has to show the token of an announced call; where the address or a
 *   header carries that (`Upgrade.tokenOf`), it is looked at before the line is let in.
 * - `returning`: it has shown what only the peer of a line can that is there, and comes back to it: it needs no room.
 * - `stranger`: it has not shown what the carrier has; `reason` is for the log, and holds no secret and no query.
 */
export type Verdict =
  { type: 'carrier' } | { type: 'caller' } | { type: 'returning' } | { type: 'stranger'; reason: string };

/** A request over HTTP. */
export interface Route<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  method: 'GET' | 'POST';
  /** `/plivo/answer`; with `/*` at its end any one segment follows. */
  path: string;
  /**
   * The header, in lower case, without which `mayKnock` says `stranger` whatever the body is: a request that lacks it is
   * judged before its body is read, and `mayKnock` is shown none. Default: every request is read first.
   */
  signatureHeader?: string;
  mayKnock(knock: Knock, desk: Desk<Settings, Rest>): Verdict | Promise<Verdict>;
  answer(request: Knock, desk: Desk<Settings, Rest>): Answer | Promise<Answer>;
}

/** What a request is answered with. */
export interface Answer {
  /** Default 200. */
  status?: number;
  /** Content type. */
  type: string;
  body: string;
  /** Others. Default: none. */
  headers?: Readonly<Record<string, string>>;
}

/** A line over WebSocket. */
export interface Upgrade<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  /** As of a route. */
  path: string;
  /** Sub-protocols, of which the first that the peer offers is chosen. Default: the peer's first. */
  protocols?: readonly string[];
  mayKnock(knock: Knock, desk: Desk<Settings, Rest>): Verdict | Promise<Verdict>;
  /**
   * The token of an announced call, where the address or a header carries it; it must have been announced without a
   * `callId`. One that is no good is refused before the handshake. Default: the line itself shows the token, or none.
   */
  tokenOf?(knock: Knock): string | undefined;
  /**
   * The process, as `Desk.process` counts them, that has the line which the peer comes back to, by what it shows; undefined
   * for all others. One that another process has is led there, and judged there. Default: nobody comes back.
   */
  processOf?(knock: Knock): number | undefined;
  /**
   * Takes the socket over; done when the peer has said who it is. Undefined: it is that of a line which is there already.
   * Throws a `VoiceError`, the socket being closed then.
   */
  accept(socket: OpenSocket, options: AcceptOptions<Settings, Rest>): Promise<BridgeCall | undefined>;
}

/** Lines over TCP. */
export interface TcpPort<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  /** Where it listens; undefined: nowhere. `host`: where the worker does. Port 0 picks a free one. */
  address(settings: Settings, host: string): { host: string; port: number } | undefined;
  mayKnock(knock: Knock, desk: Desk<Settings, Rest>): Verdict | Promise<Verdict>;
  /** As of an upgrade. */
  accept(socket: Socket, options: AcceptOptions<Settings, Rest>): Promise<BridgeCall>;
}

/** Asked once, when the peer has said who it is. `false` closes the socket before anything of the call is handled. */
export type Admission = (start: { caller: CallerFacts; token: string | undefined }) => boolean;

/** For a line that is let in. */
export interface AcceptOptions<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  /** What came before the line did. */
  knock: Knock;
  desk: Desk<Settings, Rest>;
  rest: Rest | undefined;
  admit: Admission;
  clock: Clock;
  log: Log;
  /** Told of each malformed frame, to count them. */
  onBadFrame: () => void;
}

/** A call that is to come. */
export interface Announcement {
  /** Good once, for this call and door, for half a minute or as long as the door says. As base64url... */
  token: string;
  /** ...and as hex, for where nothing but letters and digits fits. Either may be shown. */
  hexToken: string;
}

/** Why a call is not taken: what its caller is to be told. */
export interface Refusal {
  text: string;
  /** Where the carrier may be sent with them in place of that. */
  url: string | undefined;
}

/** What a call that was announced is remembered by, where its line carries nothing but a key, such as a UUID. */
export interface AnnouncedCall {
  token: string;
  from?: string | undefined;
  to?: string | undefined;
  parameters?: Readonly<Record<string, string>> | undefined;
  /** The web page, by its origin, that alone may show the token. */
  origin?: string | undefined;
  /** SIP headers for whom it is handed over to. */
  headers?: TransferOptions['headers'];
  /** By what the carrier's webhook called it, where its line has other names for it. No agent is shown them. */
  ids?: Readonly<Record<string, string>> | undefined;
}

/** The worker, as a door sees it: announces calls, knows addresses, and remembers. */
export interface Desk<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  readonly settings: Settings;
  /** The name of the agent that answers. */
  readonly agent: string;
  /** Which process of the worker this is, of all that there ever were; 0 where there is one. */
  readonly process: number;
  readonly rest: Rest | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Keeps a place for a call, for half a minute. `callId`: the carrier's id, which its line will show too; undefined
   * where webhook and line have different ids: then any call of this door may show the token. `path` is for the log.
   */
  announce(call: { callId: string | undefined; path: string }): Promise<Announcement | { refusal: Refusal }>;
  /**
   * The token of a call whose line was lost is good once more, for half a minute, and its place is kept as long: its carrier
   * opens the same address again. Nothing, for a token that was never given out, or to one call alone.
   */
  announceAgain(token: string): Promise<void>;
  /** The address by which the carrier reaches a path of ours: from configuration, never from what a request says. */
  address(path: string, protocol: 'http' | 'ws'): string;
  /** For credentials that are good once, such as a nonce: true the first time, in any process, within `forMs`. */
  isFirst(credential: string, forMs: number): Promise<boolean>;
  /** Remembers an announced call for as long as its token is good; done when every process of the worker does. */
  remember(key: string, call: AnnouncedCall): Promise<void>;
  recall(key: string): AnnouncedCall | undefined;
  /**
   * Takes in a line that the door has opened itself, of a call that was announced with this token: from then on it is one as
   * if the carrier had opened it. `path`: for the log.
   */
  enter(socket: OpenSocket, line: OpenedLine): void;
  /** A call of this door that was placed, in whatever process, and is not over; undefined when there is none of this id. */
  outbound(id: string): OutboundCall | undefined;
  /** The same by the token that its line shows, in either spelling. */
  outboundWith(token: string | undefined): OutboundCall | undefined;
  /** What the carrier has told of one. Nothing, where there is none of this id. */
  report(id: string, news: OutboundNews): void;
}

/** A line that a door has opened itself. */
export interface OpenedLine {
  path: string;
  token: string;
  /** As of an upgrade. Its desk and its REST are the door's. */
  accept: (options: AcceptOptions) => Promise<BridgeCall>;
}

// ---- calls that are placed -------------------------------------------------------------------------------------------

/** A call that is to be placed, or was. */
export interface OutboundCall {
  /** Parley's own, which the call's events carry too. */
  readonly id: string;
  /** Whom to call, as the carrier writes it: `+15550100`, `sip:ann@example.com`. */
  readonly to: string;
  /** What they see. */
  readonly from: string;
  /** For the agent, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What its line has to show, once: good for any line of the door's. As base64url... */
  readonly token: string;
  /** ...and as hex. Either may be shown. */
  readonly hexToken: string;
  /** How long it may ring, in milliseconds. */
  readonly ringMs: number;
}

/** What a carrier tells of a call that was placed. */
export type OutboundNews =
  | { type: 'ringing' }
  | { type: 'answered' }
  /** By the carrier's own detection. `mayLeave`: the greeting of the machine is over, its beep included. */
  | { type: 'answered-by'; who: 'person' | 'machine'; mayLeave: boolean }
  /** Of a call that was placed for a caller: they, or whom it was placed to, are where both meet. */
  | { type: 'there'; who: 'caller' | 'person' }
  /** `detail` is the carrier's own word for it, for people. */
  | { type: 'ended'; outcome: OutboundOutcome; detail?: string | undefined };

/** What became of a call that was placed. `completed`: it was answered, and is over. */
export type OutboundOutcome = 'completed' | 'busy' | 'no-answer' | 'failed' | 'cancelled';

/** Of a door: how its carrier places calls. One that rings is given up by `cancel` or `hangUp` of its REST API. */
export interface Outbound<Settings = Record<string, unknown>, Rest extends CarrierRest = CarrierRest> {
  /** What has to be set so that calls can be placed, by its name in the environment; undefined when they can be. */
  needs(settings: Settings): string | undefined;
  /**
   * Has the carrier dial. Resolves with the carrier's id of the call, once that has taken the order; what becomes of it is
   * told by `Desk.report`. Rejects with a `ProviderError`.
   */
  place(call: OutboundCall, desk: Desk<Settings, Rest>): Promise<{ carrierCallId: string }>;
  /**
   * Has the carrier send a caller back to us from a meeting that nobody else is at: their call asks again, and has another line.
   * One that has ended is ended. Absent, where its lines have no `meets`, and where it `comesBackUnasked`. Rejects with a
   * `ProviderError`.
   */
  bringBack?(carrierCallId: string, desk: Desk<Settings, Rest>): Promise<void>;
  /** Who meets nobody comes back by what the carrier was told before, and cannot be asked to. Default false. */
  comesBackUnasked?: boolean;
}
