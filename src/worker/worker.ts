/**
 * The process behind the carriers: takes calls at their doors, as long as there is room, and lets them end. Each door
 * knows who may come in before anything of a request is believed.
 */
import type { Server } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Door } from '../bridge/door.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { preparePhrases, type SpeechServices } from '../call/phone.ts';
import { requestLimitsOf, togetherWith, vendorsWith, type Vendors } from '../call/vendors.ts';
import { isDoneWithin, type WallClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { prepareFolder } from '../record/folder.ts';
import type { CallRecording } from '../record/recording.ts';
import { Arbiter, type Decide } from './arbiter.ts';
import type { OrderRules } from './call-order.ts';
import { CallsApi } from './calls-api.ts';
import { Calls } from './calls.ts';
import { Capacity } from './capacity.ts';
import { CARRIERS } from './carriers.ts';
import { Connections } from './connections.ts';
import { Guest } from './guest.ts';
import { createHttpServer, requestOf } from './http-server.ts';
import { wholeLimitOf, type Group, type News, type PassedUpgrade, type WorkerLoad } from './group.ts';
import { Lines } from './lines.ts';
import { HTTP, listen, listenersOf, type Listener } from './listen.ts';
import { LoopLag } from './loop-lag.ts';
import { Memory } from './memory.ts';
import { Metrics } from './metrics.ts';
import { OpenDoor, type House } from './open-door.ts';
import { OutboundCalls } from './outbound-calls.ts';
import type { Parley } from './parley.ts';
import { Reception } from './reception.ts';
import { createRoutes, PROBES, type WorkerApp } from './routes.ts';
import { checkTogether, type Settings } from './settings.ts';
import { warnOfTransfers } from './transfers.ts';

export interface WorkerOptions {
  /** Read for the same carriers. */
  settings: Settings;
  /** For every call, or asked for each one's. */
  agent: Agent | (() => Agent);
  parley: Parley;
  speech: SpeechServices;
  log: Log;
  clock: WallClock;
  /** Whose calls it takes. Default: those of Parley. */
  carriers?: readonly Door[] | undefined;
  /** Vendors of the program's own. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  /** Told of every call before its first event. */
  onCall?: ((call: Call, recording: CallRecording | undefined) => void) | undefined;
  /** The other processes of the same worker. Default: there are none. */
  group?: Group | undefined;
  /** Adds routes of the program's own, before those of the carriers. Default: none. */
  mount?: ((app: WorkerApp) => void) | undefined;
  /** Of stand-ins, by carrier: what opens its REST API where no account of the user's does. Default: nothing. */
  accounts?: House['accounts'];
}

/** After the time to drain is over, a goodbye is spoken; it may take so long. */
const GOODBYE_MS = 15_000;
/** And a call that is ended at once, which lets its tools that write finish. */
const CLOSE_MS = 2_000;
/** And what was recorded, until all of it is on disk. */
const RECORDING_MS = 10_000;

export class Worker {
  readonly metrics: Metrics;
  readonly #options: WorkerOptions;
  readonly #agent: () => Agent;
  readonly #capacity: Capacity;
  readonly #arbiter: Pick<Arbiter, 'expect'> & { decide: Decide };
  readonly #memory: Memory;
  readonly #doors: readonly OpenDoor[];
  readonly #reception: Reception;
  readonly #calls: Calls;
  /** Those that are placed. */
  readonly outbound: OutboundCalls;
  readonly #connections = new Connections();
  readonly #lines: Lines;
  readonly #lag: LoopLag;
  readonly #listeners: readonly Listener[];
  readonly #addresses = new Map<string, string>();
  #http: Server | undefined;
  readonly #servers: NetServer[] = [];
  #prepared: Promise<number> | undefined;

  /** @throws {VoiceError} `options-invalid`, when the settings do not fit together, or not to the carriers. */
  constructor(options: WorkerOptions) {
    const { settings, agent: given, parley, speech, log, clock, group, onCall, carriers = CARRIERS } = options;
    this.#agent = typeof given === 'function' ? given : () => given;
    const agent = this.#agent();
    const [problem] = checkTogether(settings, carriers);
    if (problem !== undefined) throw new VoiceError('options-invalid', problem);
    this.#options = options;
    const vendors = vendorsWith(togetherWith(options.vendors, agent.own));
    const limits = requestLimitsOf(settings, { name: agent.vendors.model, vendors });
    this.#listeners = listenersOf(settings, carriers);
    this.#lag = this.#watchLag();
    this.#arbiter = group ?? new Arbiter({ clock });
    this.#capacity = new Capacity({
      limit: group?.limit ?? wholeLimitOf(settings, limits),
      clock,
      isLagging: () => this.#lag.isLagging,
      isWholeFull: () => group?.isFull() ?? false,
      decide: (want) => this.#arbiter.decide(want),
      changed: () => group?.changed(),
    });
    this.metrics = new Metrics({ calls: () => this.calls.size, isReady: () => this.isReady });
    const { synthesizer, transcriber, frameClock } = speech;
    this.metrics.watchSpeech({ synthesizers: [synthesizer], transcribers: [transcriber], frameClock });
    const thinker = parley.modelOf(agent);
    this.metrics.watchVendors(() => [thinker, synthesizer, transcriber].flatMap((one) => one.health?.() ?? []));
    this.#reception = new Reception({ settings, metrics: this.metrics, log });
    this.#memory = new Memory({
      clock,
      decide: (want) => this.#arbiter.decide(want),
      share: async (news) => group?.share(news),
    });
    this.outbound = new OutboundCalls({
      ...{ clock, log, group, perSecond: settings.callsPerSecond },
      agent: () => this.#agent().name,
      doors: () => this.#doors,
      newCallId: () => parley.newCallId(),
    });
    this.#doors = this.#openDoors(carriers);
    this.#calls = new Calls({
      ...{ agent: this.#agent, parley, speech, metrics: this.metrics, clock, log, group, onCall },
      outbound: this.outbound,
      recordDirectory: settings.recordDirectory,
      changed: () => group?.changed(),
    });
    this.#lines = new Lines({
      ...{ doors: this.#doors, reception: this.#reception, capacity: this.#capacity, calls: this.#calls },
      outbound: this.outbound,
      ...{ clock, log, group, connections: this.#connections, onBadFrame: () => this.metrics.badFrame() },
    });
  }

  /** The agent's own phrases have been made, or could not be. Calls are taken before that. */
  get prepared(): Promise<number> {
    const { speech, log } = this.#options;
    return (this.#prepared ??= preparePhrases(this.#agent(), speech, { log }));
  }

  /** New calls are taken. */
  get isReady(): boolean {
    return this.#http !== undefined && this.#capacity.refusal === undefined;
  }

  get calls(): ReadonlySet<Call> {
    return this.#calls.running;
  }

  /** Where it listens: `http`, and each door with a port of its own, by its name. */
  get addresses(): ReadonlyMap<string, string> {
    return this.#addresses;
  }

  /** What an order for a call is read by, now. */
  orderRules(): OrderRules {
    const { name: agent, machine } = this.#agent();
    const { callsFrom: standardFrom } = this.#options.settings;
    return { doors: this.#doors, agent, standardFrom, standardMessage: machine.phrases.voicemail[0] };
  }

  get load(): WorkerLoad {
    const { used: places, ownRefusal: refusal } = this.#capacity;
    const waiting = this.#doors.reduce((sum, { announcements }) => sum + announcements.waiting, 0);
    return { calls: this.calls.size, places, waiting, visitors: this.#lines.visitors, refusal };
  }

  /**
   * Opens the ports; resolves with the address of HTTP, such as `http://127.0.0.1:8080`.
   * @throws {VoiceError} `file-unreadable`, when a port cannot be opened, or nothing written where calls are recorded.
   */
  async start(): Promise<string> {
    await this.#prepareRecordings();
    const http = this.#createHttp();
    for (const listener of this.#listeners) {
      await this.#listen(listener, listener.name === HTTP ? http : undefined);
    }
    this.#open(http);
    return this.#addresses.get(HTTP) ?? '';
  }

  /** In place of `start`, where another process has the ports and hands connections over. `url`: the address there. */
  async attach(url: string): Promise<void> {
    await this.#prepareRecordings();
    this.#addresses.set(HTTP, url);
    const http = this.#createHttp();
    this.#servers.push(http);
    http.emit('listening'); // it never will, and by that Node begins to look for whoever sends slowly, or nothing
    this.#open(http);
  }

  /**
   * In place of `start`, inside a server of the program's own. Of ports it opens those of doors that have one of their own.
   * `isProbed`: whether `/healthz`, `/readyz` and `/metrics` are answered there too.
   * @throws {VoiceError} As `start` does.
   */
  async embed({ isProbed }: { isProbed: boolean }): Promise<Guest> {
    await this.#prepareRecordings();
    for (const listener of this.#listeners.filter(({ name }) => name !== HTTP)) await this.#listen(listener);
    this.#open(this.#createHttp({ isGuest: true }));
    return new Guest({
      http: () => this.#http,
      requests: [...(isProbed ? PROBES : []), ...this.#pathsOf('routes')],
      upgrades: this.#pathsOf('upgrades'),
      publicUrl: this.#options.settings.publicUrl,
      reachedAt: (url) => this.#addresses.set(HTTP, url),
    });
  }

  /** A connection that another process has accepted, and of which nothing has been read. */
  handle(socket: Socket, listener: string): void {
    const server = this.#http;
    if (!server) return void socket.destroy();
    this.#lines.visit(socket);
    if (listener !== HTTP) return this.#connect(listener, socket);
    server.emit('connection', socket);
    socket.resume(); // it was paused, so that nothing would be read elsewhere
  }

  /** An upgrade that has come to another process, and whose line is said to be here. */
  takePassed(socket: Socket, { request, head }: PassedUpgrade): void {
    if (!this.#http) return void socket.destroy();
    this.#lines.visit(socket);
    this.#lines.upgrade(requestOf(socket, request), socket, Buffer.from(head), { isPassed: true });
  }

  /** What another process has to tell. */
  learn(news: News): void {
    switch (news.type) {
      case 'claimed':
        for (const { announcements } of this.#doors) announcements.release(news.number);
        return;
      case 'line-begun':
      case 'line-ended':
        return this.#calls.learn(news);
      case 'remembered':
        return this.#memory.learn(news);
      case 'placed':
        return this.outbound.learn(news.call);
    }
  }

  /**
   * No new calls; the running ones, and those that were promised a place, may go on for `drainMs`, then they hear a
   * goodbye. Resolves when the last has ended, or will not end for all that.
   */
  async drain(drainMs = this.#options.settings.drainMs): Promise<void> {
    this.#capacity.drain();
    if (await this.#emptyWithin(drainMs)) return;
    this.#calls.part();
    if (this.calls.size > 0) await this.#emptyWithin(GOODBYE_MS);
  }

  /** Ends at once what is still there; what was recorded is on disk afterwards. */
  async close(): Promise<void> {
    this.#capacity.drain();
    this.#lag.close();
    for (const call of this.calls) call.hangUp('worker-stopped');
    const ends = [...this.calls].map((call) => call.ended);
    await this.#settledWithin(ends, CLOSE_MS);
    await this.#settledWithin(this.#calls.recordings, RECORDING_MS);
    this.#lines.terminate();
    await Promise.all(this.#doors.map(async ({ rest }) => rest?.close()));
    this.#lines.dismissVisitors();
    this.#http?.closeAllConnections();
    this.#http = undefined;
    const servers = this.#servers.splice(0);
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  // ---- how it is put together ---------------------------------------------------------------------------------------

  #watchLag(): LoopLag {
    const { settings, clock, log, group } = this.#options;
    return new LoopLag({
      limitMs: settings.maxLagMs,
      clock,
      changed: (isLagging, p99Ms) => {
        const facts = { lagP99Ms: Math.round(p99Ms), maxLagMs: settings.maxLagMs };
        if (isLagging) log.warn(facts, 'the event loop is late: new calls are refused');
        else log.info(facts, 'the event loop is in time again: calls are taken');
        group?.changed();
      },
    });
  }

  #openDoors(carriers: readonly Door[]): OpenDoor[] {
    const { settings, clock, log, group, parley } = this.#options;
    const house = {
      ...{ settings, clock, log, group, arbiter: this.#arbiter, capacity: this.#capacity, memory: this.#memory },
      outbound: this.outbound,
      url: () => this.#addresses.get(HTTP) ?? '',
      enter: (...line: Parameters<Lines['enter']>) => this.#lines.enter(...line),
      agent: () => this.#agent(),
      announced: () => parley.prewarm(this.#agent()), // while the phone rings
      isOnTheLine: (carrier: string, id: string) => this.#calls.isOnTheLine(carrier, id),
      refused: this.#reception.refuse,
      accounts: this.#options.accounts,
    };
    return carriers.map((door) => new OpenDoor(door, house));
  }

  async #prepareRecordings(): Promise<void> {
    const { recordDirectory } = this.#options.settings;
    if (recordDirectory !== undefined) await prepareFolder(recordDirectory);
  }

  async #listen(listener: Listener, server = this.#createTcp(listener)): Promise<void> {
    this.#servers.push(server);
    this.#addresses.set(listener.name, await listen(server, listener));
  }

  #createTcp({ name }: Listener): NetServer {
    return createServer((socket) => this.#connect(name, socket));
  }

  #pathsOf(entrances: 'routes' | 'upgrades'): string[] {
    return this.#doors.flatMap(({ door }) => (door[entrances] ?? []).map(({ path }) => path));
  }

  #createHttp({ isGuest = false } = {}): Server {
    const { settings, log, group, speech } = this.#options;
    const routes = createRoutes({
      ...{ doors: this.#doors, reception: this.#reception, metrics: this.metrics, log, group },
      callsApi: this.#callsApi(),
      connections: this.#connections,
      isSimulated: settings.simulate,
      mount: this.#options.mount,
      state: () => ({ calls: this.calls.size, refusal: this.#capacity.refusal }),
      behindMs: () => speech.frameClock?.behindMs ?? 0,
    });
    return createHttpServer({
      ...{ routes, connections: this.#connections, isGuest },
      upgrade: (request, socket, head) => this.#lines.upgrade(request, socket, head),
    });
  }

  #callsApi(): CallsApi {
    const { settings } = this.#options;
    const { bridgeTokens, origins } = settings;
    return new CallsApi({
      ...{ calls: this.outbound, bridgeTokens, origins, refused: this.#reception.refuse },
      rules: () => this.orderRules(),
    });
  }

  #open(http: Server): void {
    this.#http = http;
    warnOfTransfers({ agent: this.#agent(), log: this.#options.log }, this.#doors);
    void this.prepared;
  }

  /** A connection that a door's own port has accepted. */
  #connect(name: string, socket: Socket): void {
    const open = this.#doors.find(({ door }) => door.name === name);
    if (!open?.door.tcp) return void socket.destroy();
    this.#lines.connect(open, open.door.tcp, socket);
  }

  // ---- its end ------------------------------------------------------------------------------------------------------

  async #emptyWithin(ms: number): Promise<boolean> {
    return isDoneWithin(this.#emptied(), ms, this.#options.clock);
  }

  /** Whoever was let in and has not said who they are becomes a call yet, or is gone within the time to start. */
  async #emptied(): Promise<void> {
    await this.#lines.begun();
    await this.#capacity.emptied();
  }

  #settledWithin(promises: Iterable<Promise<unknown>>, ms: number): Promise<unknown> {
    return isDoneWithin(Promise.allSettled(promises), ms, this.#options.clock);
  }
}
