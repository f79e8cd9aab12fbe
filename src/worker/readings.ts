/**
 * Figures that a stage keeps anyway, as Prometheus metrics: read at every scrape, and free between two. Each adds up over
 * the processes of a machine.
 */
import { Counter, type Registry } from 'prom-client';

interface ReadingOptions<Label extends string> {
  name: string;
  help: string;
  /** The values now, by label; a plain number for a metric without labels. */
  read: () => number | Partial<Record<Label, number>>;
  /** The one label's name. */
  label?: string;
}

/** `read` gives a total that only grows. */
export function countReading<Label extends string>(registry: Registry, options: ReadingOptions<Label>): void {
  const { name, help, read, label } = options;
  new Counter({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, labels] of samples(read(), label)) this.inc(labels, value);
    },
  });
}

function samples(values: number | Partial<Record<string, number>>, label = ''): [number, Record<string, string>][] {
  if (typeof values === 'number') return [[values, {}]];
  return Object.entries(values).map(([key, value = 0]) => [value, { [label]: key }]);
}

/** As a stage counts what it has measured: how many fell into each bucket. */
export interface Buckets {
  /** Upper edges, in milliseconds; the last one is infinite. */
  readonly edgesMs: readonly number[];
  /** Not cumulative. */
  readonly counts: ArrayLike<number>;
  sumMs: number;
}

/** A histogram in seconds of what has been counted elsewhere; prom-client's own wants to be told each value. */
export function histogramReading(
  registry: Registry,
  { name, help, read }: { name: string; help: string; read: () => Buckets },
): void {
  const get = () => {
    const { edgesMs, counts, sumMs } = read();
    let count = 0;
    const buckets = edgesMs.map((edgeMs, index) => {
      count += counts[index] ?? 0;
      const le = edgeMs === Infinity ? '+Inf' : edgeMs / 1_000;
      return { metricName: `${name}_bucket`, labels: { le }, value: count };
    });
    const values = [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: sumMs / 1_000 },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  };
  const metric = { name, help, get, reset() {} };
  registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
}
