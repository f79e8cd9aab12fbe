/**
 * The chat route: the text of a request in, a script out, and where it goes is somebody else's (`http.ts`, `dispatcher.ts`).
 * Holds the accounts' meters, the prefix cache and the faults, but no port, so that one server may hold several simulators,
 * and a test may have one without any.
 */
import { systemClock, wallMsOf, type Clock } from '../../lib/clock.ts';
import { readConversation } from './brain/conversation.ts';
import { think } from './brain/think.ts';
import { envelopeOf, invalid, typeOfStatus, type Refusal } from './envelope.ts';
import { applyFault } from './fault-effects.ts';
import { Fault, FaultQueue, type FaultInput, type FaultSubject } from './faults.ts';
import { Journal, systemEpochMs, type ElectronStats, type RequestRecord } from './journal.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import {
  ElectronOptions,
  ElectronSettings,
  readOptions,
  type ElectronOptionsInput,
  type ElectronSettingsInput,
} from './options.ts';
import { PlanMeter, refusalOf } from './plan.ts';
import { refuseByManners, refuseLength } from './manners.ts';
import { play, type Outlet, type Playing } from './player.ts';
import { PrefixCache, type PromptCount } from './prefix-cache.ts';
import { promptPieces } from './prompt.ts';
import { mixSeeds, seededRandom, uuid, type Random } from './random.ts';
import { replyByRule, type ReplyRule } from './replies.ts';
import { readRequest, refuseOverflow, type ChatRequest } from './request.ts';
import { writeScript, type ResponseScript } from './script.ts';
import { shorten } from './shorten.ts';

/** A fault as code may give it: with a filter that is a function, which no other process could send. */
export type FaultOptions = FaultInput & { filter?: (subject: FaultSubject) => boolean };

/** One request, from its first byte to the end of its answer. */
export interface Exchange {
  /** Whose plan it counts against. */
  account: string;
  record: RequestRecord;
  random: Random;
  /** Why its key is none, known before there is a body. */
  refusal: Refusal | undefined;
}

/** What comes back: at once, or played into whatever carries it. */
export type Answer =
  | { type: 'refusal'; status: number; headers: Record<string, string>; body: string }
  | { type: 'script'; play(outlet: Outlet): Playing };

export class ElectronService {
  readonly options: ElectronOptions;
  readonly #clock: Clock;
  readonly #faults = new FaultQueue();
  readonly #meters = new Map<string, PlanMeter>();
  readonly #cache: PrefixCache;
  readonly #journal: Journal;
  readonly #faultRandom: Random;
  readonly #used = new Set<ReplyRule>();
  #settings: ElectronSettings;

