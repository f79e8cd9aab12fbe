/**
 * Whom every request to a carrier's door meets first: the gate says who may come in, the doorkeeper counts, by address,
 * who knocks too often, and how many have come in and not said who they are. Counts are of this process.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Knock, Verdict } from '../bridge/contract.ts';
import { addressOf, isLocal, judge, showsToken, type GateRules } from './gate.ts';
import type { Settings } from './settings.ts';

export type Answer =
  | { type: 'welcome' }
  /** `reason` is for the log, once a window and address. */
  | { type: 'forbidden'; reason: string }
  | { type: 'too-many'; reason: string | undefined; retryAfterSeconds: number };

export type DoorkeeperSettings = Pick<
  Settings,
  'trustedProxies' | 'maxUpgrades' | 'maxForbidden' | 'maxCalls' | 'metricsTokens' | 'metricsOpen'
>;

export const WINDOW_SECONDS = 60;
/** Sockets that are open before their calls have begun, beyond one for each call that may begin. */
const SPARE_SOCKETS = 32;

/** For the server of HTTP: whoever sends slowly, or nothing, is let go. Times in milliseconds. */
export const SERVER_LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;

/** Connections beyond those of calls: probes, scrapes, webhooks. What is above is not accepted. */
export const SPARE_CONNECTIONS = 512;

export class Doorkeeper {
  readonly #settings: DoorkeeperSettings;
  readonly #upgrades: RateLimiterMemory;
  readonly #forbidden: RateLimiterMemory;
  #waiting = 0;

  constructor(settings: DoorkeeperSettings) {
    this.#settings = settings;
    this.#upgrades = new RateLimiterMemory({ points: settings.maxUpgrades, duration: WINDOW_SECONDS });
    this.#forbidden = new RateLimiterMemory({ points: settings.maxForbidden, duration: WINDOW_SECONDS });
  }

  /**
   * What a carrier alone can show opens in any case, so that nobody who knocks from behind the same proxy can lock it
   * out. For everybody else the limits come first: a token is not even looked at when its address has guessed too often.
   */
  async knock(knock: Knock, verdict: Verdict, rules: GateRules): Promise<Answer> {
    if (verdict.type === 'carrier' && judge(knock, verdict, rules) === undefined) return { type: 'welcome' };
    const isCounted = !isLocal(knock);
    const address = addressOf(knock, this.#settings.trustedProxies);
    if (isCounted) {
      const guesses = await this.#forbidden.get(address);
      if (guesses && guesses.consumedPoints >= this.#settings.maxForbidden) return tooMany(guesses, undefined);
      const tooOften = knock.protocol === 'http' ? undefined : await spend(this.#upgrades, address);
      if (tooOften) return tooMany(tooOften, isFirst(tooOften, this.#settings.maxUpgrades) ? 'upgrades' : undefined);
    }
    const reason = judge(knock, verdict, rules);
    if (reason === undefined) return { type: 'welcome' };
    if (isCounted) await spend(this.#forbidden, address);
    return { type: 'forbidden', reason };
  }

  /** A socket comes in that has not said who it is: told when it has, or is gone. Undefined: too many are waiting. */
  comeIn(): (() => void) | undefined {
    if (this.#waiting >= this.#settings.maxCalls + SPARE_SOCKETS) return undefined;
    this.#waiting++;
    let isIn = true;
    return () => {
      if (isIn) this.#waiting--;
      isIn = false;
    };
  }

  /** Who may read the metrics: with a token everybody who shows it; without one this machine, or all if so set. */
  mayWatch(knock: Pick<Knock, 'target' | 'headers' | 'remoteAddress'>): boolean {
    const { metricsTokens, metricsOpen } = this.#settings;
    if (metricsTokens.length > 0) return showsToken(knock, metricsTokens);
    return metricsOpen || isLocal(knock);
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
