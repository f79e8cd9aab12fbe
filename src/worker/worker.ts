/**
 * The process behind a telephony bridge: takes calls over HTTP and WebSocket, as long as there is room, and lets them
 * end. Every route knows who may use it before anything of the request is believed.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { serve } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { WebSocketServer, type WebSocket } from 'ws';
import type { BridgeCall } from '../bridge/contract.ts';
import { BRIDGE_SERVER_OPTIONS } from '../bridge/socket-line.ts';
import { acceptMedia } from '../bridge/twilio/media/bridge.ts';
import { acceptRelay } from '../bridge/twilio/relay/bridge.ts';
import { TwilioRest } from '../bridge/twilio/rest.ts';
import { publicUrl, SIGNATURE_HEADER, verifySignature } from '../bridge/twilio/signature.ts';
import { afterRelay, connectRelay, connectStream, refuse } from '../bridge/twilio/twiml.ts';
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { Parley } from '../call/parley.ts';
import { answer, preparePhrases, type SpeechServices } from '../call/phone.ts';
import { CallRecording } from '../call/recording.ts';
import { traceCall } from '../call/tracing.ts';
import { systemClock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { Capacity, type Place } from './capacity.ts';
import { Metrics } from './metrics.ts';
import type { Settings } from './settings.ts';

export interface WorkerOptions {
  settings: Settings;
  agent: Agent;
  parley: Parley;
  speech: SpeechServices;
  log: Log;
  /** Told of every call before its first event. */
  onCall?: ((call: Call, recording: CallRecording | undefined) => void) | undefined;
}

/** How long a caller who is refused should wait before the next attempt, in seconds. */
const RETRY_AFTER_SECONDS = 10;
/** After the time to drain is over, a goodbye is spoken; it may take so long. */
const GOODBYE_MS = 15_000;

export class Worker {
  readonly metrics: Metrics;
  readonly #options: WorkerOptions;
  readonly #capacity: Capacity;
  readonly #sockets = new WebSocketServer({ noServer: true, ...BRIDGE_SERVER_OPTIONS });
  readonly #rest: TwilioRest | undefined;
  /** Calls that a webhook has announced, by the token that their socket has to show. */
  readonly #announced = new Map<string, Place>();
  readonly #calls = new Set<Call>();
  #server: Server | undefined;
  #url = '';

  /** @throws {VoiceError} `options-invalid`, when the settings do not fit together. */
  constructor(options: WorkerOptions) {
    const { settings } = options;
    const [authToken] = settings.twilioAuthTokens;
    if (authToken !== undefined && settings.publicUrl === undefined) {
      throw new VoiceError(
        'options-invalid',
        'PARLEY_TWILIO_AUTH_TOKEN is set, so PARLEY_PUBLIC_URL must be too: signatures are made over the public address',
      );
    }
    this.#options = options;
    this.#capacity = new Capacity(settings.maxCalls, systemClock);
    this.#rest =
      settings.twilioAccountSid !== undefined && authToken !== undefined
        ? new TwilioRest({ accountSid: settings.twilioAccountSid, authToken, baseUrl: settings.twilioRestUrl })
        : undefined;
    this.metrics = new Metrics({
      calls: () => this.#calls.size,
      isReady: () => this.isReady,
      refused: () => this.#capacity.refused,
    });
  }

  /** The agent's own phrases have been made, or could not be. Calls are taken before that. */
  get prepared(): Promise<number> {
    const { agent, speech, log } = this.#options;
    return preparePhrases(agent, speech, { log });
  }

