/** Which scenario files a path means: the file itself, or all of a folder. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { VoiceError } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { readScenarios, ScenarioError, SCENARIO_EXTENSIONS, type ScenarioSource } from './scenario/read.ts';

/** In a folder, modules are scenarios only where their name says so: other ones lie there too. */
const IS_SCENARIO = /\.(ya?ml|scenario\.(ts|mts|js|mjs))$/;
/** And a folder of tools has YAML of its own. */
const NO_SCENARIOS = /(^|[\\/])(node_modules|tools[\\/]|\.)/;

/**
 * Every scenario of these files and folders, in the order of their names.
 * @throws {ScenarioError} with everything that is wrong with all of them. @throws {VoiceError} when there is none
 */
export async function findScenarios(paths: readonly string[]): Promise<ScenarioSource[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const problems: string[] = [];
  const sources: ScenarioSource[] = [];
  for (const file of new Set(files)) {
    try {
      sources.push(...(await readScenarios(file)));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      problems.push(...error.problems);
    }
  }
  const seen = new Map<string, string>();
  for (const { name, file } of sources) {
    const other = seen.get(name);
    if (other !== undefined && other !== file)
      problems.push(`${file}: a scenario of ${other} is named \`${name}\` too`);
    seen.set(name, file);
  }
  if (problems.length > 0) throw new ScenarioError(problems);
  return sources;
}

async function filesOf(path: string): Promise<string[]> {
  const facts = await stat(path).catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  if (!facts.isDirectory()) {
    if (SCENARIO_EXTENSIONS.includes(extname(path))) return [path];
    throw new VoiceError(
      'file-unreadable',
      `${path}: expected a scenario file (${SCENARIO_EXTENSIONS.join(', ')}) or a folder`,
    );
  }
  const names = await readdir(path, { recursive: true });
  const files = names.filter((name) => IS_SCENARIO.test(name) && !NO_SCENARIOS.test(name)).sort();
  if (files.length > 0) return files.map((name) => join(path, name));
  throw new VoiceError(
    'file-unreadable',
    `${path}: expected scenario files in this folder, *.yaml or *.scenario.ts, got none`,
  );
}
