/** Waiting for something to happen on a line: looked at every beat, given up when the line ends or the time is over. */
import { VoiceError } from '../../lib/errors.ts';

/** How long something is waited for. */
export interface WaitOptions {
  /** Default 30,000. */
  timeoutMs?: number;
}

interface Wait {
  what: string;
  giveUpMs: number;
  timeoutMs: number;
  /** The answer, once there is one. */
  look: () => number | undefined;
  resolve: (atMs: number) => void;
  reject: (error: VoiceError) => void;
}

const TIMEOUT_MS = 30_000;

export class Waits {
  #waits: Wait[] = [];
  #ended: string | undefined;

  /** @throws {VoiceError} `idle-timeout`, or `closed` when the line ends first. */
  until(what: string, nowMs: number, look: () => number | undefined, options: WaitOptions = {}): Promise<number> {
    const atMs = look();
    if (atMs !== undefined) return Promise.resolve(atMs);
    if (this.#ended !== undefined) return Promise.reject(closed(what, this.#ended));
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      this.#waits.push({ what, giveUpMs: nowMs + timeoutMs, timeoutMs, look, resolve, reject });
    });
  }

  check(nowMs: number): void {
    if (this.#waits.length === 0) return;
    this.#waits = this.#waits.filter((wait) => {
      const atMs = wait.look();
      if (atMs !== undefined) wait.resolve(atMs);
      else if (nowMs < wait.giveUpMs) return true;
      else wait.reject(new VoiceError('idle-timeout', `Expected ${wait.what} within ${wait.timeoutMs} ms, got none`));
      return false;
    });
  }

  end(nowMs: number, reason: string): void {
    this.check(nowMs);
    this.#ended = reason;
    for (const { what, reject } of this.#waits.splice(0)) reject(closed(what, reason));
  }
}

function closed(what: string, reason: string): VoiceError {
  return new VoiceError('closed', `Expected ${what}, but the line ended: ${reason}`);
}
