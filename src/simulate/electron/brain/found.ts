/** Something that was found in a text, and where, so that nothing is taken twice. */
export interface Found<T> {
  value: T;
  start: number;
  end: number;
}

export function overlaps(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Keeps what was found first where two overlap; in the order of the text. */
export function withoutOverlaps<T>(found: readonly Found<T>[]): Found<T>[] {
  const kept: Found<T>[] = [];
  for (const one of found) if (!kept.some((other) => overlaps(one, other))) kept.push(one);
  return kept.sort((a, b) => a.start - b.start);
}
