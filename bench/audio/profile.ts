/** Where the processor's time went, by the function that was running. */
import type { Profiler } from 'node:inspector';

export interface Cost {
  /** Name, file and line of the compiled code. */
  where: string;
  /** Of the time that was not idle, 0 to 1. */
  share: number;
}

const SHOWN = 25;

export function topFunctions({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Cost[] {
  const byId = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  const costs = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, at) => {
    const name = byId.get(id) ?? '';
    const tookMicros = timeDeltas[at] ?? 0;
    if (name.startsWith('(idle)')) return;
    busy += tookMicros;
    costs.set(name, (costs.get(name) ?? 0) + tookMicros);
  });
  return [...costs]
    .sort((a, b) => b[1] - a[1])
    .slice(0, SHOWN)
    .map(([where, took]) => ({ where, share: took / busy }));
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Profiler.ProfileNode): string {
  const file = url.split(/parley-bench\/|node_modules\//).at(-1) ?? '';
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}
