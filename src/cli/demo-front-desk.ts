/**
 * `parley demo front-desk`: the whole call of `examples/front-desk`, in virtual time: three agents, a task, an MCP server, a
 * server over HTTP, the files of the house, and a person on a second line. Played by its scenario, and shown as it went.
 */
import { join } from 'node:path';
import { plan } from '../evaluate/evaluate.ts';
import { findScenarios } from '../evaluate/find.ts';
import { ResultFolder } from '../evaluate/keep.ts';
import { runOnce } from '../evaluate/run.ts';
import { VoiceError } from '../lib/errors.ts';
import { PACKAGE_FOLDER } from '../lib/own-files.ts';
import { ChatView } from './chat-view.ts';
import type { DemoOptions } from './demo.ts';
import { edgeOf, paint, print, shownPath, write } from './report.ts';
import { seconds } from './units.ts';

const SCENARIOS = join(PACKAGE_FOLDER, 'examples/front-desk/scenarios/front-desk.yaml');

/** @throws {VoiceError} when the call did not go as its scenario says: then something is missing on this machine. */
export async function demoFrontDesk({ record }: DemoOptions): Promise<void> {
  const kept = new ResultFolder(join(record, 'front-desk'), false);
  const [planned] = await plan(await findScenarios([SCENARIOS]));
  const [run] = planned?.runs ?? [];
  if (!planned || !run) throw new VoiceError('internal', `Expected a scenario in ${SCENARIOS}, got none`);
  print(
    paint.dim('A call to a front desk of three agents, in virtual time: what they need stands in on this machine.\n'),
  );
  const { report, call } = await runOnce({ ...run, folder: planned.source.folder });
  const view = new ChatView(write, () => edgeOf(process.stdout));
  for (const event of call?.events ?? []) view.show(event);
  for (const { to, summary, heard, outcome } of call?.people ?? []) {
    view.remark(
      `${to} is played: ${outcome ?? 'rung'}. Of the caller they were told: "${summary}", and heard: "${heard}"`,
    );
  }
  const drawn = call && kept.draw({ scenario: 0, run: 0 }, report, call);
  if (drawn?.sound !== undefined) print(`\nListen:  ${shownPath(join(kept.folder, drawn.sound))}`);
  if (drawn?.page !== undefined) print(`Look:    ${shownPath(join(kept.folder, drawn.page))}`);
  const wrong = [...report.troubles, ...report.findings.map(({ what }) => what)];
  if (wrong.length > 0)
    throw new VoiceError('provider-failed', `the call did not go as it should: ${wrong.join('; ')}`);
  print(
    paint.dim(
      `${seconds(report.metrics.durationMs)} of a call. Its agents: ${shownPath(join(PACKAGE_FOLDER, 'examples/front-desk'))}`,
    ),
  );
}
