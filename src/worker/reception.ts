/** Who may come in at a carrier's door, what they are told when they may not, and what is counted and logged of it. */
import type { IncomingMessage } from 'node:http';
import type { Knock, Upgrade, Verdict } from '../bridge/door.ts';
import type { Log } from '../lib/log.ts';
import { Doorkeeper, MOST_HEADERS, type Answer, type DoorkeeperSettings } from './doorkeeper.ts';
import type { Metrics, RefusalReason } from './metrics.ts';
import type { OpenDoor } from './open-door.ts';
import { quote } from './this-machine.ts';

/** What whoever knocks is told who may not come in. */
export interface Refused {
  status: 400 | 403 | 429 | 431;
  statusLine: string;
  text: string;
  headers: Record<string, string>;
}

const FORBIDDEN: Refused = { status: 403, statusLine: '403 Forbidden', text: 'forbidden', headers: {} };
const TOO_MANY: Refused = { status: 429, statusLine: '429 Too Many Requests', text: 'too many requests', headers: {} };
const TOO_LONG: Refused = {
  status: 431,
  statusLine: '431 Request Header Fields Too Large',
  text: 'too many headers',
  headers: { Connection: 'close' },
};
const BROKEN_OFF: Refused = { status: 400, statusLine: '400 Bad Request', text: 'broken off', headers: {} };

type Entrance = Pick<Upgrade, 'mayKnock' | 'tokenOf'>;
/** Whoever decides who comes in somewhere: a door, or the worker itself. */
export interface Judge extends Pick<OpenDoor, 'rules'> {
  door: { name: string };
  judge(knock: Knock, entrance: Entrance): Verdict | Promise<Verdict>;
}

export class Reception {
  readonly doorkeeper: Doorkeeper;
  readonly #metrics: Metrics;
  readonly #log: Log;

  constructor({ settings, metrics, log }: { settings: DoorkeeperSettings; metrics: Metrics; log: Log }) {
    this.doorkeeper = new Doorkeeper(settings);
    this.#metrics = metrics;
    this.#log = log;
  }

  /** What the entrance made of the knock, when it may come in. */
  async judge(
    knock: Knock,
    { open, entrance }: { open: Judge; entrance: Entrance },
  ): Promise<Verdict['type'] | Refused> {
    const verdict = await open.judge(knock, entrance);
    const answer = await this.doorkeeper.knock(knock, verdict, open.rules);
    return this.#refusal(answer, FORBIDDEN, factsOf(knock, open)) ?? verdict.type;
  }

  /** Why the metrics are not for whoever asks for them; undefined when they are. */
  async watch(knock: Knock): Promise<Refused | undefined> {
    return this.#refusal(await this.doorkeeper.watch(knock), FORBIDDEN, factsOf(knock));
  }

  /**
   * Nothing is believed of a request with more headers than anybody needs, that it is of this machine least of all: what
   * one of them says may be lost between the others, here or at a proxy.
   */
  async judgeHeaders({ rawHeaders }: IncomingMessage, knock: Knock): Promise<Refused | undefined> {
    if (rawHeaders.length <= 2 * MOST_HEADERS) return undefined;
    await this.#count(knock, `more than ${MOST_HEADERS} headers`);
    return TOO_LONG;
  }

  /** A request whose body was not sent to its end, so that nothing can be made of it. */
  async breakOff(knock: Knock): Promise<Refused> {
    await this.#count(knock, 'the request was broken off');
    return BROKEN_OFF;
  }

  readonly refuse = (why: RefusalReason, facts: Record<string, unknown>): void => {
    this.#metrics.refused(why);
    this.#log.warn({ ...facts, why }, 'a call was refused');
  };

  async #count(knock: Knock, reason: string): Promise<void> {
    this.#refusal(await this.doorkeeper.refuse(knock, reason), FORBIDDEN, factsOf(knock));
  }

  #refusal(answer: Answer, forbidden: Refused, facts: Record<string, unknown>): Refused | undefined {
    if (answer.type === 'welcome') return undefined;
    const isForbidden = answer.type === 'forbidden';
    if (isForbidden && !answer.isGuess) return forbidden;
    const why = isForbidden ? 'forbidden' : 'rate-limited';
    const { reason } = answer;
    if (reason === undefined) this.#metrics.refused(why);
    else this.refuse(why, { ...facts, reason });
    return isForbidden ? forbidden : { ...TOO_MANY, headers: { 'Retry-After': String(answer.retryAfterSeconds) } };
  }
}

function factsOf(knock: Knock, open?: Judge) {
  return { path: quote(pathOf(knock)) || open?.door.name, remoteAddress: knock.remoteAddress };
}

export function pathOf({ target }: Pick<Knock, 'target'>): string {
  return target.split('?')[0] ?? '';
}
