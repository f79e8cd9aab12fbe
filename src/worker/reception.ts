/** Who may come in at a carrier's door, what they are told when they may not, and what is counted and logged of it. */
import type { Knock, Upgrade, Verdict } from '../bridge/contract.ts';
import type { Log } from '../lib/log.ts';
import { Doorkeeper, type DoorkeeperSettings } from './doorkeeper.ts';
import type { Metrics, RefusalReason } from './metrics.ts';
import type { OpenDoor } from './open-door.ts';

/** What whoever knocks is told who may not come in. */
export interface Refused {
  status: 403 | 429;
  statusLine: string;
  text: string;
  headers: Record<string, string>;
}

const FORBIDDEN: Refused = { status: 403, statusLine: '403 Forbidden', text: 'forbidden', headers: {} };
const TOO_MANY: Refused = { status: 429, statusLine: '429 Too Many Requests', text: 'too many requests', headers: {} };

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
    { open, entrance }: { open: OpenDoor; entrance: Pick<Upgrade, 'mayKnock' | 'tokenOf'> },
  ): Promise<Verdict['type'] | Refused> {
    const verdict = await open.judge(knock, entrance);
    const answer = await this.doorkeeper.knock(knock, verdict, open.rules);
    if (answer.type === 'welcome') return verdict.type;
    const why = answer.type === 'forbidden' ? 'forbidden' : 'rate-limited';
    const { reason } = answer;
    const facts = { path: pathOf(knock) || open.door.name, remoteAddress: knock.remoteAddress, reason };
    if (reason === undefined) this.#metrics.refused(why);
    else this.refuse(why, facts);
    if (answer.type === 'forbidden') return FORBIDDEN;
    return { ...TOO_MANY, headers: { 'Retry-After': String(answer.retryAfterSeconds) } };
  }

  readonly refuse = (why: RefusalReason, facts: Record<string, unknown>): void => {
    this.#metrics.refused(why);
    this.#log.warn({ ...facts, why }, 'a call was refused');
  };
}

export function pathOf({ target }: Pick<Knock, 'target'>): string {
  return target.split('?')[0] ?? '';
}
