/** Makes the page of a recorded call from what the recording has on disk. */
import { readFile, writeFile } from 'node:fs/promises';
import { OWNER_ONLY } from '../record/sound.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { CallEvent } from '../call/events.ts';
import type { Loudness } from '../record/loudness.ts';
import { renderPage } from './page.ts';

/** Plain data: it goes to another thread. */
export interface PageJob {
  /** The file of events, one a line. */
  events: string;
  /** The file that is made. */
  page: string;
  /** See `PageOptions`. */
  audio: string | undefined;
  startedAt: Date;
  loudness: Loudness | undefined;
}

export async function makePage({ events, page, ...options }: PageJob): Promise<void> {
  await writeFile(page, renderPage(eventsOf(await readFile(events, 'utf8')), options), { mode: OWNER_ONLY });
}

/** A disk that was full may have left half a line. */
function eventsOf(text: string): CallEvent[] {
  return text
    .split('\n')
    .map(parseJson)
    .filter((value): value is CallEvent & Record<string, unknown> => isRecord(value));
}
