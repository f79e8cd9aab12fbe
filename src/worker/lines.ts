/**
 * Lines, from the knock to the call: a WebSocket or a TCP connection is let in by its carrier's door, says who it is
 * within its time, shows the token that it was promised a place by, or finds room, and becomes a call.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { BridgeCall, CallerFacts } from '../bridge/contract.ts';
import type { AcceptOptions, Admission, Knock, OpenedLine, TcpPort, Upgrade, Verdict } from '../bridge/door.ts';
import { BRIDGE_SERVER_OPTIONS } from '../bridge/socket-line.ts';
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { OpenSocket } from '../lib/open-socket.ts';
import { isA } from '../lib/thrown.ts';
import type { Calls } from './calls.ts';
import type { Capacity, Place, Refusal } from './capacity.ts';
import type { Connections } from './connections.ts';
import type { Newcomer } from './doorkeeper.ts';
import type { Group } from './group.ts';
import type { OpenDoor } from './open-door.ts';
import type { OutboundCalls } from './outbound-calls.ts';
import type { PlacedCall } from './placed-call.ts';
import { pathOf, type Reception } from './reception.ts';

export interface LinesOptions {
  doors: readonly OpenDoor[];
  reception: Reception;
  capacity: Capacity;
  calls: Calls;
  outbound: OutboundCalls;
  connections: Connections;
  clock: Clock;
  log: Log;
  onBadFrame: () => void;
  group: Group | undefined;
}

/** How long a caller who is refused should wait before the next attempt, in seconds. */
const RETRY_AFTER_SECONDS = 10;
/** How long a connection that was handed over may stay without becoming a call. */
const VISIT_MS = 30_000;
/** Of RFC 6455's registry. */
const TRY_AGAIN_LATER = 1013;
const POLICY_VIOLATION = 1008;

/** Of a door, where upgrades of its path are made. */
interface OpenUpgrade {
  open: OpenDoor;
  entrance: Upgrade;
  sockets: WebSocketServer;
}

/** An upgrade that was made. */
interface Opened {
  request: IncomingMessage;
  webSocket: WebSocket;
  knock: Knock;
  verdict: Verdict['type'];
  upgrade: OpenUpgrade;
}

/** A connection that may come in. */
interface Arrival {
  open: OpenDoor;
  knock: Knock;
  /** What its door made of it. */
  verdict: Verdict['type'];
  /** Undefined of one that its door has opened. */
  connection: Duplex | undefined;
  /** Of the log: where it has come in. */
  path: string;
  /** Told when it has said who it is, or is gone. */
  started: () => void;
  /** By the address or a header. */
  token: string | undefined;
  /** Undefined: it is that of a line which is there. */
  accept(options: AcceptOptions): Promise<BridgeCall | undefined>;
  /** It is not welcome. */
  close(): void;
}

