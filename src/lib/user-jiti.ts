/**
 * jiti, as modules of a user's are loaded by it: `parley-voice` and `zod` are those of this process, and what it has compiled
 * lies in the user's own folder. It is loaded itself when it is first asked for.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Jiti, JitiOptions } from 'jiti';
import { ownModule } from './own-files.ts';

/** The jiti that keeps what it has loaded, for the folder of `path`. */
export const jitiFor = jitisBy(async (options) => (await import('jiti')).createJiti(import.meta.url, options));

/**
 * The same, but whatever is the user's own is compiled by it, and kept where it can be taken out again: what Node has imported
 * stays in the process for good. `isOwn`: whether a file is the user's.
 */
export const compilingJitis = (isOwn: (path: string) => boolean): ((path: string) => Promise<Jiti>) =>
  jitisBy(async (options) => {
    const { create, transform } = partsOfJiti();
    const nativeImport = async (path: string): Promise<unknown> => {
      if (isOwn(path)) throw new Error('to be compiled'); // then jiti does
      return import(/* @vite-ignore */ path) as Promise<unknown>;
    };
    const onError = (error: unknown) => {
      throw error;
    };
    return create(import.meta.url, { ...options, transform }, { onError, nativeImport, createRequire });
  });

/** Where jiti keeps what it made: the user's own, since what lies there is run. It does without when it cannot write. */
export function moduleCacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'parley', 'modules');
}

type Transform = NonNullable<JitiOptions['transform']>;

/** What `createJiti` itself is made of, in the version that `package.json` pins: it cannot be told how to import. */
interface PartsOfJiti {
  create: (id: string, options: JitiOptions, parts: object) => Jiti;
  transform: Transform;
}

function partsOfJiti(): PartsOfJiti {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('jiti/package.json')), 'dist');
  const create = require(join(folder, 'jiti.cjs')) as PartsOfJiti['create'];
  let compile: Transform | undefined;
  const transform: Transform = (options) => (compile ??= require(join(folder, 'babel.cjs')) as Transform)(options); // large: when the first file is compiled
  return { create, transform };
}

/** One for folders that go by our zod, one for those that bring their own. */
function jitisBy(create: (options: JitiOptions) => Promise<Jiti>): (path: string) => Promise<Jiti> {
  const jitis = new Map<boolean, Promise<Jiti>>();
  return (path) => {
    const isOwnZod = !hasOtherZod(path);
    const known = jitis.get(isOwnZod) ?? optionsFor(isOwnZod).then(create);
    jitis.set(isOwnZod, known);
    return known;
  };
}

async function optionsFor(isOwnZod: boolean): Promise<JitiOptions> {
  const [parley, zod] = await Promise.all([
    import(/* @vite-ignore */ pathToFileURL(ownModule('index')).href) as Promise<unknown>,
    isOwnZod ? import('zod') : undefined,
  ]);
  return {
    fsCache: moduleCacheFolder(),
    interopDefault: false,
    transformOptions: { retainLines: true }, // so that a stack tells the author's line
    virtualModules: { 'parley-voice': parley, ...(zod && { zod, 'zod/v4': zod }) },
  };
}

/** Whether the folder of `path` brings a zod that is not ours; then its author means that one. */
function hasOtherZod(path: string): boolean {
  try {
    const theirs = createRequire(path).resolve('zod/package.json');
    return realpathSync(theirs) !== realpathSync(createRequire(import.meta.url).resolve('zod/package.json'));
  } catch {
    return false;
  }
}
