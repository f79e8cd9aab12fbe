/**
 * Counters and histograms as calls feed them. prom-client throws at what is no figure: a total that would fall, a time that
 * is none, a label that something has put into every object's prototype. Whoever feeds them is in the middle of a call, so
 * here that is left out, and what else the same event has to say is still counted.
 */
import { Counter, Histogram, type Registry } from 'prom-client';

export interface MeterOptions<Label extends string> {
  registry: Registry;
  name: string;
  help: string;
  /** Default: none. */
  labelNames?: Label[];
}

type Labels<Label extends string> = Partial<Record<Label, string>>;

/** A total that only grows. */
export class CountMeter<Label extends string = never> {
  readonly #counter: Counter<Label>;

  constructor({ registry, name, help, labelNames = [] }: MeterOptions<Label>) {
    this.#counter = new Counter({ name, help, labelNames, registers: [registry] });
  }

  /** Adds `by`, 0 or more; anything else is left out. 0 shows the total before the first of it. Never throws. */
  add(labels: Labels<Label> = {}, by = 1): void {
    if (isFigure(by)) this.#counter.inc(bare(labels), by);
  }
}

/** How often something took how long, in seconds. */
export class TimeMeter<Label extends string = never> {
  readonly #histogram: Histogram<Label>;

  constructor({ registry, name, help, labelNames = [], buckets }: MeterOptions<Label> & { buckets: number[] }) {
    this.#histogram = new Histogram({ name, help, labelNames, buckets, registers: [registry] });
  }

  /** Milliseconds; what is no number is left out, and less than none is none. Never throws. */
  observeMs(ms: number, labels: Labels<Label> = {}): void {
    if (Number.isFinite(ms)) this.#histogram.observe(bare(labels), Math.max(0, ms) / 1_000);
  }

  /** Shows it before the first time. */
  zero(labels: Labels<Label>): void {
    this.#histogram.zero(bare(labels));
  }
}

/** Whether a total may grow by it. */
export const isFigure = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Nothing that other code has given to every object is a label. */
function bare<Label extends string>(labels: Labels<Label>): Labels<Label> {
  return Object.assign(Object.create(null) as Labels<Label>, labels);
}
