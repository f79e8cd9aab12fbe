/** Numbers as the command line shows them: every time in seconds, every count with its noun. */

/** `0.18 s`, `12.30 s`. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** `1 tool`, `3 tools`; of what does not end in `s`, `more`. */
export const count = (many: number, one: string, more = `${one}s`): string => `${many} ${many === 1 ? one : more}`;
