/**
 * Files that are searched: read once for the whole process, whoever asks, and read anew when they change. A call that runs
 * is answered by what the files say now.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { WatchedFolders } from '../../lib/watched-folders.ts';
import { findFiles, readPassages, type FoundFiles } from './files.ts';
import type { Passage } from './passage.ts';
import { Searcher } from './searcher.ts';

export interface LibraryOptions {
  /** Files and folders, absolute. */
  paths: readonly string[];
  clock: Clock;
  log: Log;
}

/** What has become of the files. */
export interface LibraryState {
  files: number;
  passages: number;
  bytes: number;
  /** Of what is named, what is not there. */
  missing: readonly string[];
  /** What is there and was not read, each with its reason. */
  unread: readonly string[];
}

/** Editors write a file in several goes. */
const SETTLE_MS = 100;
/** 3.5 kB of memory each: 70 MB at this number. */
const MOST_PASSAGES = 20_000;

const libraries = new Map<string, { library: Promise<Library>; users: number }>();

/** The library of these paths, which others may use too. `letGo` when it is no longer used here; safe to call twice. */
export async function openLibrary(options: LibraryOptions): Promise<{ library: Library; letGo: () => void }> {
  const key = options.paths.join('\0');
  const shared = libraries.get(key) ?? { library: Library.read(options), users: 0 };
  libraries.set(key, shared);
  shared.users++;
  const library = await shared.library.catch((error: unknown) => {
    libraries.delete(key); // the next one tries again
    throw error;
  });
  let isUsed = true;
  const letGo = () => {
    if (!isUsed) return;
    isUsed = false;
    if (--shared.users > 0) return;
    libraries.delete(key);
    library.close();
  };
  return { library, letGo };
}

export class Library {
  readonly #options: LibraryOptions;
  readonly #searcher: Searcher;
  readonly #watched: WatchedFolders;
  /** Of each file that was read or tried: its stamp, and why it could not be read. */
  readonly #known = new Map<string, { stamp: string; name: string; bytes: number; problem?: string | undefined }>();
  #found: FoundFiles | undefined;
  #reading: Promise<void> = Promise.resolve();
  #cancel = () => {};
  #isClosed = false;

  private constructor(options: LibraryOptions, searcher: Searcher) {
    this.#options = options;
    this.#searcher = searcher;
    this.#watched = new WatchedFolders({
      changed: () => this.#readSoon(),
      failed: (folder, error) => options.log.warn({ folder, err: error }, 'changes in this folder are not noticed'),
    });
  }

  static async read(options: LibraryOptions): Promise<Library> {
    const library = new Library(options, await Searcher.create());
    await library.#read();
    return library;
  }

  get state(): LibraryState {
    const known = [...this.#known.values()];
    const unread = known.flatMap(({ name, problem }) => (problem === undefined ? [] : `${name}: ${problem}`));
    const { others = [], cut, missing = [] } = this.#found ?? {};
    const kinds = [...others].map(([ending, count]) => `${count} of the kind \`${ending}\`, which is not read`);
    const read = known.filter(({ problem }) => problem === undefined);
    const bytes = read.reduce((sum, file) => sum + file.bytes, 0);
    return {
      ...{ files: read.length, passages: this.#searcher.size, bytes, missing },
      unread: [...unread, ...kinds, ...(cut === undefined ? [] : [cut])],
    };
  }

  /** The best first. */
  find(question: string, most: number): Passage[] {
    return this.#searcher.find(question, most);
  }

  /** Nothing is followed any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#watched.close();
  }

  #readSoon(): void {
    this.#cancel();
    if (!this.#isClosed)
      this.#cancel = this.#options.clock.after(SETTLE_MS, () => {
        this.#reading = this.#again();
      });
  }

  /** One after the other. */
  async #again(): Promise<void> {
    await this.#reading;
    if (this.#isClosed || !(await this.#read())) return;
    const { files, passages, unread } = this.state;
    this.#options.log.info({ files, passages }, 'knowledge was read anew');
    for (const problem of unread) this.#options.log.warn(`a file of knowledge is not read: ${problem}`);
  }

  /** What is new or was written, and takes out what is gone. False when nothing was. */
  async #read(): Promise<boolean> {
    const found = await findFiles(this.#options.paths);
    this.#found = found;
    this.#watched.follow(new Set([...found.folders, ...found.missing]));
    const gone = new Set(this.#known.keys());
    let isOther = false;
    for (const file of found.files) {
      gone.delete(file.path);
      if (this.#known.get(file.path)?.stamp === file.stamp) continue;
      const { passages, problem } = await readPassages(file);
      isOther = true;
      const isTooMuch = this.#searcher.size + passages.length > MOST_PASSAGES;
      await this.#searcher.put(file.path, isTooMuch ? [] : passages);
      const { stamp, name, bytes } = file;
      const full = isTooMuch ? `there are ${MOST_PASSAGES} passages already` : undefined;
      this.#known.set(file.path, { stamp, name, bytes, problem: problem ?? full });
    }
    for (const path of gone) {
      await this.#searcher.put(path, []);
      this.#known.delete(path);
    }
    return isOther || gone.size > 0;
  }
}
