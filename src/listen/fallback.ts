/**
 * A list of ears as one: a call is heard by the first that is well. When that one refuses, is down or is late, what it has not
 * answered for is said again to the next (`list-line.ts`).
 */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { optionsOf, Succession, type VendorHealth } from '../lib/succession.ts';
import type { Transcriber, TranscriberStats, TranscriptionLine, TranscriptListener } from './contract.ts';
import { ListEarLine } from './list-line.ts';

/** One of the list. */
export interface NamedEar {
  /** As events, logs and metrics show it. */
  name: string;
  transcriber: Transcriber;
}

/** @param ears Two or more, the one that is to hear first. The options of what is heard are `optionsOfList`'s. */
export function createEarList(ears: readonly NamedEar[], context: { clock: Clock; log: Log }): Transcriber {
  return new EarList(ears, context);
}

class EarList implements Transcriber {
  /** That of its first: who knows nothing of lists takes it for that one. */
  readonly name: string;
  readonly #ears: readonly Transcriber[];
  readonly #succession: Succession;
  readonly #clock: Clock;
  readonly #lines = new Set<ListEarLine>();

  constructor(ears: readonly NamedEar[], { clock, log }: { clock: Clock; log: Log }) {
    this.#ears = ears.map(({ transcriber }) => transcriber);
    this.name = this.#ears[0]?.name ?? '';
    this.#clock = clock;
    this.#succession = new Succession({ kind: 'ear', names: ears.map(({ name }) => name), clock, log });
  }

  /** @throws {VoiceError} `options-invalid`, as the one does that is asked first. */
  open({ asks, ...options }: Parameters<Transcriber['open']>[0], listener: TranscriptListener): TranscriptionLine {
    const line = new ListEarLine({
      format: options.format,
      listener,
      succession: this.#succession,
      clock: this.#clock,
      asks,
      open: ({ at, isLast }, own) => {
        const ear = this.#ears[at];
        if (!ear) throw new RangeError(`a list of ${this.#ears.length} ears has none at ${at}`);
        return ear.open({ ...options, listen: optionsOf(options.listen, at), hasNext: !isLast }, own);
      },
      nameOf: (at) => this.#ears[at]?.name ?? '',
      gone: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    return line;
  }

  get stats(): Readonly<TranscriberStats> {
    const sum = { openSockets: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
    for (const { stats } of this.#ears) {
      if (!stats) continue;
      for (const key of ['openSockets', 'reconnects', 'failures', 'invalidFrames'] as const) sum[key] += stats[key];
    }
    return sum;
  }

  health(): readonly VendorHealth[] {
    return this.#succession.health;
  }

  async close(): Promise<void> {
    for (const line of [...this.#lines]) line.close();
    await Promise.all(this.#ears.map((ear) => ear.close()));
  }
}
