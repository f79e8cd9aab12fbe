/**
 * The process that has the ports of a worker of several: accepts connections, hands each to the process with the most room,
 * replaces what dies, and knows what all are together. It answers no call, so nothing that a call does can stop it.
 *
 * Why not node:cluster: it hands connections out in turn, whoever is full, and a port 0 that two of its workers open is
 * one and the same, so that the simulators of one would answer another.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Door } from '../bridge/door.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { ID_BYTES } from './announcements.ts';
import { Arbiter, type Want } from './arbiter.ts';
import { choose, isFull, pauseBefore, stateOf, waitingAt, type Member } from './balance.ts';
import type { CallLimit } from './capacity.ts';
import {
  LIFE_SIGN_MS,
  processSettingsOf,
  shareOf,
  type FromProcess,
  type PassedUpgrade,
  type Setup,
  type ToProcess,
  type WorkerLoad,
} from './group.ts';
import { CARRIERS } from './carriers.ts';
import { HTTP, listen, listenersOf, type Listener } from './listen.ts';
import { MetricsSum } from './metrics-sum.ts';
import type { Settings } from './settings.ts';

export interface PrimaryOptions {
  settings: Settings;
  limit: CallLimit;
  processes: number;
  /** The module that each process runs; see `runProcess`. */
  module: string;
  transcripts?: string | undefined;
  /** Whose doors have ports, the same as in the processes. Default: those of Parley. */
  carriers?: readonly Door[] | undefined;
  log: Log;
  clock: Clock;
}

/** A process that gives no sign of life for so long stands still, and its calls with it. */
const STUCK_MS = 10_000;
/** And one that misses two signs in a row is late, and gets no calls while others take them. */
const SILENT_MS = 2 * LIFE_SIGN_MS + 500;
/** How long processes may take to tell their metrics; for who does not, the last ones count. */
const METRICS_MS = 1_000;
/** How long a process may take to end that was told to end at once: what it has recorded goes to disk first. */
const CLOSE_MS = 15_000;
/** The first process is started so often, when it is killed before it is ready. */
const MOST_FIRST_STARTS = 3;
const EMPTY: WorkerLoad = { calls: 0, places: 0, waiting: 0, visitors: 0, refusal: undefined };
const NOBODY = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

interface Running extends Member {
  /** Of all that there ever were. */
  id: number;
  slot: number;
  child: ChildProcess;
  /** Connections may be handed to it. */
  isReady: boolean;
  hasBeenReady: boolean;
  /** It is on its way out, of its own accord, and its successor is at work. */
  isLeaving: boolean;
  sent: number;
  received: number;
  /** Connections that it was sent and has not received, in order. */
  handed: { socket: Socket; listener: string }[];
  /** Of what was counted and it has not taken account of, in order: places more or less. */
  owing: number[];
  /** What it has taken account of. */
  counted: number;
  startedAtMs: number;
  seenAtMs: number;
  agent: string;
}

