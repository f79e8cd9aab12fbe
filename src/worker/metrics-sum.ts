/** Metrics of several processes as those of one worker; what a process has counted stays counted when it dies. */
import { AggregatorRegistry, type MetricObject, type Registry } from 'prom-client';

export class MetricsSum {
  /** As each process last told them. */
  readonly #last = new Map<number, MetricObject[]>();
  /** Counters and histograms of those that are gone: a sum that fell would look like a restart, and be counted twice. */
  #gone: MetricObject[] = [];

  update(process: number, metrics: unknown[]): void {
    this.#last.set(process, metrics as MetricObject[]);
  }

  async forget(process: number): Promise<void> {
    const last = this.#last.get(process) ?? [];
    this.#last.delete(process);
    const counted = last.filter(isCounted);
    if (counted.length > 0) this.#gone = await sum([this.#gone, counted]).getMetricsAsJSON();
  }

  text(own: MetricObject[]): Promise<string> {
    return sum([this.#gone, ...this.#last.values(), own]).metrics();
  }
}

const sum = (lists: MetricObject[][]): Registry =>
  AggregatorRegistry.aggregate(lists.filter(({ length }) => length > 0));

/** The type is its name, whatever the declaration says. */
const isCounted = ({ type }: MetricObject): boolean => ['counter', 'histogram'].includes(String(type));
