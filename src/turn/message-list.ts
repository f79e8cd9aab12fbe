/** R28: each conversation has a list of messages; those of who began a task stand still while it has the caller. */
import { untoldIn } from './compaction.ts';
import { isPrompt, type Entry } from './entry.ts';

export interface MessageList {
  entries: Entry[];
  /** Results that came late (R14), and that no entry tells of yet. */
  notes: string[];
  prompt: Entry | undefined;
  /** R14: results came late that no request has told. */
  hasNews: boolean;
  /** Once the conversation is over: the list of who began it. */
  heir: MessageList | undefined;
}

export function newList(): MessageList {
  return { entries: [], notes: [], prompt: undefined, hasNews: false, heir: undefined };
}

/** Whose model is told what is for a list that may be over. */
export function heirOf(list: MessageList): MessageList {
  return list.heir ? heirOf(list.heir) : list;
}

/** It is over: `list` goes on, with what it knew of the call, and with what no request has told. Returns the rest. */
export function inherit(list: MessageList, over: MessageList): Entry[] {
  const isNew = (entry: Entry) => isPrompt(entry) && entry !== over.prompt && !list.entries.includes(entry);
  const done = over.entries.filter((entry) => !isPrompt(entry));
  list.entries.push(...over.entries.filter(isNew));
  list.notes.push(...over.notes, ...untoldIn(done));
  list.hasNews ||= over.hasNews;
  over.heir = list;
  for (const entry of done) if ('spans' in entry) entry.isGone = true;
  return done;
}
