/**
 * Where Parley's own files lie. Built, several modules are one file (`bundle.config.ts`), so none may go by its own place:
 * each that is run by its path, as a process or a thread, is asked for here by its name in the source.
 */
import { existsSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);

/** The folder of the package, whose `package.json` is nearest. */
export const PACKAGE_FOLDER = nearestPackage(dirname(here));

/** Where our modules lie: `src` when we run from source, else what was built of it. */
export const OWN_FOLDER = join(PACKAGE_FOLDER, relative(PACKAGE_FOLDER, here).split(sep)[0] ?? '');

/** The path of one of our modules that has a file of its own, such as `cli/serve-process`. */
export function ownModule(name: string): string {
  return join(OWN_FOLDER, `${name}${extname(here)}`);
}

/** Bundled into a program that has none, what is ours lies in its folder. */
function nearestPackage(folder: string, start = folder): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  return above === folder ? start : nearestPackage(above, start);
}
