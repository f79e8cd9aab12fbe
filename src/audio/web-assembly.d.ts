/** The part of WebAssembly that we use: Node has it, and TypeScript knows it only among a browser's names. */
declare namespace WebAssembly {
  class Module {
    constructor(binary: Uint8Array<ArrayBuffer>);
  }
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    /** Throws a `RangeError` when there is no more. */
    grow(pages: number): number;
  }
  type Exports = Readonly<Record<string, unknown>>;
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, (...numbers: number[]) => unknown>>);
    readonly exports: Exports;
  }
}
