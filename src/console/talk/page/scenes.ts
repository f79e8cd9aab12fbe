/** The conversation as it goes on: the pictures and the words of the recorded call's page, drawn while they come about. */
import { drawScene } from '../../../page/scene.ts';
import type { Picture, Scene } from '../../../page/picture.ts';
import { readEvents } from '../../../page/read-events.ts';
import type { ToldCall } from './calls.ts';
import { byId, fill } from './dom.ts';

/** So near to its end a page is followed there. */
const NEAR_END_PX = 160;

export class Scenes {
  readonly #main = byId('scenes', HTMLElement);
  readonly #empty = byId('empty', HTMLElement);
  readonly #shown = new Map<string, HTMLElement>();
  #callId: string | undefined;

  draw(call: ToldCall, nowMs: number): void {
    if (call.id !== this.#callId) this.#begin(call.id);
    const soFar = call.isOver ? undefined : { nowMs: Math.max(0, nowMs - call.startedAtMs), heard: call.heard };
    const picture = readEvents(call.events, soFar);
    const isAtEnd = isNearEnd();
    const { scenes } = picture;
    this.#empty.hidden = scenes.length > 0;
    for (const [index, scene] of scenes.entries()) {
      // what was there before the last two does not change any more, but for a late result, and for what a task comes to
      const mayChange = index >= scenes.length - 2 || hasRunningTool(scene) || scene.tasks.length > 0;
      if (call.isOver || mayChange) this.#show(picture, scene);
    }
    this.#markLive(call.isOver ? undefined : scenes.at(-1)?.id);
    if (isAtEnd && !call.isOver) scrollToEnd();
  }

  #begin(callId: string): void {
    this.#callId = callId;
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
  }

  #show(picture: Picture, scene: Scene): void {
    const element = this.#shown.get(scene.id) ?? this.#add(scene.id);
    fill(element, drawScene(picture, scene));
  }

  #add(id: string): HTMLElement {
    const element = document.createElement('div');
    element.className = 'place';
    this.#main.append(element);
    this.#shown.set(id, element);
    return element;
  }

  #markLive(live: string | undefined): void {
    for (const [id, element] of this.#shown) element.classList.toggle('live', id === live);
  }
}

const hasRunningTool = ({ tools }: Scene): boolean => tools.some(({ end }) => !end || end.isLate);

function isNearEnd(): boolean {
  const { scrollHeight } = document.documentElement;
  return window.scrollY + window.innerHeight >= scrollHeight - NEAR_END_PX;
}

function scrollToEnd(): void {
  window.scrollTo({ top: document.documentElement.scrollHeight });
}