  /** @throws {VoiceError} `options-invalid` */
  constructor(options: ElectronOptionsInput = {}, clock: Clock = systemClock) {
    this.options = readOptions(ElectronOptions, options, 'Electron simulator');
    this.#settings = settingsOf(this.options);
    this.#clock = clock;
    this.#cache = new PrefixCache(this.options.cacheExpiryMs);
    const epochMs = clock === systemClock ? systemEpochMs : () => wallMsOf(clock);
    this.#journal = new Journal(this.options.keepRequests, epochMs);
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

  /** Fixed replies that nobody has asked for yet, by their places in `replies`. */
  unusedReplies(): { place: number; rule: ReplyRule }[] {
    return this.#settings.replies.map((rule, place) => ({ place, rule })).filter(({ rule }) => !this.#used.has(rule));
  }

  requests(): readonly RequestRecord[] {
    return this.#journal.records;
  }

  /** A request begins to come. `authorization`: its header. */
  open(authorization: string | undefined): Exchange {
    const ordinal = this.#journal.counts.requests + 1;
    const random = seededRandom(mixSeeds(this.options.seed, ordinal));
    const record = this.#journal.open(uuid(random));
    return { account: authorization ?? '', record, random, refusal: this.#refuseKey(authorization) };
  }

  /** It is here whole; undefined: it was too large. */
  answer(bodyText: string | undefined, exchange: Exchange): Answer {
    const { account, record } = exchange;
    if (exchange.refusal) return this.refuse(exchange.refusal, exchange);
    if (bodyText === undefined) return this.refuse(tooLarge(), exchange);
    const read = readRequest(bodyText);
    if (!read.ok) return this.refuse(read.refusal, exchange);
    record.body = read.request;
    const unmannerly = refuseByManners(read.request, this.#settings.manners);
    if (unmannerly) return this.refuse(unmannerly, exchange);
    const meter = this.#meterOf(account);
    const admission = meter.admit(this.#settings.plan, this.#clock.nowMs());
    if (admission.type !== 'admitted') {
      return this.refuse(refusalOf(admission, this.#settings.retryAfter, wallMsOf(this.#clock)), exchange);
    }
    const count = this.#cache.admit(account, promptPieces(read.request), this.#clock.nowMs());
    const overflow =
      refuseLength(count.promptTokens, this.#settings.manners) ?? refuseOverflow(read.request, count.promptTokens);
    if (overflow) {
      meter.release();
      return this.refuse(overflow, exchange);
    }
    this.#journal.countTokens(count.promptTokens, count.cachedTokens);
    const script = this.#compose(read.request, count, exchange);
    return { type: 'script', play: (outlet) => this.#play(script, meter, { record, outlet }) };
  }

  /** Writes down that it is refused, and says in which words. */
  refuse(refusal: Refusal, { record }: Exchange): Extract<Answer, { type: 'refusal' }> {
    this.#journal.refuse(record, refusal.status, refusal.status === 429);
    return {
      type: 'refusal',
      status: refusal.status,
      headers: { 'Content-Type': 'application/json', ...refusal.headers },
      body: envelopeOf(refusal, record.requestId),
    };
  }

  /** What to say, how it is written, and what goes wrong with it. */
  #compose(request: ChatRequest, count: PromptCount, { record, random }: Exchange): ResponseScript {
    const settings = this.#settings;
    const conversation = readConversation(request);
    const fixed = replyByRule(settings.replies, conversation);
    if (fixed) this.#used.add(fixed.rule);
    const reply = shorten(fixed?.reply ?? think(conversation, { today: this.options.today ?? localDay() }), request);
    const facts = {
      reply,
      count,
      shape: settings.shape,
      manners: settings.manners,
      pace: fixed?.rule.pace ?? settings.pace,
      random: typeof request.seed === 'number' ? seededRandom(mixSeeds(request.seed, record.ordinal)) : random,
      createdSeconds: Math.floor(wallMsOf(this.#clock) / 1_000),
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

  #play(
    script: ResponseScript,
    meter: PlanMeter,
    { record, outlet }: { record: RequestRecord; outlet: Outlet },
  ): Playing {
    this.#journal.start();
    record.status = script.status;
    return play({
      script,
      outlet,
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

  #refuseKey(authorization: string | undefined): Refusal | undefined {
    const key = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const isGood = key !== undefined && (this.options.keys?.includes(key) ?? key.startsWith('sk_'));
    if (key !== undefined && this.options.forbiddenKeys.includes(key)) {
      return { status: 403, type: typeOfStatus(403), message: 'Your plan does not include Electron' };
    }
    if (isGood) return undefined;
    const message = key === undefined ? 'Missing bearer token' : 'Invalid API key';
    return { status: 401, type: typeOfStatus(401), message };
  }

  #meterOf(account: string): PlanMeter {
    const meter = this.#meters.get(account) ?? new PlanMeter();
    this.#meters.set(account, meter);
    return meter;
  }
}

function settingsOf(options: ElectronOptions): ElectronSettings {
  const { pace, shape, manners, plan, retryAfter, releaseLagMs, replies } = options;
  return { pace, shape, manners, plan, retryAfter, releaseLagMs, replies };
}

function tooLarge(): Refusal {
  return { ...invalid(`The body is larger than ${MAX_BODY_BYTES} bytes`), status: 413 };
}

/** Today where the machine stands, as `2026-08-21`. */
function localDay(): string {
  return new Intl.DateTimeFormat('en-CA').format();
}
