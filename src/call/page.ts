import type { CallEvent } from './events.ts';
export function renderPage(_events: readonly CallEvent[], _options: { audio: string | undefined }): string {
  return '';
}
