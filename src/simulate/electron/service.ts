/**
 * The chat route: request in, script out. Holds the accounts' meters, the prefix cache and the faults, but no port, so
 * that one server may hold several simulators.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { readConversation } from './brain/conversation.ts';
import { think } from './brain/think.ts';
import { envelopeOf, invalid, typeOfStatus, type Refusal } from './envelope.ts';
import { applyFault } from './fault-effects.ts';
import { Fault, FaultQueue, type FaultInput, type FaultSubject } from './faults.ts';
import { Journal, type ElectronStats, type RequestRecord } from './journal.ts';
import { CHAT_PATH, MAX_BODY_BYTES } from './limits.ts';
import {
  ElectronOptions,
  ElectronSettings,
  readOptions,
  type ElectronOptionsInput,
  type ElectronSettingsInput,
} from './options.ts';
import { PlanMeter, refusalOf } from './plan.ts';
import { refuseByManners, refuseLength } from './manners.ts';
import { play } from './player.ts';
import { PrefixCache, type PromptCount } from './prefix-cache.ts';
import { promptPieces } from './prompt.ts';
import { mixSeeds, seededRandom, uuid, type Random } from './random.ts';
import { replyByRule } from './replies.ts';
import { readRequest, refuseOverflow, type ChatRequest } from './request.ts';
import { writeScript, type ResponseScript } from './script.ts';
import { shorten } from './shorten.ts';

/** A fault as code may give it: with a filter that is a function, which no other process could send. */
export type FaultOptions = FaultInput & { filter?: (subject: FaultSubject) => boolean };

export class ElectronService {
  readonly options: ElectronOptions;
  readonly #clock: Clock;
  readonly #faults = new FaultQueue();
  readonly #meters = new Map<string, PlanMeter>();
  readonly #cache: PrefixCache;
  readonly #journal: Journal;
  readonly #faultRandom: Random;
  #settings: ElectronSettings;

  /** @throws {VoiceError} `options-invalid` */
  constructor(options: ElectronOptionsInput = {}, clock: Clock = systemClock) {
    this.options = readOptions(ElectronOptions, options, 'Electron simulator');
    this.#settings = settingsOf(this.options);
    this.#clock = clock;
    this.#cache = new PrefixCache(this.options.cacheExpiryMs);
    this.#journal = new Journal(this.options.keepRequests);
    this.#faultRandom = seededRandom(mixSeeds(this.options.seed, 0));
    for (const fault of this.options.faults) this.#faults.add(fault);
  }

  /** Puts a fault in wait for the requests to come. Returns what takes it away. @throws {VoiceError} `options-invalid` */
  fault({ filter, ...fault }: FaultOptions): () => void {
    return this.#faults.add(readOptions(Fault, fault, 'Electron simulator, fault'), filter);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** Changes what is given and leaves the rest. Answers that have begun go on as they were. */
  configure(settings: ElectronSettingsInput): void {
    const given = readOptions(ElectronSettings.partial(), settings, 'Electron simulator, settings');
    const changed = Object.fromEntries(Object.keys(settings).map((key) => [key, given[key as keyof typeof given]]));
    this.#settings = { ...this.#settings, ...changed };
  }

  stats(): Omit<ElectronStats, 'connections' | 'connectionsEver'> {
    return { ...this.#journal.counts, faults: this.#faults.met, faultsWaiting: this.#faults.waiting };
  }

  requests(): readonly RequestRecord[] {
    return this.#journal.records;
  }

  /** Whether this request is for the chat route. */
  owns(request: IncomingMessage): boolean {
    return pathOf(request) === CHAT_PATH;
  }

  /** Answers a request to the chat route. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const ordinal = this.#journal.counts.requests + 1;
    const random = seededRandom(mixSeeds(this.options.seed, ordinal));
    const record = this.#journal.open(uuid(random));
    response.setHeader('X-Request-Id', record.requestId);
    const refusal = request.method === 'POST' ? this.#refuseKey(request) : wrongMethod();
    if (refusal) {
      request.resume();
      return this.#refuse(response, record, refusal);
    }
    readBody(request, (bodyText) => this.#answer(bodyText, { request, response, record, random }));
  }

  #answer(bodyText: string | undefined, exchange: Exchange): void {
    const { response, record } = exchange;
    if (bodyText === undefined) return this.#refuse(response, record, tooLarge());
    const read = readRequest(bodyText);
    if (!read.ok) return this.#refuse(response, record, read.refusal);
    record.body = read.request;
    const unmannerly = refuseByManners(read.request, this.#settings.manners);
    if (unmannerly) return this.#refuse(response, record, unmannerly);
    const account = exchange.request.headers.authorization ?? '';
    const meter = this.#meterOf(account);
    const admission = meter.admit(this.#settings.plan, this.#clock.nowMs());
    if (admission.type !== 'admitted') {
      return this.#refuse(response, record, refusalOf(admission, this.#settings.retryAfter, Date.now()));
    }
    const count = this.#cache.admit(account, promptPieces(read.request), this.#clock.nowMs());
    const overflow =
      refuseLength(count.promptTokens, this.#settings.manners) ?? refuseOverflow(read.request, count.promptTokens);
    if (overflow) {
      meter.release();
      return this.#refuse(response, record, overflow);
    }
    this.#journal.countTokens(count.promptTokens, count.cachedTokens);
    this.#play(this.#compose(read.request, count, exchange), meter, exchange);
  }

  /** What to say, how it is written, and what goes wrong with it. */
  #compose(request: ChatRequest, count: PromptCount, { record, random }: Exchange): ResponseScript {
    const settings = this.#settings;
    const conversation = readConversation(request);
    const fixed = replyByRule(settings.replies, conversation);
    const reply = shorten(fixed?.reply ?? think(conversation, { today: this.options.today ?? localDay() }), request);
    const facts = {
      reply,
      count,
      shape: settings.shape,
      manners: settings.manners,
      pace: fixed?.rule.pace ?? settings.pace,
      random: typeof request.seed === 'number' ? seededRandom(mixSeeds(request.seed, record.ordinal)) : random,
      createdSeconds: Math.floor(Date.now() / 1_000),
      isStream: request.stream === true,
      includeUsage: request.stream_options?.include_usage === true,
      logprobs: request.logprobs === true,
    };
    const script = writeScript(facts);
    const fault = this.#faults.take(
      {
        ordinal: record.ordinal,
        lastCallerText: conversation.callerText,
        isFollowUp: conversation.isFollowUp,
        isStream: facts.isStream,
        calledTools: reply.calls.map((call) => call.name),
      },
      this.#faultRandom,
    );
    if (!fault) return script;
    record.fault = fault.type;
    const whole = (): ResponseScript => writeScript({ ...facts, isStream: false });
    return applyFault(script, fault, { shape: settings.shape, requestId: record.requestId, whole });
  }

