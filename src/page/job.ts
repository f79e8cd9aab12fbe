/** Makes the page of a recorded call from what the recording has on disk. */
import { readFile, writeFile } from 'node:fs/promises';
import { OWNER_ONLY, WRITE_NO_LINK } from '../record/folder.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { CallEvent } from '../call/events.ts';
import type { RecordedCall } from '../record/recording.ts';
import { renderPage } from './page.ts';

export async function makePage({ events, page, ...options }: RecordedCall): Promise<void> {
  const drawn = renderPage(eventsOf(await readFile(events, 'utf8')), options);
  await writeFile(page, drawn, { mode: OWNER_ONLY, flag: WRITE_NO_LINK });
}

/** A disk that was full may have left half a line. */
function eventsOf(text: string): CallEvent[] {
  return text
    .split('\n')
    .map((line) => parseJson(line))
    .filter((value): value is CallEvent & Record<string, unknown> => isRecord(value));
}
