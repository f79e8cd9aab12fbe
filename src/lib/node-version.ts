/** Which Node Parley needs. This file imports nothing, so that an older one can read it, and say so. */

/** As `engines` of the package says. */
const NEEDED = { major: 20, minor: 19 };

/**
 * What is wrong with what runs this, for people; undefined when nothing is. `versions`: as `process.versions`. Bun answers
 * `import 'undici'` with a module of its own, which has no pools and no way to send a request through them: no model can be
 * asked there, and which tool is to blame for an error cannot be told either.
 */
export function runtimeProblem(versions: Readonly<Record<string, string | undefined>>): string | undefined {
  const needs = `needs Node ${NEEDED.major}.${NEEDED.minor} or later`;
  const { bun, node = 'of no version' } = versions;
  if (bun !== undefined) {
    return `${needs}, this is Bun ${bun}, which puts a client of its own in the place of undici: run it with \`node\``;
  }
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const isEnough = major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor);
  return isEnough ? undefined : `${needs}, this is Node ${node}`;
}
