/** How languages are written, whoever hears them. */

const WITHOUT_SPACES = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'km', 'my']);
/** Names of several languages together, which some vendors have, and of which the most spoken are written so. */
const GROUPS_WITHOUT_SPACES = new Set(['multi-asian']);

/** Whether words are written with spaces between them. `language`: a code such as `en` or `zh-CN`. */
export function hasSpaces(language: string): boolean {
  return !GROUPS_WITHOUT_SPACES.has(language) && !WITHOUT_SPACES.has(language.split('-')[0]!.toLowerCase());
}
