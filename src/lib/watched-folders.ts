/**
 * Folders whose files are followed, each by itself and without the folders in it: so a file that an editor replaces, or that
 * is deleted and made again, is the same file, and so is a folder. By Node's own `watch`, which is in force as it returns;
 * where the system tells nothing, as on some mounted disks, nothing is noticed. (`chokidar` 5 was tried: what is followed
 * later on, it follows some time later, and a folder that was deleted and made again at once, never.)
 */
import { statSync, watch, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';

export interface WatchedFoldersOptions {
  /** A file was written, made or deleted, or a folder is there again. May be told twice for one change. */
  changed(path: string): void;
  /** A folder that cannot be followed. */
  failed(folder: string, error: unknown): void;
}

interface Watched {
  watcher: FSWatcher;
  /** Tells a folder from another one that has its name later. */
  identity: string;
}

export class WatchedFolders {
  readonly #options: WatchedFoldersOptions;
  readonly #watched = new Map<string, Watched>();
  #wanted: ReadonlySet<string> = new Set();

  constructor(options: WatchedFoldersOptions) {
    this.#options = options;
  }

  /** These, and no others any more. Of one that is not there, what is above it tells when it comes. */
  follow(folders: ReadonlySet<string>): void {
    this.#wanted = folders;
    const there = new Set([...folders].map(nearest));
    for (const folder of this.#watched.keys()) if (!there.has(folder)) this.#leave(folder);
    for (const folder of there) this.#enter(folder);
  }

  close(): void {
    this.#wanted = new Set();
    for (const folder of [...this.#watched.keys()]) this.#leave(folder);
  }

  #enter(folder: string): void {
    const identity = identityOf(folder);
    if (identity === undefined || this.#watched.get(folder)?.identity === identity) return;
    this.#leave(folder);
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.#tell(folder, name));
      watcher.on('error', () => this.#lookAgain()); // as Windows has it when the folder is deleted
      this.#watched.set(folder, { watcher, identity });
    } catch (error) {
      this.#options.failed(folder, error); // of limits that the system has
    }
  }

  #leave(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }

  #tell(folder: string, name: string | null): void {
    this.#lookAgain();
    if (this.#wanted.has(folder)) this.#options.changed(name === null ? folder : join(folder, name));
  }

  /** A folder may be gone or back, or another one in its place. What lies in it was written before anybody looked. */
  #lookAgain(): void {
    const before = new Map(this.#watched);
    this.follow(this.#wanted);
    for (const [folder, { identity }] of [...this.#watched]) {
      if (this.#wanted.has(folder) && before.get(folder)?.identity !== identity) this.#options.changed(folder);
    }
  }
}

/** Itself, or what is there above it. */
function nearest(folder: string): string {
  for (let one = folder; ; one = dirname(one)) {
    if (identityOf(one) !== undefined || one === dirname(one)) return one;
  }
}

/** A number of the file system's is soon given to another; undefined when there is no such folder. */
function identityOf(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() ? `${stats.ino} ${stats.birthtimeMs}` : undefined;
}
