/** Reads what a worker exports. */

export interface Metric {
  help: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

/** Prometheus' text format, strictly. */
export function parse(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  const named = (name: string): Metric => {
    const metric = metrics.get(name) ?? { help: '', type: '', samples: [] };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) {
      named(name)[kind === 'HELP' ? 'help' : 'type'] = rest;
      continue;
    }
    const [, full = '', labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (value === undefined) throw new Error(`Expected a sample, got ${line}`);
    const base = [full, full.replace(/_(bucket|sum|count)$/, '')].find((one) => metrics.has(one));
    if (base === undefined) throw new Error(`Expected HELP and TYPE before ${full}`);
    const pairs = Array.from(labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key, text_]) => [key, text_] as const);
    named(base).samples.push({
      name: full,
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value: Number(value),
    });
  }
  return metrics;
}

/** The value of the sample that has these labels; undefined when there is none. */
export function valueOf(
  metrics: Map<string, Metric>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const base = metrics.get(name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ''));
  return base?.samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
}
