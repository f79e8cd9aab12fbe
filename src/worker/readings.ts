/**
 * Figures that a stage keeps anyway, as Prometheus metrics: read at every scrape, and free between two. Each adds up over
 * the processes of a machine.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import { isFigure } from './meters.ts';

interface ReadingOptions<Label extends string> {
  name: string;
  help: string;
  /** The values now, by label; a plain number for a metric without labels. */
  read: () => number | Partial<Record<Label, number>>;
  /** The one label's name. */
  label?: string;
}

/** `read` gives a total that only grows; what is no figure, or cannot be read, is left out. */
export function countReading<Label extends string>(registry: Registry, options: ReadingOptions<Label>): void {
  const { name, help, read, label } = options;
  new Counter({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, labels] of samplesNow(read, label)) if (isFigure(value)) this.inc(labels, value);
    },
  });
}

/** None of what cannot be read: the stage may be a program's own, and the rest of the scrape is worth having. */
function samplesNow<Label extends string>(
  read: ReadingOptions<Label>['read'],
  label = '',
): [number | undefined, Record<string, string>][] {
  try {
    const values = read();
    if (typeof values === 'number') return [[values, {}]];
    return Object.entries<number | undefined>(values).map(([key, value]) => [value, { [label]: key }]);
  } catch {
    return [];
  }
}

/** As a stage counts what it has measured: how many fell into each bucket. */
export interface Buckets {
  /** Upper edges, in milliseconds; the last one is infinite. */
  readonly edgesMs: readonly number[];
  /** Not cumulative. */
  readonly counts: ArrayLike<number>;
  sumMs: number;
}

/** A histogram in seconds of what has been counted elsewhere; prom-client's own would have to be told each value. */
export function histogramReading(
  registry: Registry,
  { name, help, read }: { name: string; help: string; read: () => Buckets },
): void {
  const histogram = new Histogram({ name, help, registers: [registry] });
  const get = () =>
    Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: samplesOf(name, read()) });
  Object.assign(histogram, { get, getForPromString: get }); // it has been told nothing, and tells what was read
}

function samplesOf(name: string, { edgesMs, counts, sumMs }: Buckets) {
  let count = 0;
  const buckets = edgesMs.map((edgeMs, index) => {
    count += counts[index] ?? 0;
    const le = edgeMs === Infinity ? '+Inf' : edgeMs / 1_000;
    return { metricName: `${name}_bucket`, labels: { le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}
