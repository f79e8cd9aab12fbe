/** What lasts over several turns, as stretches of the call: who has the caller, what is muted, holds, waits for a person. */
import type { CallEvent } from '../call/events.ts';
import type { Picture, Stretch } from './picture.ts';

export type Spans = Pick<Picture, 'agents' | 'muted' | 'onHold' | 'waits'>;

export class SpanReader {
  readonly #spans: Spans = { agents: [], muted: [], onHold: [], waits: [] };
  /** Those that go on: nobody knows yet until when. */
  readonly #open: { agents?: Stretch; muted?: Stretch; onHold?: Stretch; waits?: Stretch } = {};

  /** Who has the caller now; nobody before the call has started. */
  get agent(): string {
    return this.#spans.agents.at(-1)?.name ?? '';
  }

  take(event: CallEvent): void {
    const { atMs } = event;
    // prettier-ignore
    switch (event.type) {
      case 'call-start': return this.#begin('agents', { name: event.agent, fromMs: atMs, toMs: Infinity });
      case 'agent-change': this.#end('agents', atMs); return this.#begin('agents', { name: event.to, fromMs: atMs, toMs: Infinity });
      case 'sensitive-start': return this.#begin('muted', { fromMs: atMs, toMs: Infinity });
      case 'sensitive-end': return this.#end('muted', atMs);
      case 'hold-start': return this.#begin('onHold', { fromMs: atMs, toMs: Infinity });
      case 'hold-end': return this.#end('onHold', atMs);
      case 'transfer-progress': return event.state === 'ringing' ? this.#begin('waits', { to: event.to, fromMs: atMs, toMs: Infinity }) : undefined;
      case 'transfer': return this.#end('waits', atMs);
      default:
    }
  }

  /** What still goes on is shown up to the end of the call. */
  finish(durationMs: number): Spans {
    for (const kind of ['agents', 'muted', 'onHold', 'waits'] as const) this.#end(kind, durationMs);
    return this.#spans;
  }

  #begin<Kind extends keyof Spans>(kind: Kind, span: Spans[Kind][number]): void {
    this.#end(kind, span.fromMs);
    (this.#spans[kind] as Stretch[]).push(span);
    this.#open[kind] = span;
  }

  #end(kind: keyof Spans, atMs: number): void {
    const open = this.#open[kind];
    if (open) open.toMs = Math.max(open.fromMs, atMs);
    delete this.#open[kind];
  }
}