  #play(script: ResponseScript, meter: PlanMeter, { response, record }: Exchange): void {
    this.#journal.start();
    record.status = script.status;
    play({
      script,
      response,
      clock: this.#clock,
      splitBytes: this.#settings.shape.splitBytes,
      onFirstPiece: () => this.#journal.mark(record),
      onEnd: (outcome) => {
        this.#journal.end(record, outcome);
        const lagMs = outcome === 'client-gone' ? this.#settings.releaseLagMs : 0;
        if (lagMs === 0) meter.release();
        else this.#clock.after(lagMs, () => meter.release());
      },
    });
  }

  #refuseKey(request: IncomingMessage): Refusal | undefined {
    const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const isGood = key !== undefined && (this.options.keys?.includes(key) ?? key.startsWith('sk_'));
    if (key !== undefined && this.options.forbiddenKeys.includes(key)) {
      return { status: 403, type: typeOfStatus(403), message: 'Your plan does not include Electron' };
    }
    if (isGood) return undefined;
    const message = key === undefined ? 'Missing bearer token' : 'Invalid API key';
    return { status: 401, type: typeOfStatus(401), message };
  }

  #refuse(response: ServerResponse, record: RequestRecord, refusal: Refusal): void {
    this.#journal.refuse(record, refusal.status, refusal.status === 429);
    response.writeHead(refusal.status, { 'Content-Type': 'application/json', ...refusal.headers });
    response.end(envelopeOf(refusal, record.requestId));
  }

  #meterOf(account: string): PlanMeter {
    const meter = this.#meters.get(account) ?? new PlanMeter();
    this.#meters.set(account, meter);
    return meter;
  }
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  record: RequestRecord;
  random: Random;
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

/** Hands over the whole body, or `undefined` when it is too large. A client that goes in the middle gets no answer. */
export function readBody(request: IncomingMessage, done: (text: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => done(bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : undefined));
  request.on('error', () => {}); // the client went; its response tells
}

function settingsOf(options: ElectronOptions): ElectronSettings {
  const { pace, shape, manners, plan, retryAfter, releaseLagMs, replies } = options;
  return { pace, shape, manners, plan, retryAfter, releaseLagMs, replies };
}

function wrongMethod(): Refusal {
  return { ...invalid('Only POST is answered here'), status: 405, headers: { Allow: 'POST' } };
}

function tooLarge(): Refusal {
  return { ...invalid(`The body is larger than ${MAX_BODY_BYTES} bytes`), status: 413 };
}

/** Today where the machine stands, as `2026-08-21`. */
function localDay(): string {
  return new Intl.DateTimeFormat('en-CA').format();
}
