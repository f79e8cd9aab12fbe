/**
 * Whom every request to a carrier's door meets first: the gate says who may come in, the doorkeeper counts, by address,
 * who knocks too often, and how many have come in and not said who they are. Counts are of this process.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Knock, Verdict } from '../bridge/door.ts';
import { addressOf, hasToken, judge, showsToken, type GateRules } from './gate.ts';
import type { Settings } from './settings.ts';
import { isLocal } from './this-machine.ts';
import { WaitingRoom } from './waiting-room.ts';

export type Answer =
  | { type: 'welcome' }
  /** `reason` is for the log; undefined when that has heard enough of this address for now, or it was no guess. */
  | { type: 'forbidden'; reason: string | undefined; isGuess: boolean }
  | { type: 'too-many'; reason: string | undefined; retryAfterSeconds: number };

export type DoorkeeperSettings = Pick<
  Settings,
  'trustedProxies' | 'maxUpgrades' | 'maxForbidden' | 'maxCalls' | 'metricsTokens' | 'metricsOpen'
>;

export const WINDOW_SECONDS = 60;
/** Sockets that are open before their calls have begun, beyond one for each call that may begin. */
const SPARE_SOCKETS = 32;
/** Ten times what a request has that came by way of several proxies. */
export const MOST_HEADERS = 200;

/** A socket that has been let in. */
export interface Newcomer {
  isCarrier: boolean;
  /** Others need the room. */
  sendAway: () => void;
}

export class Doorkeeper {
  readonly #settings: DoorkeeperSettings;
  readonly #upgrades: RateLimiterMemory;
  readonly #forbidden: RateLimiterMemory;
  /** Of this machine's own programs, which are never shut out: how much of them the log has heard. */
  readonly #forbiddenHere: RateLimiterMemory;
  readonly #waitingRoom: WaitingRoom;

  constructor(settings: DoorkeeperSettings) {
    const guesses = { points: settings.maxForbidden, duration: WINDOW_SECONDS };
    this.#settings = settings;
    this.#upgrades = new RateLimiterMemory({ points: settings.maxUpgrades, duration: WINDOW_SECONDS });
    this.#forbidden = new RateLimiterMemory(guesses);
    this.#forbiddenHere = new RateLimiterMemory(guesses);
    this.#waitingRoom = new WaitingRoom(settings.maxCalls + SPARE_SOCKETS);
  }

  /**
   * What a carrier alone can show opens in any case, so that nobody who knocks from behind the same proxy can lock it
   * out. For everybody else the limits come first: a token is not even looked at when its address has guessed too often.
   */
  async knock(knock: Knock, verdict: Verdict, rules: GateRules): Promise<Answer> {
    const isKnown = verdict.type === 'carrier' || verdict.type === 'returning';
    if (isKnown && judge(knock, verdict, rules) === undefined) return { type: 'welcome' };
    return (await this.#shutOut(knock)) ?? this.#answer(knock, judge(knock, verdict, rules));
  }

  /** For what is wrong with a request whoever sends it: a guess like any other. */
  async refuse(knock: Knock, reason: string): Promise<Answer> {
    return (await this.#shutOut({ ...knock, protocol: 'http' })) ?? this.#answer(knock, reason);
  }

  /** Who may read the metrics: with a token everybody who shows it; without one this machine, or all if so set. */
  async watch(knock: Knock): Promise<Answer> {
    const { metricsTokens, metricsOpen } = this.#settings;
    const isOpen = metricsTokens.length === 0 && (metricsOpen || isLocal(knock));
    if (isOpen) return { type: 'welcome' };
    if (metricsTokens.length === 0 || !hasToken(knock)) {
      return { type: 'forbidden', reason: undefined, isGuess: false };
    }
    const shutOut = await this.#shutOut(knock);
    const isGood = shutOut === undefined && showsToken(knock, metricsTokens);
    return shutOut ?? this.#answer(knock, isGood ? undefined : 'no token of PARLEY_METRICS_TOKEN was shown');
  }

  /**
   * A socket comes in that has not said who it is; to be told when it has, or is gone. Undefined: too many are waiting.
   * For a carrier's there is room as long as others wait.
   */
  comeIn(knock: Knock, { isCarrier, sendAway }: Newcomer): (() => void) | undefined {
    const address = addressOf(knock, this.#settings.trustedProxies);
    return this.#waitingRoom.enter({ address, isKnown: isCarrier, isPressing: isCarrier, sendAway });
  }

  /** Whose address has guessed, or knocked, too often. */
  async #shutOut(knock: Knock): Promise<Answer | undefined> {
    if (isLocal(knock)) return undefined;
    const address = addressOf(knock, this.#settings.trustedProxies);
    const guesses = await this.#forbidden.get(address);
    if (guesses && guesses.consumedPoints >= this.#settings.maxForbidden) return tooMany(guesses, undefined);
    const tooOften = knock.protocol === 'http' ? undefined : await spend(this.#upgrades, address);
    if (!tooOften) return undefined;
    return tooMany(tooOften, isFirst(tooOften, this.#settings.maxUpgrades) ? 'upgrades' : undefined);
  }

  async #answer(knock: Knock, reason: string | undefined): Promise<Answer> {
    if (reason === undefined) return { type: 'welcome' };
    const guesses = isLocal(knock) ? this.#forbiddenHere : this.#forbidden;
    const isOver = await spend(guesses, addressOf(knock, this.#settings.trustedProxies));
    return { type: 'forbidden', reason: isOver ? undefined : reason, isGuess: true };
  }
}

/** What is left to wait, when there is no more to spend. */
async function spend(limiter: RateLimiterMemory, address: string): Promise<RateLimiterRes | undefined> {
  try {
    await limiter.consume(address);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof RateLimiterRes) return thrown;
    throw thrown;
  }
}

const isFirst = ({ consumedPoints }: RateLimiterRes, points: number): boolean => consumedPoints === points + 1;

function tooMany({ msBeforeNext }: RateLimiterRes, what: string | undefined): Answer {
  const reason = what && `more ${what} from one address than its limit, in ${WINDOW_SECONDS} s`;
  return { type: 'too-many', reason, retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}
