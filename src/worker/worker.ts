/**
 * The process behind a telephony bridge: takes calls over HTTP and WebSocket, as long as there is room, and lets them
 * end. Every route knows who may use it before anything of the request is believed.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { WebSocketServer, type WebSocket } from 'ws';
import type { BridgeCall } from '../bridge/contract.ts';
import { BRIDGE_SERVER_OPTIONS } from '../bridge/socket-line.ts';
import type { Admission } from '../bridge/twilio/facts.ts';
import { acceptMedia } from '../bridge/twilio/media/bridge.ts';
import { acceptRelay } from '../bridge/twilio/relay/bridge.ts';
import { TwilioRest } from '../bridge/twilio/rest.ts';
import { publicUrl } from '../lib/public-url.ts';
import { afterRelay, connectRelay, connectStream, redirect, refuse } from '../bridge/twilio/twiml.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { Parley } from './parley.ts';
import { answer, preparePhrases, type SpeechServices } from '../call/phone.ts';
import { requestLimitsOf, vendorsWith, type Vendors } from '../call/vendors.ts';
import { CallRecording, prepareFolder, type RecordingOptions } from '../record/recording.ts';
import { pageThread } from '../page/thread.ts';
import { traceCall } from '../watch/tracing.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { Announcements } from './announcements.ts';
import { Capacity, type Place } from './capacity.ts';
import { Door, SERVER_LIMITS, SPARE_CONNECTIONS } from './door.ts';
import type { Knock } from './gate.ts';
import { wholeLimitOf, type Group, type WorkerLoad } from './group.ts';
import { LoopLag } from './loop-lag.ts';
import { Metrics, type RefusalReason } from './metrics.ts';
import { checkTogether, type Settings } from './settings.ts';

export interface WorkerOptions {
  settings: Settings;
  agent: Agent;
  parley: Parley;
  speech: SpeechServices;
  log: Log;
  /** Told of every call before its first event. */
  onCall?: ((call: Call, recording: CallRecording | undefined) => void) | undefined;
  /** Vendors of the program's own. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  /** For reservations and the time to drain. Default: the system's. */
  clock?: Clock | undefined;
  /** The other processes of the same worker. Default: there are none. */
  group?: Group | undefined;
}

/** How long a caller who is refused should wait before the next attempt, in seconds. */
const RETRY_AFTER_SECONDS = 10;
/** After the time to drain is over, a goodbye is spoken; it may take so long. */
const GOODBYE_MS = 15_000;
/** And a call that is ended at once, which lets its tools that write finish. */
const CLOSE_MS = 2_000;
/** And what was recorded, until all of it is on disk. */
const RECORDING_MS = 10_000;
/** Of RFC 6455's registry. */
const TRY_AGAIN_LATER = 1013;
/** The frame clock beats every 20 ms; when it is behind by so much, callers have heard nothing for as long. */
const STANDSTILL_MS = 5_000;
/** How long a connection that was handed over may stay without becoming a call. */
const VISIT_MS = 30_000;
/** Of a webhook's form; Twilio's is under 4 kB. */
const MOST_BODY_BYTES = 64 * 1024;

export class Worker {
  readonly metrics: Metrics;
  readonly #options: WorkerOptions;
  readonly #capacity: Capacity;
  readonly #sockets = new WebSocketServer({ noServer: true, ...BRIDGE_SERVER_OPTIONS });
  readonly #rest: TwilioRest | undefined;
  readonly #announcements: Announcements;
  readonly #door: Door;
  readonly #clock: Clock;
  readonly #lag: LoopLag;
  readonly #calls = new Set<Call>();
  readonly #recordings = new Set<Promise<unknown>>();
  /** Those whose line can be transferred. */
  readonly #transferable = new WeakSet<Call>();
  readonly #visitors = new Set<Duplex>();
  /** Lines that were let in and have not begun. */
  readonly #beginning = new Set<Promise<void>>();
  #server: Server | undefined;
  #url = '';
  #prepared: Promise<number> | undefined;

