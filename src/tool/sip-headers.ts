/** SIP headers that go with a caller who is handed over, for whoever takes the call to read: what may stand in one. */

/** A header of one's own, or that of RFC 7433. */
const NAME = /^(?:X-[A-Za-z0-9-]{1,60}|User-to-User)$/;
/** Printable ASCII: behind a line break another header would begin. */
const VALUE = /^[\x20-\x7e]*$/;
const MOST_HEADERS = 16;
/** Names and values together, as much as carriers pass on. */
const MOST_CHARACTERS = 1_024;

/** What is wrong with them, to be read behind "Expected headers"; undefined when they may be sent. */
export function problemOfHeaders(headers: object): string | undefined {
  const entries: [string, unknown][] = Object.entries(headers);
  if (entries.length > MOST_HEADERS) return `to be at most ${MOST_HEADERS}, got ${entries.length}`;
  let length = 0;
  for (const [name, value] of entries) {
    if (!NAME.test(name)) return `to be named X-... or User-to-User, got \`${name.slice(0, 80)}\``;
    if (typeof value !== 'string') return `to have text as values, got a ${typeof value} for \`${name}\``;
    if (!VALUE.test(value)) return `to have printable ASCII as values, got something else for \`${name}\``;
    length += name.length + value.length;
  }
  return length > MOST_CHARACTERS ? `to have at most ${MOST_CHARACTERS} characters in all, got ${length}` : undefined;
}
