/** A folder of a user's, outside of any project: no `node_modules` above it, no `package.json`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where compiled modules are kept: not in the home of whoever runs the tests. */
process.env.XDG_CACHE_HOME = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

export function createFolder(files: Record<string, string>): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-user-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The text of a tool file as a user would write it. */
export const toolFile = (name: string, extra = '') => `
import { z } from 'zod';
import { defineTool } from 'parley-voice';

export default defineTool({
  name: '${name}',
  description: 'Finds something.',
  input: z.object({ query: z.string() }),
  effect: 'read',
  ${extra}
  run: ({ query }) => ({ found: query }),
});
`;
