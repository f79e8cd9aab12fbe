/**
 * Which part of a prompt was seen before: the longest run of identical tools and messages, from the start, of a request
 * that is not too old. A tree in which every request is a path; a path not walked for `expiryMs` is forgotten.
 */

interface Prefix {
  /** Tokens of this one piece. */
  tokens: number;
  usedAtMs: number;
  next: Map<string, Prefix>;
}

/** A piece of the prompt, in order: the tools, then each message, as they would be rendered. */
export interface PromptPiece {
  text: string;
  tokens: () => number;
}

export interface PromptCount {
  promptTokens: number;
  cachedTokens: number;
}

export class PrefixCache {
  readonly #expiryMs: number;
  #roots = new Map<string, Prefix>();
  #sweptAtMs = 0;

  /** `expiryMs`: how long an unused prefix is kept; the service does not publish its own. */
  constructor(expiryMs: number) {
    this.#expiryMs = expiryMs;
  }

  /** Counts a prompt, says how much of it was cached, and keeps it for the next. */
  admit(account: string, pieces: readonly PromptPiece[], atMs: number): PromptCount {
    this.#sweep(atMs);
    let level = childrenOf(this.#roots, account, atMs);
    let [promptTokens, cachedTokens, isCached] = [0, 0, true];
    for (const piece of pieces) {
      const known = level.get(piece.text);
      isCached &&= known !== undefined && atMs - known.usedAtMs <= this.#expiryMs;
      const prefix = known ?? { tokens: piece.tokens(), usedAtMs: atMs, next: new Map<string, Prefix>() };
      if (!known) level.set(piece.text, prefix);
      prefix.usedAtMs = atMs;
      promptTokens += prefix.tokens;
      if (isCached) cachedTokens += prefix.tokens;
      level = prefix.next;
    }
    return { promptTokens, cachedTokens };
  }

  clear(): void {
    this.#roots.clear();
  }

  /** Twice an expiry, so that memory stays that of the recent requests. */
  #sweep(atMs: number): void {
    if (atMs - this.#sweptAtMs < this.#expiryMs / 2) return;
    this.#sweptAtMs = atMs;
    forget(this.#roots, atMs - this.#expiryMs);
  }
}

function childrenOf(roots: Map<string, Prefix>, account: string, atMs: number): Map<string, Prefix> {
  const root = roots.get(account) ?? { tokens: 0, usedAtMs: atMs, next: new Map<string, Prefix>() };
  root.usedAtMs = atMs;
  roots.set(account, root);
  return root.next;
}

/** A piece is at least as fresh as what follows it, so a stale one takes its whole branch along. */
function forget(level: Map<string, Prefix>, beforeMs: number): void {
  for (const [text, prefix] of level) {
    if (prefix.usedAtMs < beforeMs) level.delete(text);
    else forget(prefix.next, beforeMs);
  }
}
