/**
 * Folders on the way to a file. Node's own way to make several at once never ends below `/proc` and its like, where a folder
 * is there and nothing can be made in it: here each is tried once, from the last one up, and once more when those above it are there.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder and those above it; what is there already keeps its rights.
 * @param mode Of those that are made, such as 0o700. Default: as the process makes them.
 * @throws {Error} with the system's `code`, when it is not there afterwards.
 */
export function makeFolders(path: string, mode?: number): void {
  const problem = problemOfMaking(path, mode);
  if (problem === undefined) return;
  const above = dirname(path);
  if (problem.code !== 'ENOENT' || above === path) throw problem;
  makeFolders(above, mode);
  const again = problemOfMaking(path, mode);
  if (again?.code === 'ENOENT') throw Object.assign(new Error(`nothing can be made in ${above}`), { code: again.code });
  if (again) throw again;
}

/** Undefined when it is there, whoever has made it. */
function problemOfMaking(path: string, mode: number | undefined): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(path, mode);
    return undefined;
  } catch (error) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? undefined : (error as NodeJS.ErrnoException);
  }
}
