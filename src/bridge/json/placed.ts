/**
 * What the doors have in common that place calls: every address that a carrier is given for one carries Parley's id of it,
 * and what comes there is told. Of carriers that sign nothing the address has a seal, too, so that nobody else knows it.
 */
import { createHmac } from 'node:crypto';
import { ProviderError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { SettingsBlock, ValuesOf } from '../../lib/settings.ts';
import type { Desk, Knock, OutboundCall, OutboundNews, OutboundOutcome, Verdict } from '../door.ts';
import { isEqual } from '../equal.ts';
import { missingIn } from '../together.ts';
import { queryOf, stranger } from './announced.ts';

/** In the query of an address. */
const ID = 'call';
const SEAL = 'seal';

type AnyDesk = Pick<Desk, 'address' | 'outbound' | 'report'>;

/** Where the carrier asks or tells about the call with this id. */
export const addressFor = (desk: AnyDesk, path: string, id: string): string =>
  desk.address(`${path}?${ID}=${encodeURIComponent(id)}`, 'http');

/** The call that a knock is about, where we have placed it: undefined for one that rings here; `over`, when it is given up. */
export function placedCallOf({ target }: Pick<Knock, 'target'>, desk: AnyDesk): OutboundCall | 'over' | undefined {
  const id = idIn(target);
  return id === undefined ? undefined : (desk.outbound(id) ?? 'over');
}

/** What a knock tells about the call that it names. */
export function report({ target }: Pick<Knock, 'target'>, desk: AnyDesk, news: readonly OutboundNews[]): void {
  const id = idIn(target);
  if (id !== undefined) for (const one of news) desk.report(id, one);
}

const idIn = (target: string): string | undefined => queryOf(target).get(ID) ?? undefined;

/** The environment's name of the first of these settings that is not set; undefined when all of them are. */
export const firstMissing = <Block extends SettingsBlock>(
  block: Block,
  settings: ValuesOf<Block>,
  names: readonly (keyof Block)[],
): string | undefined => missingIn(block, settings, names)[0];

/** As carriers want to be told how long to let it ring. */
export const secondsOf = (ms: number): number => Math.ceil(ms / 1_000);

/**
 * The call that the answer to an order names. `path`: where in it, field by field.
 * @throws {ProviderError} `provider-failed`, when it names none.
 */
export function idFrom(provider: string, answer: unknown, ...path: string[]): string {
  const id = path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), answer);
  if (typeof id === 'string' && id !== '') return id;
  const message = `Expected the answer to a placed call to have \`${path.at(-1)}\`, got none`;
  throw new ProviderError(provider, 'provider-failed', message, { phase: 'before-first-output' });
}

// ---- what carriers tell ---------------------------------------------------------------------------------------------

/** News of a call by the carrier's own word for its state, of which each means one thing. Any other means nothing. */
export type StatusWords = Readonly<Record<string, 'ringing' | 'answered' | OutboundOutcome>>;

/** `detail`: why, in the carrier's own words, where it says so. */
export function newsOf(words: StatusWords, status: string | undefined, detail?: string): OutboundNews[] {
  const meaning = Object.entries(words).find(([word]) => word === status)?.[1];
  if (meaning === undefined) return [];
  return meaning === 'ringing' || meaning === 'answered'
    ? [{ type: meaning }]
    : [{ type: 'ended', outcome: meaning, detail }];
}

export const answeredBy = (who: 'person' | 'machine', mayLeave = false): OutboundNews => ({
  type: 'answered-by',
  who,
  mayLeave,
});

// ---- where nothing is signed ----------------------------------------------------------------------------------------

/** As `addressFor`, with a seal that is made with `secret`: of it nothing can be learned that opens anything else. */
export const sealedAddressFor = (desk: AnyDesk, path: string, id: string, secret: string): string =>
  `${addressFor(desk, path, id)}&${SEAL}=${sealOf(id, secret)}`;

/** Whether an address is one that we have given out. */
export function judgeSeal({ target }: Pick<Knock, 'target'>, secrets: readonly string[]): Verdict {
  const [id, shown] = [ID, SEAL].map((name) => queryOf(target).get(name) ?? '');
  const isOurs = secrets.filter((secret) => isEqual(sealOf(id ?? '', secret), shown ?? '')).length > 0;
  return isOurs ? { type: 'carrier' } : stranger('the address is not one that was given out for a call');
}

const sealOf = (id: string, secret: string): string =>
  createHmac('sha256', `parley placed call ${secret}`).update(id).digest('hex').slice(0, 32);
