/** `knowledge({ files })`: a tool that looks up what stands in files of yours, with the place where it stands. What it takes is loaded with the agent. */
import { toolOrigin, type ToolOrigin } from '../origin.ts';
import { knowledgeName, type KnowledgeOptions } from './options.ts';

/**
 * A tool that searches files, for an agent's `tools`. They are read once in a process when its agent is loaded, and again when they
 * change. Never throws: what is wrong with it is reported together with everything else when the agent is loaded.
 */
export function knowledge(options: KnowledgeOptions): ToolOrigin {
  const name = knowledgeName(options);
  return toolOrigin(name, async (place) => (await import('./open.ts')).openKnowledge(options, place));
}