  /** @throws {VoiceError} `options-invalid`, when the settings do not fit together. */
  constructor(options: WorkerOptions) {
    const { settings } = options;
    const [problem] = checkTogether(settings);
    if (problem !== undefined) throw new VoiceError('options-invalid', problem);
    const [authToken] = settings.twilioAuthTokens;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { group, log, agent } = options;
    const limits = requestLimitsOf(settings, { name: agent.vendors.model, vendors: vendorsWith(options.vendors) });
    this.#lag = new LoopLag({
      limitMs: settings.maxLagMs,
      clock: systemClock,
      changed: (isLagging, p99Ms) => {
        const facts = { lagP99Ms: Math.round(p99Ms), maxLagMs: settings.maxLagMs };
        if (isLagging) log.warn(facts, 'the event loop is late: new calls are refused');
        else log.info(facts, 'the event loop is in time again: calls are taken');
        group?.changed();
      },
    });
    this.#capacity = new Capacity({
      limit: group?.limit ?? wholeLimitOf(settings, limits),
      clock: this.#clock,
      isLagging: () => this.#lag.isLagging,
      isWholeFull: () => group?.isFull() ?? false,
      changed: () => group?.changed(),
    });
    const { twilioAuthTokens } = settings;
    this.#announcements = new Announcements({
      capacity: this.#capacity,
      clock: this.#clock,
      secrets: twilioAuthTokens.length > 0 ? twilioAuthTokens : [group?.secret ?? randomBytes(32).toString('hex')],
      workerId: group?.workerId,
      claimed: (number) => group?.claimed(number),
    });
    this.#door = new Door(settings);
    this.#rest =
      settings.twilioAccountSid !== undefined && authToken !== undefined
        ? new TwilioRest({ accountSid: settings.twilioAccountSid, authToken, baseUrl: settings.twilioRestUrl })
        : undefined;
    this.metrics = new Metrics({
      calls: () => this.#calls.size,
      isReady: () => this.isReady,
    });
    const { synthesizer, transcriber, frameClock } = options.speech;
    this.metrics.watchSpeech({ synthesizers: [synthesizer], transcribers: [transcriber], frameClock });
  }

  /** The agent's own phrases have been made, or could not be. Calls are taken before that. */
  get prepared(): Promise<number> {
    const { agent, speech, log } = this.#options;
    return (this.#prepared ??= preparePhrases(agent, speech, { log }));
  }

  /** New calls are taken. */
  get isReady(): boolean {
    return this.#server !== undefined && this.#capacity.refusal === undefined;
  }

  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  get load(): WorkerLoad {
    const { used: places, ownRefusal: refusal } = this.#capacity;
    return {
      calls: this.#calls.size,
      places,
      waiting: this.#announcements.waiting,
      visitors: this.#visitors.size,
      refusal,
    };
  }

  /**
   * Opens the port; resolves with the address, such as `http://127.0.0.1:8080`.
   * @throws {VoiceError} `file-unreadable`, when the port cannot be opened, or nothing written where calls are recorded.
   */
  async start(): Promise<string> {
    await this.#prepareRecordings();
    const server = this.#createServer();
    this.#url = await listen(server, this.#options.settings);
    this.#open(server);
    return this.#url;
  }

  /** In place of `start`, where another process has the port and hands connections over. `url`: the address there. */
  async attach(url: string): Promise<void> {
    await this.#prepareRecordings();
    this.#url = url;
    this.#open(this.#createServer());
  }

  /** A connection that another process has accepted, and of which nothing has been read. */
  handle(socket: Socket): void {
    const server = this.#server;
    if (!server) return void socket.destroy();
    const { group } = this.#options;
    this.#visitors.add(socket);
    const cancel = systemClock.after(VISIT_MS, () => {
      if (this.#visitors.has(socket)) socket.destroy();
    });
    socket.once('close', () => {
      cancel();
      if (this.#visitors.delete(socket)) group?.changed();
    });
    server.emit('connection', socket);
    socket.resume(); // it was paused, so that nothing would be read elsewhere
  }

  /** An announced call whose place is kept here has come to another process. */
  release(number: string): void {
    this.#announcements.release(number);
  }

  async #prepareRecordings(): Promise<void> {
    const { recordDirectory } = this.#options.settings;
    if (recordDirectory !== undefined) await prepareFolder(recordDirectory);
  }

  #createServer(): Server {
    const server = createAdaptorServer({ fetch: this.#routes().fetch, serverOptions: SERVER_LIMITS }) as Server;
    server.maxConnections = this.#options.settings.maxCalls + SPARE_CONNECTIONS;
    server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    return server;
  }

  #open(server: Server): void {
    this.#server = server;
    void this.prepared;
  }

  /**
   * No new calls; the running ones, and those that were promised a place, may go on for `drainMs`, then they hear a
   * goodbye. Resolves when the last has ended, or will not end for all that.
   */
  async drain(drainMs = this.#options.settings.drainMs): Promise<void> {
    this.#capacity.drain();
    if (await this.#emptyWithin(drainMs)) return;
    for (const call of this.#calls) this.#part(call);
    if (this.#calls.size > 0) await this.#emptyWithin(GOODBYE_MS);
  }

  /** To somebody else, where there is somebody and the line can do it; else with a goodbye. */
  #part(call: Call): void {
    const { phrases, turn } = this.#options.agent.machine;
    if (turn.transferTo !== undefined && this.#transferable.has(call)) {
      call.handOver(phrases.handover[0] ?? '', turn.transferTo, 'worker-stopped');
    } else call.sayGoodbye(phrases.goodbye[0] ?? 'Goodbye.', 'worker-stopped');
  }

  /** Ends at once what is still there; what was recorded is on disk afterwards. */
  async close(): Promise<void> {
    this.#capacity.drain();
    this.#lag.close();
    for (const call of this.#calls) call.hangUp('worker-stopped');
    await settledWithin(
      [...this.#calls].map((call) => call.ended),
      CLOSE_MS,
    );
    await settledWithin(this.#recordings, RECORDING_MS);
    for (const socket of this.#sockets.clients) socket.terminate();
    await this.#rest?.close();
    for (const visitor of this.#visitors) visitor.destroy();
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #emptyWithin(ms: number): Promise<boolean> {
    return Promise.race([this.#emptied().then(() => true), wait(this.#clock, ms).then(() => false)]);
  }

  /** Whoever was let in and has not said who they are becomes a call yet, or is gone within the time to start. */
  async #emptied(): Promise<void> {
    while (this.#beginning.size > 0) await Promise.all(this.#beginning);
    await this.#capacity.emptied();
  }

  // ---- HTTP ---------------------------------------------------------------------------------------------------------

  #routes(): Hono {
    const app = new Hono();
    const { group, settings } = this.#options;
    if (group) {
      // each connection goes to the process with the most room, so none is kept for the next request
      app.use(async (context, next) => {
        await next();
        context.header('connection', 'close');
      });
    }
    app.get('/healthz', (context) => {
      const behindMs = Math.round(this.#options.speech.frameClock?.behindMs ?? 0);
      if (behindMs < STANDSTILL_MS) return context.json({ status: 'ok' });
      return context.json({ status: 'broken', reason: `the frame clock has stood still for ${behindMs} ms` }, 503);
    });
    app.get('/readyz', (context) => {
      const { refusal, ...counts } = group?.state() ?? { calls: this.#calls.size, refusal: this.#capacity.refusal };
      const facts = this.#door.mayWatch(knockOf(context)) ? { ...counts, simulated: settings.simulate } : {};
      return refusal ? context.json({ status: refusal, ...facts }, 503) : context.json({ status: 'ready', ...facts });
    });
    app.get('/metrics', async (context) => {
      if (!this.#door.mayWatch(knockOf(context))) return context.text('forbidden: see PARLEY_METRICS_TOKEN', 403);
      const text = await (group?.metrics() ?? this.metrics.text());
      return context.text(text, 200, { 'content-type': this.metrics.registry.contentType });
    });
    const limit = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (context) => context.text('too large', 413) });
    app.post('/twilio/voice', limit, (context) => this.#answerWebhook(context, (form) => this.#announce(form)));
    app.post('/twilio/relay-done', limit, (context) =>
      this.#answerWebhook(context, (form) => afterRelay(form.get('HandoffData') ?? undefined)),
    );
    app.onError((error, context) => {
      this.#options.log.error({ err: error, path: context.req.path }, 'a request failed');
      return context.text('internal error', 500);
    });
    return app;
  }

  async #answerWebhook(context: Context, twiml: (form: URLSearchParams) => string): Promise<Response> {
    const form = new URLSearchParams(await context.req.text());
    const refusal = await this.#judge({ ...knockOf(context), form });
    if (refusal) return context.text(refusal.text, refusal.status, refusal.headers);
    return context.body(twiml(form), 200, { 'content-type': 'text/xml; charset=utf-8' });
  }

  /** TwiML for a call that rings: where its audio or text is to go, or why it cannot be taken. */
  #announce(form: URLSearchParams): string {
    const announced = this.#announcements.announce(form.get('CallSid') ?? undefined);
    if (typeof announced === 'string') {
      this.#refuse(announced, { path: '/twilio/voice' });
      const { refusal, refusalUrl } = this.#options.settings;
      return refusalUrl === undefined ? refuse(refusal) : redirect(refusalUrl);
    }
    this.#options.parley.prewarm(this.#options.agent); // while the phone rings
    const { token } = announced;
    const { publicUrl: base, twilioLine } = this.#options.settings;
    const facts = { token, from: form.get('From') ?? undefined, to: form.get('To') ?? undefined };
    const address = (path: string, protocol: 'http' | 'ws') => publicUrl(base ?? this.#url, path, protocol);
    if (twilioLine === 'media') return connectStream({ ...facts, url: address('/twilio/media', 'ws') });
    const actionUrl = address('/twilio/relay-done', 'http');
    return connectRelay({ ...facts, url: address('/twilio/relay', 'ws'), actionUrl });
  }

  // ---- WebSocket ----------------------------------------------------------------------------------------------------

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {}); // a peer that leaves during the handshake
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/twilio/media' && path !== '/twilio/relay') return refuseUpgrade(socket, '404 Not Found');
    const refused = await this.#judge(knockAt(request, 'ws'));
    if (refused) return refuseUpgrade(socket, refused.statusLine, refused.headers);
    const { refusal } = this.#capacity;
    const waiting = this.#announcements.waiting + (this.#options.group?.waiting() ?? 0);
    if (refusal && waiting === 0) {
      this.#refuse(refusal, { path });
      return refuseUpgrade(socket, '503 Service Unavailable', { 'Retry-After': String(RETRY_AFTER_SECONDS) });
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const started = this.#door.comeIn();
      if (!started) {
        this.#refuse('rate-limited', { path, reason: 'more sockets are waiting to begin than calls may' });
        return webSocket.close(TRY_AGAIN_LATER);
      }
      request.socket.setNoDelay(true);
      const beginning = this.#take(webSocket, { path, connection: socket, started });
      this.#beginning.add(beginning);
      void beginning.then(() => this.#beginning.delete(beginning));
    });
  }

  async #take(
    socket: WebSocket,
    { path, connection, started }: { path: string; connection: Duplex; started: () => void },
  ): Promise<void> {
    const { log } = this.#options;
    let place: Place | undefined;
    const admit: Admission = ({ token, caller }) => {
      const found = this.#announcements.claim(token, caller.bridgeCallId);
      const claimed = found === 'draining' ? this.#capacity.reservePromised() : found; // it was let in before
      if (typeof claimed === 'string') {
        this.#refuse(claimed, { path, callId: caller.bridgeCallId });
        return false;
      }
      place = claimed;
      this.#visitors.delete(connection); // no visitor any more, a call
      return place.take();
    };
    try {
      const options = { rest: this.#rest, admit, log, onBadFrame: () => this.metrics.badFrame() };
      const bridge =
        path === '/twilio/media'
          ? await acceptMedia(socket, options)
          : await acceptRelay(socket, { ...options, progress: true });
      this.#begin(bridge, place);
    } catch (error) {
      place?.leave();
      const code = error instanceof VoiceError ? error.code : 'internal';
      log.warn({ path, code, err: error }, 'a line was not taken');
      socket.close();
    } finally {
      started();
    }
  }

  #begin(bridge: BridgeCall, place: Place | undefined): void {
    const { agent, parley, speech, settings, log, onCall, group } = this.#options;
    const callId = bridge.caller.bridgeCallId || undefined;
    const recording =
      settings.recordDirectory === undefined ? undefined : this.#record(bridge, settings.recordDirectory);
    const call = answer(parley, bridge, {
      agent,
      speech,
      recording,
      callId,
      log,
      listen: (started) => {
        this.metrics.watch(started);
        traceCall(started);
        onCall?.(started, recording);
      },
    });
    this.#calls.add(call);
    if (bridge.capabilities.transfer !== 'none') this.#transferable.add(call);
    group?.changed();
    const forget = () => {
      this.#calls.delete(call);
      place?.leave();
      group?.changed();
    };
    call.ended.then(forget, forget);
  }

  #record(bridge: BridgeCall, directory: string): CallRecording | undefined {
    try {
      const callId = bridge.caller.bridgeCallId;
      const format = bridge.capabilities.inFormat;
      const drawPage: RecordingOptions['drawPage'] = (call, log) => pageThread.make(call, log);
      const recording = new CallRecording({
        directory,
        callId,
        clock: systemClock,
        format,
        log: this.#options.log,
        drawPage,
      });
      this.#recordings.add(recording.done);
      void recording.done.then(() => this.#recordings.delete(recording.done));
      return recording;
    } catch (error) {
      this.#options.log.error({ err: error }, 'the call is not recorded');
      return undefined;
    }
  }

  // ---- who may ------------------------------------------------------------------------------------------------------

  /** What whoever knocks is told; undefined when they may come in. */
  async #judge(knock: Knock): Promise<Refused | undefined> {
    const answer = await this.#door.knock(knock);
    if (answer.type === 'welcome') return undefined;
    const why = answer.type === 'forbidden' ? 'forbidden' : 'rate-limited';
    const { reason } = answer;
    if (reason === undefined) this.metrics.refused(why);
    else this.#refuse(why, { path: knock.target.split('?')[0], remoteAddress: knock.remoteAddress, reason });
    if (answer.type === 'forbidden') return FORBIDDEN;
    return { ...TOO_MANY, headers: { 'Retry-After': String(answer.retryAfterSeconds) } };
  }

  #refuse(why: RefusalReason, facts: Record<string, unknown>): void {
    this.metrics.refused(why);
    this.#options.log.warn({ ...facts, why }, 'a call was refused');
  }
}

/**
 * Opens the port of the settings; resolves with the address.
 * @throws {VoiceError} `file-unreadable`, when it cannot be opened.
 */
export async function listen(server: NetServer, { host, port }: Pick<Settings, 'host' | 'port'>): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(cannotListen(host, port, error));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return `http://${reachable(host)}:${bound}`;
}

/** As one program on this machine reaches another that listens there. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function cannotListen(host: string, port: number, cause: Error): VoiceError {
  const code = 'code' in cause ? cause.code : undefined;
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program listens there; choose another port with --port or PARLEY_PORT',
    EACCES: 'permission denied; ports below 1024 are kept for the system',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
  };
  const reason = reasons[String(code)] ?? messageOf(cause);
  return new VoiceError('file-unreadable', `cannot listen on ${host}:${port}: ${reason}`, { cause });
}

function settledWithin(promises: Iterable<Promise<unknown>>, ms: number): Promise<unknown> {
  return Promise.race([Promise.allSettled(promises), wait(systemClock, ms)]);
}

function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

interface Refused {
  status: 403 | 429;
  statusLine: string;
  text: string;
  headers: Record<string, string>;
}

const FORBIDDEN: Refused = { status: 403, statusLine: '403 Forbidden', text: 'forbidden', headers: {} };
const TOO_MANY: Refused = { status: 429, statusLine: '429 Too Many Requests', text: 'too many requests', headers: {} };

const knockOf = (context: Context): Knock => knockAt((context.env as { incoming: IncomingMessage }).incoming, 'http');

/** As it came, whatever `Host` says. */
function knockAt({ url: target = '', headers, socket }: IncomingMessage, protocol: Knock['protocol']): Knock {
  return { target, protocol, headers, remoteAddress: socket.remoteAddress };
}

function refuseUpgrade(socket: Duplex, status: string, headers: Record<string, string> = {}): void {
  socket.once('finish', () => socket.destroy()); // some peers keep their half open
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