export class Lines {
  readonly #options: LinesOptions;
  readonly #upgrades: readonly OpenUpgrade[];
  readonly #connections = new Set<Socket>();
  /** That their doors have opened. */
  readonly #entered = new Set<OpenSocket>();
  /** Connections that were handed over and are no calls, or not yet. */
  readonly #visitors = new Set<Duplex>();
  /** Lines that were let in and have not begun. */
  readonly #beginning = new Set<Promise<void>>();

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#upgrades = options.doors.flatMap((open) =>
      (open.door.upgrades ?? []).map((entrance) => ({ open, entrance, sockets: socketsOf(entrance) })),
    );
  }

  get visitors(): number {
    return this.#visitors.size;
  }

  /** A connection that another process has accepted. */
  visit(socket: Socket): void {
    const { clock, group } = this.#options;
    this.#visitors.add(socket);
    const cancel = clock.after(VISIT_MS, () => {
      if (this.#visitors.has(socket)) socket.destroy();
    });
    socket.once('close', () => {
      cancel();
      if (this.#visitors.delete(socket)) group?.changed();
    });
  }

  /** Of the server of HTTP; `isPassed`: another process's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, { isPassed = false } = {}): void {
    socket.on('error', () => {}); // a peer that leaves during the handshake
    const { group } = this.#options;
    if (group && !isPassed && this.#passOn(request, head, group)) return;
    this.#upgrade(request, socket, head).catch((error: unknown) => this.#fail(error, socket));
  }

  /** Nothing is believed of it here: whether there is such a line, and whether it is the peer's, is judged there. */
  #passOn(request: IncomingMessage, head: Buffer, group: Group): boolean {
    const { url = '', rawHeaders, headers, socket } = request;
    const knock = knockAt(request, 'ws');
    const process = this.#upgradeAt(pathOf(knock))?.entrance.processOf?.(knock);
    if (process === undefined || process === group.process) return false;
    this.#options.connections.keep(socket); // it is gone from here, and no event says so
    this.#isTaken({ connection: socket });
    group.pass(socket, { process, request: { url, headers, rawHeaders }, head });
    group.changed();
    return true;
  }

  #upgradeAt(path: string): OpenUpgrade | undefined {
    return this.#upgrades.find(({ entrance }) => isAt(path, entrance.path));
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { reception } = this.#options;
    const knock = knockAt(request, 'ws');
    const tooLong = await reception.judgeHeaders(request, knock);
    if (tooLong) return refuseUpgrade(socket, tooLong.statusLine);
    const path = pathOf(knock);
    const upgrade = this.#upgradeAt(path);
    if (!upgrade) return refuseUpgrade(socket, '404 Not Found');
    const verdict = await reception.judge(knock, upgrade);
    if (typeof verdict === 'object') return refuseUpgrade(socket, verdict.statusLine, verdict.headers);
    if (verdict !== 'returning' && !this.#mayComeIn(path)) {
      return refuseUpgrade(socket, '503 Service Unavailable', { 'Retry-After': String(RETRY_AFTER_SECONDS) });
    }
    upgrade.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {}); // of one that no line has taken; whoever takes it over listens for itself
      this.#open({ request, webSocket, knock, verdict, upgrade });
    });
  }

  #open({ request: { socket }, webSocket, knock, verdict, upgrade }: Opened): void {
    const { open, entrance } = upgrade;
    const path = pathOf(knock);
    const close = () => webSocket.close(TRY_AGAIN_LATER);
    const started = this.#comeIn(knock, {
      path,
      isCarrier: verdict !== 'caller' && verdict !== 'stranger',
      sendAway: close,
    });
    if (!started) return close();
    this.#options.connections.keep(socket);
    socket.setNoDelay(true);
    this.#begin({
      ...{ open, knock, verdict, connection: socket, path, started, token: entrance.tokenOf?.(knock) },
      accept: (options) => entrance.accept(webSocket, options),
      close: () => webSocket.close(POLICY_VIOLATION),
    });
  }

  /** Of a door's own port; nothing of it has been read. */
  connect(open: OpenDoor, entrance: TcpPort, socket: Socket): void {
    socket.on('error', () => {}); // whoever takes the line over listens for itself
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    this.#connect(open, entrance, socket).catch((error: unknown) => this.#fail(error, socket));
  }

  async #connect(open: OpenDoor, entrance: TcpPort, socket: Socket): Promise<void> {
    const path = open.door.name;
    const knock: Knock = { protocol: 'tcp', target: '', headers: {}, remoteAddress: socket.remoteAddress };
    const verdict = await this.#options.reception.judge(knock, { open, entrance });
    if (typeof verdict === 'object' || !this.#mayComeIn(path)) return void socket.destroy();
    const newcomer = { isCarrier: verdict === 'carrier', sendAway: () => socket.destroy() };
    const started = this.#comeIn(knock, { path, ...newcomer });
    if (!started) return void socket.destroy();
    socket.setNoDelay(true);
    this.#begin({
      ...{ open, knock, verdict, connection: socket, path, started, token: undefined },
      accept: (options) => {
        const accepted = entrance.accept(socket, options);
        socket.resume(); // one that was handed over came paused, so that nothing would be read elsewhere
        return accepted;
      },
      close: () => socket.destroy(),
    });
  }

  /** One that a door has opened itself has nothing to show: what it is, its door knows. */
  enter(open: OpenDoor, socket: OpenSocket, { path, token, accept }: OpenedLine): void {
    const knock: Knock = { protocol: 'ws', target: path, headers: {}, remoteAddress: undefined };
    this.#entered.add(socket);
    socket.once('close', () => this.#entered.delete(socket));
    this.#begin({
      ...{ open, knock, verdict: 'carrier', connection: undefined, path, token, accept },
      ...{ started: () => {}, close: () => socket.close(POLICY_VIOLATION) },
    });
  }

  /** Whoever was let in and has not said who they are has become a call, or is gone. */
  async begun(): Promise<void> {
    while (this.#beginning.size > 0) await Promise.all(this.#beginning);
  }

  /** Of every line, whatever is still going on there. */
  terminate(): void {
    for (const { sockets } of this.#upgrades) for (const socket of sockets.clients) socket.terminate();
    for (const socket of this.#connections) socket.destroy();
    for (const socket of this.#entered) socket.terminate();
  }

  dismissVisitors(): void {
    for (const visitor of this.#visitors) visitor.destroy();
  }

  /** Where there is no room, there may be a promise that this one shows. */
  #mayComeIn(path: string): boolean {
    const { capacity, doors, group, reception } = this.#options;
    const { refusal } = capacity;
    if (!refusal) return true;
    const waiting = doors.reduce((sum, { announcements }) => sum + announcements.waiting, group?.waiting() ?? 0);
    if (waiting > 0) return true;
    reception.refuse(refusal, { path });
    return false;
  }

  #comeIn(knock: Knock, { path, ...newcomer }: { path: string } & Newcomer): (() => void) | undefined {
    const { reception } = this.#options;
    const started = reception.doorkeeper.comeIn(knock, newcomer);
    if (!started) {
      reception.refuse('rate-limited', { path, reason: 'more sockets are waiting to begin than calls may' });
    }
    return started;
  }

  /** What a door threw at a knock is its own fault, and costs the connection, nobody else's. */
  #fail(error: unknown, socket: Duplex): void {
    this.#options.log.error({ err: error }, 'a connection could not be judged');
    socket.destroy();
  }

  #begin(arrival: Arrival): void {
    const beginning = this.#take(arrival);
    this.#beginning.add(beginning);
    void beginning.then(() => this.#beginning.delete(beginning));
  }

  async #take(arrival: Arrival): Promise<void> {
    const { calls, clock, log, onBadFrame, outbound } = this.#options;
    const { open, knock, path } = arrival;
    let claiming: Promise<Place | undefined> = Promise.resolve(undefined);
    let placed: PlacedCall | 'over' | undefined;
    const admit: Admission = ({ token = arrival.token, caller }) => {
      if (arrival.verdict === 'caller' && token === undefined) return this.#refuse(arrival, 'forbidden', caller);
      placed = outbound.shownBy(token);
      if (placed === 'over') return this.#refuse(arrival, 'forbidden', caller);
      claiming = this.#claim(arrival, token, caller);
      return true;
    };
    let place: Place | undefined;
    try {
      const bridge = await arrival.accept({ knock, desk: open, rest: open.rest, admit, clock, log, onBadFrame });
      if (!bridge) return this.#isTaken(arrival);
      place = await claiming; // another process may have to be asked; what the line tells meanwhile is kept
      if (!place?.take()) throw new VoiceError('unauthorized', `${open.door.name}: nobody expects this call`);
      this.#isTaken(arrival);
      calls.begin(bridge, { place, carrier: open.door.name, placed: placed === 'over' ? undefined : placed });
    } catch (error) {
      (await claiming.catch(() => undefined))?.leave();
      const code = isA(error, VoiceError) ? error.code : 'internal';
      log.warn({ path, code, err: error }, 'a line was not taken');
      arrival.close();
    } finally {
      arrival.started();
    }
  }

  /** Its connection is no visitor any more: it is a call's. */
  #isTaken({ connection }: Pick<Arrival, 'connection'>): void {
    if (connection) this.#visitors.delete(connection);
  }

  async #claim(arrival: Arrival, token: string | undefined, caller: CallerFacts): Promise<Place | undefined> {
    const { capacity } = this.#options;
    const found = await arrival.open.announcements.claim(token, caller.carrierCallId);
    const claimed = found === 'draining' ? capacity.reservePromised() : found; // it was let in before
    if (typeof claimed !== 'string') return claimed;
    this.#refuse(arrival, claimed, caller);
    return undefined;
  }

  #refuse({ path }: Arrival, why: Refusal | 'forbidden', { carrierCallId }: CallerFacts): false {
    this.#options.reception.refuse(why, { path, carrierCallId });
    return false;
  }
}

/** As it came, whatever `Host` says. */
export function knockAt(
  { url: target = '', headers, method, socket }: IncomingMessage,
  protocol: 'http' | 'ws',
): Knock {
  return { protocol, target, headers, method, remoteAddress: socket.remoteAddress };
}

function socketsOf({ protocols }: Upgrade): WebSocketServer {
  const handleProtocols = (offered: Set<string>) => [...offered].find((one) => protocols?.includes(one)) ?? false;
  return new WebSocketServer({ noServer: true, ...BRIDGE_SERVER_OPTIONS, ...(protocols && { handleProtocols }) });
}

/** Whether a path is the one of an entrance, or one segment below it where that ends with `/*`. */
export function isAt(path: string, entrance: string): boolean {
  if (!entrance.endsWith('/*')) return path === entrance;
  const folder = entrance.slice(0, -1);
  return path.startsWith(folder) && /^[^/]+$/.test(path.slice(folder.length));
}

/** Answers an upgrade that is not made, and ends its connection. */
export function refuseUpgrade(socket: Duplex, status: string, headers: Record<string, string> = {}): void {
  socket.once('finish', () => socket.destroy()); // some peers keep their half open, and may be sent away before that
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
