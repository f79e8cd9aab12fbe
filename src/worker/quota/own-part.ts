/** Workers that know of each other only by their number: each goes by its part of the plan. */
import type { Grant, SharedLimit } from '../../lib/shared-limit.ts';

export class OwnPart implements SharedLimit {
  readonly isShared = false;
  readonly workers: number;

  constructor(workers: number) {
    this.workers = workers;
  }

  take(): undefined {
    return undefined;
  }

  waitMs(): number {
    return 0;
  }

  takeOwn(): Grant {
    return '';
  }

  release(): void {}

  lower(): void {}

  othersSentAtMs(): readonly number[] {
    return [];
  }

  listen(): void {}
}
