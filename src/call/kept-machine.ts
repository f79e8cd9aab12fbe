/** A call's machine, and whoever keeps what it is told and answers. */
import type { CallIds } from '../lib/call-id.ts';
import { messageOf } from '../lib/errors.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';
import { TurnMachine } from '../turn/machine.ts';
import type { MachineOptions } from '../turn/options.ts';
import type { MachineKeeper } from './observer.ts';

export class KeptMachine {
  readonly #machine: TurnMachine;
  readonly #keeper: MachineKeeper | undefined;

  constructor(ids: CallIds, options: MachineOptions, keeper: MachineKeeper | undefined) {
    this.#machine = new TurnMachine(options);
    this.#keeper = keeper;
    keeper?.begin(ids, options);
  }

  get messages() {
    return this.#machine.messages;
  }

  get record() {
    return this.#machine.record;
  }

  get isEnded(): boolean {
    return this.#machine.isEnded;
  }

  get endReason(): string {
    return this.#machine.endReason;
  }

  /** What breaks the machine is thrown, and kept too: replayed, it breaks it again. */
  handle(event: TurnEvent, atMs: number): TurnEffect[] {
    let effects: TurnEffect[];
    try {
      effects = this.#machine.handle(event, atMs);
    } catch (error) {
      this.#keeper?.addBreak(event, atMs, messageOf(error));
      throw error;
    }
    this.#keeper?.add(event, atMs, effects);
    return effects;
  }
}
