#!/usr/bin/env node
/** The `parley` command. It looks at what runs it before anything else is loaded, which an older Node could not even load. */
import { runtimeProblem } from '../lib/node-version.ts';

const problem = runtimeProblem(process.versions);
if (problem === undefined) await import('./program.ts');
else {
  process.stderr.write(`parley: ${problem}\n`);
  process.exitCode = 1;
}
