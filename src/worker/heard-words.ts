/** What is heard of the agent while it speaks, word by word: what the machine had said, as far as it was told that it sounded. */
import type { CallObserver } from '../call/observer.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';

interface Utterance {
  text: string;
  heard: number;
}

export class HeardWords implements CallObserver {
  readonly #tell: (text: string) => void;
  /** Since the last turn began or ended, in the order in which they are heard. */
  readonly #said = new Map<number, Utterance>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  handled(event: TurnEvent, effects: readonly TurnEffect[]): void {
    if (event.type === 'heard') this.#hear(event.utterance, event.characters);
    for (const effect of effects) {
      if (effect.type === 'say') this.#say(effect.utterance, effect.text);
      if (effect.type === 'report' && isEdge(effect.event.type)) this.#said.clear();
    }
  }

  #say(number: number, text: string): void {
    const utterance = this.#said.get(number) ?? { text: '', heard: 0 };
    utterance.text += text;
    this.#said.set(number, utterance);
  }

  #hear(number: number, characters: number): void {
    const utterance = this.#said.get(number);
    if (!utterance || utterance.heard === characters) return;
    utterance.heard = characters;
    const heard = [...this.#said.values()].map((one) => one.text.slice(0, one.heard));
    this.#tell(heard.filter((text) => text !== '').join(' '));
  }
}

const isEdge = (type: string): boolean => type === 'turn-start' || type === 'turn-end';
