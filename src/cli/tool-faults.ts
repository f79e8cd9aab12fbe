/**
 * What a tool's own author sees of its faults on their terminal: the exception in its own words, what caused it, and the
 * first line of code that is theirs. The model, the events and the log of a worker hear of them in general words.
 */
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OWN_FOLDER } from '../lib/own-files.ts';
import { hideSecrets } from '../lib/provider-errors.ts';
import { readThrown, type Thrown } from '../lib/thrown.ts';
import type { ToolFault } from '../tool/contract.ts';

/** An error that is the cause of another, and so on, is told so deep. */
const MOST_CAUSES = 3;

/** One line, or several of which the others are indented. Holds no secret that has a known form. */
export function faultText({ tool, what, error }: ToolFault): string {
  if (typeof error === 'string') return hideSecrets(`\`${tool}\` ${what}. ${error}`);
  const thrown = readThrown(error);
  const lines = [`\`${tool}\` ${what}: ${nameOf(thrown)}`];
  let { cause } = thrown;
  for (let deep = 0; cause && deep < MOST_CAUSES; deep++, { cause } = cause) lines.push(`because of ${nameOf(cause)}`);
  const place = ownPlace(thrown);
  if (place !== undefined) lines.push(place);
  return hideSecrets(lines.join('\n  '));
}

const nameOf = ({ name, message }: Thrown): string => `${name}: ${message.replace(/\s*\n\s*/g, ' ')}`;

/** Of this package and of others, and of Node itself. */
const NOT_OWN = [OWN_FOLDER + sep, pathToFileURL(OWN_FOLDER).href, 'node_modules', 'node:', '<anonymous>'];

/** `at run (tools/order.ts:8:13)`; undefined when nothing of it is the author's. */
function ownPlace({ places, cause }: Thrown): string | undefined {
  const place = places.find((line) => !NOT_OWN.some((part) => line.includes(part)));
  if (place === undefined) return cause && ownPlace(cause);
  const near = place.trim().replace(/file:\/\/[^\s)]+?(?=:\d+:\d+)/, (url) => fileURLToPath(url));
  return near.replace(process.cwd() + sep, '');
}