export class Primary {
  readonly #options: PrimaryOptions;
  readonly #running = new Map<number, Running>();
  /** Of each slot: the last pause before it was filled again. */
  readonly #pausesMs: number[];
  readonly #arbiter: Arbiter;
  readonly #metrics = new MetricsSum();
  readonly #registry = new Registry();
  readonly #exits = new Counter({
    name: 'parley_process_exits_total',
    help: 'Processes that ended and were not told to.',
    registers: [this.#registry],
  });
  readonly #workerId = randomBytes(ID_BYTES).toString('hex');
  readonly #secret = randomBytes(32).toString('hex');
  readonly #servers: Server[] = [];
  readonly #addresses = new Map<string, string>();
  readonly #asked = new Map<number, Map<number, () => void>>();
  #count = 0;
  #turns = 0;
  #questions = 0;
  /** One process has been ready, so that nothing is wrong with the agent. */
  #hasStarted = false;
  #isEnding = false;
  #hasEndedBadly = false;
  #isTelling = false;
  #stopWatching: () => void = () => {};
  #whenGone: (() => void)[] = [];

  constructor(options: PrimaryOptions) {
    this.#options = options;
    const hasRoom = () => !isFull(this.#members, options.limit.calls);
    this.#arbiter = new Arbiter({ clock: options.clock, hasRoom });
    this.#pausesMs = Array.from({ length: options.processes }, () => 0);
    const count = () => this.#members.length;
    new Gauge({
      name: 'parley_processes',
      help: 'Processes that answer calls.',
      registers: [this.#registry],
      collect() {
        this.set(count());
      },
    });
  }

  /** Calls of all processes. */
  get calls(): number {
    return stateOf(this.#members, this.#options.limit).calls;
  }

  /** Where it listens: `http`, and each door with a port of its own, by its name. */
  get addresses(): ReadonlyMap<string, string> {
    return this.#addresses;
  }

  /**
   * Opens the ports and starts the processes: the first alone, so that what is wrong with an agent is told once. Resolves
   * with the address and the agent's name, or with the exit code of the first when it could not start. Another one that
   * cannot is replaced, for by then there may be calls.
   * @throws {VoiceError} `file-unreadable`, when a port cannot be opened.
   */
  async start(): Promise<{ url: string; agent: string } | { exitCode: number }> {
    const { settings, carriers = CARRIERS, clock, processes } = this.#options;
    for (const listener of listenersOf(settings, carriers)) await this.#listen(listener);
    this.#watch(clock.nowMs());
    const exitCode = await this.#startFirst();
    if (exitCode !== undefined) return { exitCode };
    const [first] = this.#running.values();
    const others = Array.from({ length: processes - 1 }, (_, index) => this.#forkUntilReady(index + 1));
    await Promise.all(others);
    return { url: this.#addresses.get(HTTP) ?? '', agent: first?.agent ?? '' };
  }

  /** No new calls; resolves when every process has let its calls end, and itself. False when one did not end well. */
  async drain(): Promise<boolean> {
    this.#isEnding = true;
    this.#tellAll({ type: 'drain' });
    await this.#gone();
    return !this.#hasEndedBadly;
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#stopWatching();
    this.#tellAll({ type: 'close' });
    const kill = this.#options.clock.after(CLOSE_MS, () => {
      for (const { child } of this.#running.values()) child.kill('SIGKILL');
    });
    await this.#gone();
    kill();
    for (const server of this.#servers.splice(0)) server.close();
  }

  #gone(): Promise<void> {
    return this.#running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenGone.push(resolve));
  }

  // ---- processes ----------------------------------------------------------------------------------------------------

  /** Resolves with undefined when it is ready, else with its exit code. One that is killed says nothing about the agent. */
  async #startFirst(): Promise<number | undefined> {
    for (let tries = 1; !this.#isEnding; tries++) {
      const end = await this.#forkUntilReady(0);
      if (!end) return undefined;
      if (end.code !== null || tries === MOST_FIRST_STARTS) return end.code ?? 1;
    }
    return 0;
  }

  /** Resolves when it is ready, with undefined, or has ended before that. */
  #forkUntilReady(slot: number): Promise<{ code: number | null } | undefined> {
    if (this.#isEnding) return Promise.resolve({ code: 0 });
    const { child } = this.#fork(slot);
    return new Promise((resolve) => {
      child.on('message', ({ type }: FromProcess) => (type === 'ready' ? resolve(undefined) : undefined));
      child.once('exit', (code) => resolve({ code }));
    });
  }

  #fork(slot: number): Running {
    const { module, settings, limit, processes, transcripts } = this.#options;
    const nowMs = this.#options.clock.nowMs();
    const child = fork(module, [], { serialization: 'advanced' });
    const one: Running = {
      ...{ id: ++this.#count, slot, child, agent: '', isReady: false, hasBeenReady: false, isLeaving: false },
      ...{
        limit: shareOf(limit.calls, slot, processes),
        load: EMPTY,
        underWay: 0,
        owed: 0,
        owing: [],
        handed: [],
        counted: 0,
        isSilent: false,
        lastTurn: 0,
        sent: 0,
        received: 0,
        startedAtMs: nowMs,
        seenAtMs: nowMs,
      },
    };
    this.#running.set(one.id, one);
    const setup: Setup = {
      slot: slot + 1,
      process: one.id,
      settings: processSettingsOf(settings, processes),
      limit,
      url: this.#addresses.get(HTTP) ?? '',
      workerId: this.#workerId,
      secret: this.#secret,
      transcripts,
    };
    child.on('message', (message: FromProcess, socket?: Socket) => this.#hear(one, message, socket));
    child.on('error', (err) => this.#options.log.warn({ process: slot + 1, err }, 'a process cannot be reached'));
    child.once('exit', (code, signal) => this.#bury(one, code, signal));
    this.#tell(one, { type: 'start', setup });
    return one;
  }

  #hear(one: Running, message: FromProcess, socket: Socket | undefined): void {
    one.seenAtMs = this.#options.clock.nowMs();
    one.isSilent = false;
    switch (message.type) {
      case 'ready':
        one.isReady = one.hasBeenReady = this.#hasStarted = true;
        one.agent = message.agent;
        return this.#tellStateSoon();
      case 'load':
        one.load = message.load;
        for (const { socket } of one.handed.splice(0, message.received - one.received)) socket.destroy(); // ours alone
        one.received = message.received;
        one.underWay = one.sent - one.received;
        for (const places of one.owing.splice(0, message.counted - one.counted)) one.owed -= places;
        one.counted = message.counted;
        if (one.load.refusal === 'draining') this.#succeed(one);
        return this.#tellStateSoon();
      case 'share':
        for (const other of this.#running.values()) {
          if (other !== one) this.#tell(other, { type: 'news', news: message.news, isCounted: false });
        }
        return this.#tell(one, { type: 'shared', id: message.id });
      case 'pass':
        return socket && this.#pass(socket, message.upgrade);
      case 'expect':
        return this.#arbiter.expect(message.number, message.forMs, one.id);
      case 'decide':
        return this.#decide(one, message.id, message.want);
      case 'ask-metrics':
        return void this.#gatherMetrics().then((text) => this.#tell(one, { type: 'metrics', id: message.id, text }));
      case 'metrics':
        this.#metrics.update(one.id, message.metrics);
        return this.#asked.get(message.id)?.get(one.id)?.();
      case 'leaving':
        one.isReady = false; // what was handed over before comes to it before this answer does
        return this.#tell(one, { type: 'leave' });
    }
  }

  /** One for all, so that no place is given and no token taken twice. A place may move from who keeps it to who asks. */
  #decide(one: Running, id: number, want: Want): void {
    const keeperId = want.type === 'claim' ? this.#arbiter.keeperOf(want.number) : undefined;
    const isGranted = this.#arbiter.decide(want);
    const isCounted = isGranted && (want.type === 'place' || (want.type === 'claim' && keeperId !== one.id));
    if (isCounted) this.#owe(one, 1);
    this.#tell(one, { type: 'decided', id, isGranted, isCounted });
    const keeper = this.#running.get(keeperId ?? one.id);
    if (!isCounted || want.type !== 'claim' || !keeper) return;
    this.#owe(keeper, -1);
    this.#tell(keeper, { type: 'news', news: { type: 'claimed', number: want.number }, isCounted: true });
  }

  #owe(one: Running, places: number): void {
    one.owing.push(places);
    one.owed += places;
  }

  /** It lets its calls end and takes no more, though nobody told it to: another one takes its place at once. */
  #succeed(one: Running): void {
    if (this.#isEnding || one.isLeaving || !one.isReady) return;
    one.isLeaving = true;
    this.#options.log.warn(
      { process: one.slot + 1, pid: one.child.pid },
      'a process takes no more calls: another begins',
    );
    this.#replace(one);
  }

  #bury(one: Running, code: number | null, signal: string | null): void {
    this.#running.delete(one.id);
    void this.#metrics.forget(one.id);
    for (const waiting of this.#asked.values()) waiting.get(one.id)?.();
    for (const { socket, listener } of one.handed.splice(0)) {
      this.#handOn(socket, listener); // it died before it took them
    }
    this.#tellStateSoon();
    if (this.#isEnding)
      this.#hasEndedBadly ||= code !== 0 && one.hasBeenReady; // else it had no calls
    else if (this.#hasStarted) this.#mourn(one, { code, signal });
    if (this.#running.size === 0) for (const resolve of this.#whenGone.splice(0)) resolve();
  }

  #mourn(one: Running, end: { code: number | null; signal: string | null }): void {
    const { log } = this.#options;
    const facts = { process: one.slot + 1, pid: one.child.pid, ...end, calls: one.load.calls };
    this.#exits.inc();
    if (one.isLeaving) return log.info(facts, 'a process that took no more calls has ended');
    log.error(facts, one.hasBeenReady ? 'a process died, and its calls with it' : 'a process could not start');
    this.#replace(one);
  }

  #replace({ slot, startedAtMs }: Running): void {
    const livedMs = this.#options.clock.nowMs() - startedAtMs;
    const pauseMs = pauseBefore({ livedMs, lastPauseMs: this.#pausesMs[slot] ?? 0 });
    this.#pausesMs[slot] = pauseMs;
    this.#options.log.info({ process: slot + 1, pauseMs }, 'a process is replaced');
    this.#options.clock.after(pauseMs, () => {
      if (!this.#isEnding) this.#fork(slot);
    });
  }

  /** A process whose event loop stands still answers nobody. If this one stood still itself, it cannot tell. */
  #watch(dueMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    const wasAsleep = nowMs - dueMs > LIFE_SIGN_MS;
    for (const one of this.#running.values()) {
      if (wasAsleep || !one.isReady) one.seenAtMs = nowMs;
      if (nowMs - one.seenAtMs >= SILENT_MS && !one.isSilent) {
        one.isSilent = true;
        this.#tellStateSoon();
      }
      if (nowMs - one.seenAtMs < STUCK_MS) continue;
      const facts = { process: one.slot + 1, pid: one.child.pid, calls: one.load.calls };
      this.#options.log.error(facts, `a process has stood still for ${STUCK_MS} ms: it is ended`);
      one.child.kill('SIGKILL');
    }
    this.#stopWatching = this.#options.clock.after(LIFE_SIGN_MS, () => this.#watch(nowMs + LIFE_SIGN_MS));
  }

  // ---- connections --------------------------------------------------------------------------------------------------

  get #members(): Running[] {
    return [...this.#running.values()].filter(({ isReady, child }) => isReady && child.connected);
  }

  async #listen(listener: Listener): Promise<void> {
    const server = createServer({ pauseOnConnect: true }, (socket) => this.#handOn(socket, listener.name));
    this.#servers.push(server);
    this.#addresses.set(listener.name, await listen(server, listener));
  }

  #handOn(socket: Socket, listener: string): void {
    socket.on('error', () => {}); // a peer that is gone already
    const one = choose(this.#members, this.#options.limit.calls);
    if (!one) return void (listener === HTTP ? socket.end(NOBODY) : socket.destroy());
    one.sent++;
    one.underWay++;
    one.lastTurn = ++this.#turns;
    one.handed.push({ socket, listener });
    one.child.send({ type: 'connection', listener } satisfies ToProcess, socket, { keepOpen: true }, () => {}); // kept until it says that it has come, for it may die before that
  }

  /** To the one that has its line, though that may be on its way out. It is not kept here: with that process its line is gone. */
  #pass(socket: Socket, upgrade: PassedUpgrade): void {
    socket.on('error', () => {}); // a peer that is gone already
    const holder = this.#running.get(upgrade.process);
    const one = holder?.child.connected ? holder : choose(this.#members, this.#options.limit.calls);
    if (!one) return void socket.destroy();
    one.child.send({ type: 'passed', upgrade } satisfies ToProcess, socket, () => {});
  }

  #tellAll(message: ToProcess): void {
    for (const one of this.#running.values()) this.#tell(one, message);
  }

  #tell({ child }: Running, message: ToProcess): void {
    if (child.connected) child.send(message, () => {}); // one that is just dying is buried soon
  }

  /** What processes have to know of each other; once for all that happens in a tick. */
  #tellStateSoon(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      const members = this.#members;
      const { limit } = this.#options;
      const state = stateOf(members, limit);
      const whole = { state, isFull: isFull(members, limit.calls) };
      const waiting = waitingAt(members);
      for (const one of members) this.#tell(one, { type: 'state', ...whole, waiting: waiting - one.load.waiting });
    });
  }

  // ---- metrics ------------------------------------------------------------------------------------------------------

  async #gatherMetrics(): Promise<string> {
    const id = ++this.#questions;
    const waiting = new Map<number, () => void>();
    this.#asked.set(id, waiting);
    const answers = this.#members.map(
      (one) =>
        new Promise<void>((resolve) => {
          waiting.set(one.id, resolve);
          this.#tell(one, { type: 'ask-metrics', id });
        }),
    );
    let stop = () => {};
    const late = new Promise<void>((resolve) => (stop = this.#options.clock.after(METRICS_MS, resolve)));
    await Promise.race([Promise.all(answers), late]);
    stop();
    this.#asked.delete(id);
    return this.#metrics.text(await this.#registry.getMetricsAsJSON());
  }
}
