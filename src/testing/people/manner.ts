/** What somebody does whom an agent rings for its caller, as whoever plays them says it. Pure. */

/**
 * What comes of it: they take the caller, or say that they cannot; their line is busy; nobody answers; their machine does; or
 * they hang up once they have been asked.
 */
export const PERSON_DEEDS = ['accepts', 'refuses', 'busy', 'no-answer', 'voicemail', 'hangs-up'] as const;
/** One of those. */
export type PersonDeed = (typeof PERSON_DEEDS)[number];

/** What one person does, and how long they take over it. */
export interface PersonManner {
  does: PersonDeed;
  /** How long it rings before that, in milliseconds; never longer than the agent lets it ring. Default 3,000. */
  ringsMs?: number | undefined;
  /** From the end of the question whether they take the caller to their answer, in milliseconds. Default 800. */
  thinksMs?: number | undefined;
  /** Their answer in words, which then decide. By voice. Default: they press 1, or 2. */
  says?: string | undefined;
}

/** Somebody to be rung. A list: what they do the first time, the second, and so on; the last stays. */
export type PlayedPerson = PersonDeed | PersonManner | readonly (PersonDeed | PersonManner)[];

export const RINGS_MS = 3_000;
export const THINKS_MS = 800;

/** What they do when they are rung for the `nth` time, counted from 1. */
export function mannerOf(person: PlayedPerson, nth: number): PersonManner | undefined {
  const one = isList(person) ? (person[nth - 1] ?? person.at(-1)) : person;
  return typeof one === 'string' ? { does: one } : one;
}

const isList = (person: PlayedPerson): person is readonly (PersonDeed | PersonManner)[] => Array.isArray(person);