  /** New calls are taken. */
  get isReady(): boolean {
    return this.#server !== undefined && this.#capacity.refusal === undefined;
  }

  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  /**
   * Opens the port; resolves with the address, such as `http://127.0.0.1:8080`.
   * @throws {VoiceError} `file-unreadable`, when the port cannot be opened.
   */
  async start(): Promise<string> {
    const { host, port } = this.#options.settings;
    const server = await new Promise<Server>((resolve, reject) => {
      const started = serve({ fetch: this.#routes().fetch, hostname: host, port }, () => resolve(started as Server));
      started.once('error', (error: Error) =>
        reject(new VoiceError('file-unreadable', `cannot listen on ${host}:${port}: ${messageOf(error)}`)),
      );
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server = server;
    void this.prepared;
    const address = server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : port;
    this.#url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${bound}`;
    return this.#url;
  }

  /**
   * No new calls; the running ones may go on for `drainMs`, then they hear a goodbye. Resolves when the last has ended.
   */
  async drain(drainMs = this.#options.settings.drainMs): Promise<void> {
    this.#capacity.drain();
    if (await this.#endWithin(drainMs)) return;
    const { phrases } = this.#options.agent.machine;
    for (const call of this.#calls) call.sayGoodbye(phrases.goodbye[0] ?? 'Goodbye.', 'worker-stopped');
    await this.#endWithin(GOODBYE_MS);
  }

  /** Ends at once what is still there. */
  async close(): Promise<void> {
    this.#capacity.drain();
    for (const call of this.#calls) call.hangUp('worker-stopped');
    await this.#endWithin(2_000);
    for (const socket of this.#sockets.clients) socket.terminate();
    await this.#rest?.close();
    const server = this.#server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #endWithin(ms: number): Promise<boolean> {
    if (this.#calls.size === 0) return true;
    let cancel = () => {};
    const late = new Promise<boolean>((resolve) => (cancel = systemClock.after(ms, () => resolve(false))));
    const ended = Promise.allSettled([...this.#calls].map((call) => call.ended)).then(() => true);
    try {
      return await Promise.race([ended, late]);
    } finally {
      cancel();
    }
  }

  // ---- HTTP ---------------------------------------------------------------------------------------------------------

  #routes(): Hono {
    const app = new Hono();
    app.get('/healthz', (context) => context.json({ status: 'ok' }));
    app.get('/readyz', (context) => {
      const reason = this.#capacity.refusal;
      return reason
        ? context.json({ status: reason }, 503)
        : context.json({ status: 'ready', calls: this.#calls.size });
    });
    app.get('/metrics', async (context) =>
      context.text(await this.metrics.text(), 200, { 'content-type': this.metrics.registry.contentType }),
    );
    app.post('/twilio/voice', (context) => this.#answerWebhook(context, (form) => this.#announce(form)));
    app.post('/twilio/relay-done', (context) =>
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
    const { pathname, search } = new URL(context.req.url);
    const remote = (context.env as { incoming?: IncomingMessage }).incoming?.socket.remoteAddress;
    const signature = context.req.header(SIGNATURE_HEADER);
    if (!this.#mayUse(pathname + search, signature, remote, 'http', form)) return context.text('forbidden', 403);
    return context.body(twiml(form), 200, { 'content-type': 'text/xml; charset=utf-8' });
  }

  /** TwiML for a call that rings: where its audio or text is to go, or why it cannot be taken. */
  #announce(form: URLSearchParams): string {
    const place = this.#capacity.reserve();
    if (typeof place === 'string') return refuse(this.#options.settings.refusal);
    const token = randomBytes(18).toString('base64url');
    this.#announced.set(token, place);
    systemClock.after(60_000, () => this.#announced.delete(token));
    const { publicUrl: base, twilioLine } = this.#options.settings;
    const facts = { token, from: form.get('From') ?? undefined, to: form.get('To') ?? undefined };
    const address = (path: string, protocol: 'http' | 'ws') => publicUrl(base ?? this.#url, path, protocol);
    if (twilioLine === 'media') return connectStream({ ...facts, url: address('/twilio/media', 'ws') });
    const actionUrl = address('/twilio/relay-done', 'http');
    return connectRelay({ ...facts, url: address('/twilio/relay', 'ws'), actionUrl });
  }

  // ---- WebSocket ----------------------------------------------------------------------------------------------------

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {}); // a peer that leaves during the handshake
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/twilio/media' && path !== '/twilio/relay') return refuseUpgrade(socket, '404 Not Found');
    const signature = request.headers[SIGNATURE_HEADER];
    const signed = Array.isArray(signature) ? signature[0] : signature;
    if (!this.#mayUse(request.url ?? '', signed, request.socket.remoteAddress, 'ws')) {
      return refuseUpgrade(socket, '403 Forbidden');
    }
    if (this.#capacity.refusal && this.#announced.size === 0) {
      return refuseUpgrade(socket, '503 Service Unavailable', `Retry-After: ${RETRY_AFTER_SECONDS}\r\n`);
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      request.socket.setNoDelay(true);
      void this.#take(webSocket, path);
    });
  }

  async #take(socket: WebSocket, path: string): Promise<void> {
    const { log } = this.#options;
    let place: Place | undefined;
    const admit = ({ token }: { token: string | undefined }): boolean => {
      const reserved = (token !== undefined && this.#announced.get(token)) || this.#capacity.reserve();
      if (token !== undefined) this.#announced.delete(token); // each is good for one call
      if (typeof reserved === 'string') return false;
      place = reserved;
      return true;
    };
    try {
      const options = { rest: this.#rest, admit, log };
      const bridge =
        path === '/twilio/media'
          ? await acceptMedia(socket, options)
          : await acceptRelay(socket, { ...options, progress: true });
      place?.take();
      this.#begin(bridge, place);
    } catch (error) {
      place?.leave();
      log.warn(
        { path, code: error instanceof VoiceError ? error.code : 'internal', message: messageOf(error) },
        'a line was not taken',
      );
      socket.close();
    }
  }

  #begin(bridge: BridgeCall, place: Place | undefined): void {
    const { agent, parley, speech, settings, log, onCall } = this.#options;
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
    const forget = () => {
      this.#calls.delete(call);
      place?.leave();
    };
    call.ended.then(forget, forget);
  }

  #record(bridge: BridgeCall, directory: string): CallRecording | undefined {
    try {
      const callId = bridge.caller.bridgeCallId;
      const format = bridge.capabilities.inFormat;
      return new CallRecording({ directory, callId, clock: systemClock, format, log: this.#options.log });
    } catch (error) {
      this.#options.log.error({ message: messageOf(error) }, 'the call is not recorded');
      return undefined;
    }
  }

  // ---- who may ------------------------------------------------------------------------------------------------------

  /** Twilio's signature where a token is configured; else only this machine. */
  #mayUse(
    target: string,
    signature: string | undefined,
    remoteAddress: string | undefined,
    protocol: 'http' | 'ws',
    form?: URLSearchParams,
  ): boolean {
    const { twilioAuthTokens: authTokens, publicUrl: base } = this.#options.settings;
    if (authTokens.length === 0) return isLoopback(remoteAddress);
    return verifySignature({ url: publicUrl(base ?? '', target, protocol), signature, authTokens, form });
  }
}

const isLoopback = (address = ''): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

function refuseUpgrade(socket: Duplex, status: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
