/**
 * The tools of one agent, in the order in which it lists them, as they are at this moment: those from elsewhere may be
 * others for the next call.
 */
import type { LoadedTool } from './check.ts';
import type { OpenedOrigin } from './origin.ts';

type Part = { tool: LoadedTool } | { origin: OpenedOrigin };

export class ToolList {
  readonly #parts: Part[] = [];
  readonly #files: string[] = [];

  add(tool: LoadedTool): void {
    this.#parts.push({ tool });
  }

  /** Files that tools are made of without being imported; absolute. */
  addFiles(files: readonly string[]): void {
    this.#files.push(...files);
  }

  addOrigin(origin: OpenedOrigin): void {
    this.#parts.push({ origin });
  }

  get tools(): LoadedTool[] {
    return this.#parts.flatMap((part): LoadedTool[] =>
      'tool' in part ? [part.tool] : part.origin.tools.map((definition) => ({ definition, file: undefined })),
    );
  }

  /** What is from elsewhere. */
  get origins(): OpenedOrigin[] {
    return this.#parts.flatMap((part) => ('origin' in part ? part.origin : []));
  }

  /** Of what all of them are made without being imported, to be followed; absolute. */
  get files(): string[] {
    return [...this.#files, ...this.origins.flatMap(({ files = [] }) => files)];
  }

  /** Calls `told` whenever `tools` are others. Returns what ends that. */
  onChange(told: () => void): () => void {
    const stops = this.origins.flatMap((origin) => origin.onChange?.(told) ?? []);
    return () => stops.forEach((stop) => stop());
  }

  /** Lets go of all that they hold, whatever becomes of each. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.allSettled(this.origins.map(async (origin) => origin.close()));
  }
}
