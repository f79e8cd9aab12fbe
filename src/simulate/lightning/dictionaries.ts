/** Pronunciation dictionaries of the stand-in's account: words and what is said in their place. */
import { z } from 'zod';

export const Items = z.array(z.object({ word: z.string().min(1), pronunciation: z.string().min(1) })).min(1);

export interface Dictionary {
  id: string;
  items: z.output<typeof Items>;
  createdAt: string;
}

const WORD = /[\p{L}\p{M}\p{N}']+/gu;

/** `text` as these dictionaries have it said: whole words, their case as it is written. Those that are not there say nothing. */
export function respell(
  text: string,
  dictionaries: ReadonlyMap<string, Dictionary>,
  ids: readonly string[] = [],
): string {
  const items = ids.flatMap((id) => dictionaries.get(id)?.items ?? []);
  if (items.length === 0) return text;
  const said = new Map(items.map(({ word, pronunciation }) => [word, pronunciation]));
  return text.replace(WORD, (word) => said.get(word) ?? word);
}
