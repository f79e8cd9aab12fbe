/**
 * SpeexDSP's resampler as WebAssembly: one instance for the whole process, started when it is first asked for, in that
 * tick. The package's own start is a promise, which at import would keep `require` from loading Parley, and later would
 * keep the first audio of a call waiting. So its binary is started here, by the names that it has in this version.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { messageOf, VoiceError } from '../lib/errors.ts';

/** Its memory. */
export interface Heap {
  readonly int16: Int16Array;
  readonly int32: Int32Array;
}

/** The part of the resampler that we use. Pointers are byte offsets in the heap. */
export interface Speex {
  /** As of now: whatever else is called may make it grow. */
  heap(): Heap;
  malloc(bytes: number): number;
  /** Returns the state, 0 when there is none; `error` is a pointer to an int that is 0 when it worked. */
  init(channels: number, fromHz: number, toHz: number, quality: number, error: number): number;
  /** `inLength` and `outLength` point to how many samples there are, and come back as how many were used. */
  processInt(
    state: number,
    channel: number,
    input: number,
    inLength: number,
    output: number,
    outLength: number,
  ): number;
  inputLatency(state: number): number;
  skipZeros(state: number): number;
  destroy(state: number): void;
}

const PACKAGE = '@echogarden/speex-resampler-wasm/simd';
/** What Emscripten called them when 0.3.0 was built: `package.json` asks for that version and no other. */
const EXPORTS = {
  malloc: 'C',
  init: 'e',
  processInt: 'm',
  inputLatency: 'x',
  skipZeros: 'z',
  destroy: 'j',
} as const;
const MEMORY = 'c';
const CONSTRUCTORS = 'd';
/** WebAssembly's memory grows by these. */
const PAGE_BYTES = 65_536;

let started: Speex | undefined;

/**
 * Takes a few milliseconds the first time, and nothing afterwards: whoever expects a call asks before it comes.
 * @throws {VoiceError} `internal`, when the package is not there, or another version of it.
 */
export function speex(): Speex {
  return (started ??= start());
}

function start(): Speex {
  const own: { memory?: WebAssembly.Memory } = {};
  const imports = {
    a: (bytes: number) => (own.memory ? grow(own.memory, bytes >>> 0) : 0),
    b: (to: number, from: number, length: number) =>
      own.memory && new Uint8Array(own.memory.buffer).copyWithin(to, from, from + length),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readBinary()), { a: imports });
  const { [MEMORY]: heap, [CONSTRUCTORS]: construct } = exports;
  if (!(heap instanceof WebAssembly.Memory) || typeof construct !== 'function') throw notThisVersion();
  own.memory = heap;
  Reflect.apply(construct, undefined, []);
  return { ...functionsOf(exports), heap: viewsOf(heap) };
}

/** As the package has it in itself; from source, as it is installed. */
function readBinary(): Uint8Array<ArrayBuffer> {
  const built = import.meta.parleySpeexWasm;
  if (built !== undefined) return new Uint8Array(Buffer.from(built, 'base64'));
  try {
    const glue = createRequire(import.meta.url).resolve(PACKAGE);
    return new Uint8Array(readFileSync(glue.replace(/\.js$/, '.wasm')));
  } catch (error) {
    const message = `the resampler of ${PACKAGE} is not there: npm install (${messageOf(error)})`;
    throw new VoiceError('internal', message, { cause: error });
  }
}

/** As a C library asks for more: 1 when there is. */
function grow(memory: WebAssembly.Memory, bytes: number): 0 | 1 {
  try {
    memory.grow(Math.ceil(Math.max(0, bytes - memory.buffer.byteLength) / PAGE_BYTES));
    return 1;
  } catch {
    return 0;
  }
}

/** Typed views of the memory, made anew when it has grown. */
function viewsOf(memory: WebAssembly.Memory): () => Heap {
  const view = () => ({ int16: new Int16Array(memory.buffer), int32: new Int32Array(memory.buffer) });
  let heap = view();
  return () => (heap.int16.buffer === memory.buffer ? heap : (heap = view()));
}

function functionsOf(exports: WebAssembly.Exports): Omit<Speex, 'heap'> {
  const found = Object.entries(EXPORTS).map(([name, short]) => [name, exports[short]] as const);
  if (found.some(([, value]) => typeof value !== 'function')) throw notThisVersion();
  return Object.fromEntries(found) as Omit<Speex, 'heap'>;
}

const notThisVersion = (): VoiceError =>
  new VoiceError('internal', `${PACKAGE} is not the version that Parley was made with: reinstall parley-voice`);
