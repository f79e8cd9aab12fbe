/** Loads an agent file and all that it is made of, as often as it is asked, and each time anew. */
import { basename, dirname, extname } from 'node:path';
import { agentFrom, inspectAgent, type Agent, type InspectedAgent } from '../call/agent.ts';
import { faultOf, faultOfField, faultOfTool, type AgentFault } from '../call/agent-faults.ts';
import { wholeTeam } from '../call/team.ts';
import type { Vendors } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { FreshModules } from '../lib/fresh-modules.ts';
import { modulePath } from '../lib/import-module.ts';
import type { Log } from '../lib/log.ts';
import { isToolFile } from '../tool/load.ts';

/** `error`: as `loadAgent` throws it; `faults`: the same, each mistake with its place. */
export type Loaded = { agent: Agent } | { faults: readonly AgentFault[]; error: unknown };

export interface AgentLoaderOptions {
  /** As a person wrote it. */
  file: string;
  /** Vendors of the program's own, which it may name beside the listed ones. Default: none. */
  vendors?: Partial<Vendors> | undefined;
  clock: Clock;
  log: Log;
}

/** A module may wait for something as it is loaded, but not for ever. */
const LOAD_MS = 10_000;

export class AgentLoader {
  readonly path: string;
  readonly #options: AgentLoaderOptions;
  readonly #modules = new FreshModules();
  #toolFolders: readonly string[] = [];
  /** Of which tools were made without being imported. */
  #toolFiles: readonly string[] = [];

  /** @throws {VoiceError} `file-unreadable`, for an address that is no file's. */
  constructor(options: AgentLoaderOptions) {
    this.#options = options;
    this.path = modulePath(options.file);
  }

  /** One at a time. Never rejects. */
  async load(): Promise<Loaded> {
    const { file, clock } = this.#options;
    this.#modules.forget();
    let cancel = () => {};
    const late = new Promise<Loaded>((resolve) => {
      const message = `${file} was not loaded within ${LOAD_MS / 1_000} s: it waits for something`;
      cancel = clock.after(LOAD_MS, () => resolve(this.#failed(new VoiceError('module-invalid', message))));
    });
    const loading = this.#load().catch((error: unknown) => this.#failed(error));
    const first = await Promise.race([loading, late]);
    void loading.then(async (loaded) => {
      if (loaded !== first && 'agent' in loaded) await loaded.agent.close(); // nobody will have it
    });
    cancel();
    return first;
  }

  /** Where the files lie that the latest load has asked for, and where new tools may. */
  get folders(): ReadonlySet<string> {
    const files = [this.path, ...this.#modules.files, ...this.#toolFiles, ...this.#toolFolders]; // a folder of tools may come back
    return new Set([...files.map((file) => dirname(file)), ...this.#toolFolders]);
  }

  /** Whether the latest load has asked for this file, or the next one would. */
  isPart(path: string): boolean {
    const { files } = this.#modules;
    const bare = path.slice(0, -extname(path).length); // of one that is imported without its extension, and was not there
    const isOfTools = this.#toolFolders.includes(dirname(path)) && isToolFile(basename(path));
    const isFolder = this.folders.has(path); // that is there again
    const isAsked = files.has(path) || files.has(bare) || this.#toolFiles.includes(path);
    return path === this.path || isAsked || isOfTools || isFolder;
  }

  async #load(): Promise<Loaded> {
    const { file, vendors, log } = this.#options;
    const { path } = this;
    const folder = dirname(path);
    const { default: input } = await this.#modules.import(path, file);
    const inspected = await inspectAgent(input, folder, { vendors, log, load: this.#modules.import });
    const all = wholeTeam(inspected);
    this.#toolFolders = all.flatMap(({ toolFolders }) => toolFolders);
    this.#toolFiles = all.flatMap(({ list }) => list.files);
    try {
      return { agent: agentFrom(inspected, { log, file }) };
    } catch (error) {
      return { faults: all.flatMap((one) => faultsOf(one, path)), error };
    }
  }

  #failed(error: unknown): Loaded {
    return { faults: [faultOf(error, this.path, messageOf(error))], error };
  }
}

/** Of one agent of a team; one without a file of its own stands in `path`. */
function faultsOf({ file, problems, toolProblems }: InspectedAgent, path: string): AgentFault[] {
  const own = file ?? path;
  return [
    ...problems.map((problem) => faultOfField(problem, own)),
    ...toolProblems.map((problem) => faultOfTool(problem, { path: own, folder: dirname(own) })),
  ];
}
