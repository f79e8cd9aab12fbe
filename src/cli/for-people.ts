/** What a person sees who watches a worker on a terminal: its log in sentences, and its calls. Loaded where there is one. */
import type { Call } from '../call/call.ts';
import { logView } from './log-view.ts';
import { edgeOf } from './report.ts';
import { faultText } from './tool-faults.ts';
import { TranscriptView } from './transcript-view.ts';

const toTerminal = (text: string): void => void process.stderr.write(text);
const toEdge = () => edgeOf(process.stderr);

/** For `createLog`. */
export const logForPeople = () => logView(toTerminal, toEdge);

/** What they see of a call besides the log: what is said, and what tools have thrown. */
export function showCall(call: Call): void {
  const view = new TranscriptView({ callId: call.id, write: toTerminal, columns: toEdge });
  call.observe({ toolFailed: (fault) => view.fault(faultText(fault)) });
  call.on('event', (event) => view.show(event, call.isTurnRunning));
}
