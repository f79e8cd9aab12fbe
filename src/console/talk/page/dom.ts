/** The elements of the page, which are there by their ids, and markup put into them. */
import type { Markup } from '../../../page/markup.ts';

/** @throws {TypeError} when the page has none of this kind: its HTML and its script are not of one make. */
export function byId<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} \`${id}\``);
}

/** Puts markup into an element, unless it is there already; what was opened in it stays open. */
export function fill(element: HTMLElement, markup: Markup | string): void {
  const text = markup.toString();
  if (shown.get(element) === text) return;
  const isOpen = [...element.querySelectorAll('details')].map(({ open }) => open);
  const focused = [...element.querySelectorAll('summary')].findIndex((one) => one === document.activeElement);
  element.innerHTML = text;
  shown.set(element, text);
  for (const [index, one] of [...element.querySelectorAll('details')].entries()) one.open = isOpen[index] ?? false;
  if (focused >= 0) element.querySelectorAll('summary')[focused]?.focus();
}

const shown = new WeakMap<HTMLElement, string>();
