/** One process's end of the link to its primary: what it is told, and what it tells. */
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import type { Want } from './arbiter.ts';
import type { CallLimit } from './capacity.ts';
import {
  LIFE_SIGN_MS,
  type FromProcess,
  type Group,
  type GroupState,
  type News,
  type PassedUpgrade,
  type Setup,
  type ToProcess,
} from './group.ts';
import type { Worker } from './worker.ts';

/** Visitors are answered in no time, unless they do not ask. */
const WAIT_MS = 20;
const MOST_WAITS = 50;

/** Why the process is to end: its calls first, or at once. */
export type EndOrder = 'drain' | 'close' | 'primary-lost';

export class ProcessLink implements Group {
  readonly process: number;
  readonly limit: CallLimit;
  readonly workerId: Buffer;
  readonly secret: string;
  readonly #clock: Clock;
  readonly #onEnd: (order: EndOrder) => void;
  readonly #shared = new Map<number, () => void>();
  readonly #metrics = new Map<number, (text: string) => void>();
  readonly #decided = new Map<number, (isGranted: boolean) => void>();
  readonly #mayLeave: Promise<void>;
  #letLeave: () => void = () => {};
  #worker: Worker | undefined;
  #state: GroupState = { calls: 0, processes: 1, refusal: undefined };
  #isFull = false;
  #waiting = 0;
  #received = 0;
  #counted = 0;
  #questions = 0;
  #shares = 0;
  #isTelling = false;

  /** `ended` may be told more than once. */
  constructor({ process: number, limit, workerId, secret }: Setup, clock: Clock, ended: (order: EndOrder) => void) {
    this.#clock = clock;
    this.process = number;
    this.limit = limit;
    this.workerId = Buffer.from(workerId, 'hex');
    this.secret = secret;
    this.#onEnd = ended;
    this.#mayLeave = new Promise((resolve) => (this.#letLeave = resolve));
    process.on('message', (message: ToProcess, socket?: Socket) => this.#hear(message, socket));
    process.once('disconnect', () => {
      this.#letLeave();
      for (const resolve of this.#shared.values()) resolve();
      for (const resolve of this.#decided.values()) resolve(true);
      ended('primary-lost');
    });
  }

  /** From now on connections come. */
  open(worker: Worker, agent: string): void {
    this.#worker = worker;
    this.#tell({ type: 'ready', agent });
    this.#giveSigns();
  }

  /** Before the process ends: resolves when no more connections come, and those that came have been answered. */
  async leave(): Promise<void> {
    if (!this.#worker) return;
    this.#tell({ type: 'leaving' });
    await this.#mayLeave;
    for (let waits = 0; waits < MOST_WAITS && this.#worker.load.visitors > 0; waits++) {
      await new Promise<void>((resolve) => this.#clock.after(WAIT_MS, resolve));
    }
  }

  state(): GroupState {
    return this.#state;
  }

  isFull(): boolean {
    return this.#isFull;
  }

  waiting(): number {
    return this.#waiting;
  }

  metrics(): Promise<string> {
    if (!process.connected) return this.#worker?.metrics.text() ?? Promise.resolve('');
    const id = ++this.#questions;
    this.#tell({ type: 'ask-metrics', id });
    return new Promise((resolve) => this.#metrics.set(id, resolve));
  }

  share(news: News, known?: () => void): Promise<void> {
    if (!process.connected) {
      known?.();
      return Promise.resolve();
    }
    const id = ++this.#shares;
    this.#tell({ type: 'share', id, news });
    return new Promise((resolve) => {
      this.#shared.set(id, () => {
        known?.();
        resolve();
      });
    });
  }

  expect(number: string, forMs: number): void {
    this.#tell({ type: 'expect', number, forMs });
  }

  /** Without a primary no more connections come, and what was shown by one that is here is believed. */
  decide(want: Want): Promise<boolean> {
    if (!process.connected) return Promise.resolve(true);
    const id = ++this.#questions;
    this.#tell({ type: 'decide', id, want });
    return new Promise((resolve) => this.#decided.set(id, resolve));
  }

  changed(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    setImmediate(() => {
      this.#isTelling = false;
      this.#tellLoad();
    });
  }

  pass(socket: Socket, upgrade: PassedUpgrade): void {
    if (!process.connected) return void socket.destroy();
    Object.assign(socket, { server: undefined }); // which would wait, when it closes, for whoever has its sockets
    process.send?.({ type: 'pass', upgrade } satisfies FromProcess, socket, undefined, () => {});
  }

  #hear(message: ToProcess, socket: Socket | undefined): void {
    switch (message.type) {
      case 'connection':
        this.#received++;
        if (socket) this.#worker?.handle(socket, message.listener); // undefined when its peer has left on the way
        return this.changed();
      case 'passed':
        if (socket) this.#worker?.takePassed(socket, message.upgrade);
        return;
      case 'state':
        this.#state = message.state;
        this.#isFull = message.isFull;
        this.#waiting = message.waiting;
        return;
      case 'news':
        if (message.isCounted) this.#counted++;
        return this.#worker?.learn(message.news);
      case 'shared':
        this.#shared.get(message.id)?.();
        this.#shared.delete(message.id);
        return;
      case 'decided':
        if (message.isCounted) this.#counted++; // and what follows is done before any load is told
        this.#decided.get(message.id)?.(message.isGranted);
        this.#decided.delete(message.id);
        return;
      case 'ask-metrics':
        return void this.#answer(message.id);
      case 'metrics':
        this.#metrics.get(message.id)?.(message.text);
        this.#metrics.delete(message.id);
        return;
      case 'drain':
      case 'close':
        return this.#onEnd(message.type);
      case 'leave':
        return this.#letLeave();
      case 'start':
    }
  }

  async #answer(id: number): Promise<void> {
    const metrics = (await this.#worker?.metrics.registry.getMetricsAsJSON()) ?? [];
    this.#tell({ type: 'metrics', id, metrics });
  }

  #giveSigns(): void {
    this.#tellLoad();
    this.#clock.after(LIFE_SIGN_MS, () => this.#giveSigns());
  }

  #tellLoad(): void {
    if (this.#worker)
      this.#tell({ type: 'load', load: this.#worker.load, received: this.#received, counted: this.#counted });
  }

  #tell(message: FromProcess): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => {}); // the primary may just be dying
  }
}
