/** Why calls end. Tools and programs may give any reason, a model's words among them; metrics and traces may not. */

/** Parley's own; `docs/events.md` says what each means. */
export const END_REASONS: ReadonlySet<string> = new Set([
  'caller-hung-up',
  'caller-away',
  'call-too-long',
  'menu-loop',
  'agent-hung-up',
  'hung-up',
  'transferred',
  'digits-sent',
  'shutting-down',
  'worker-stopped',
  'stopped',
  'end-of-input',
  'output-closed',
  'taken-over',
  'declined',
  'answering-machine',
  'voicemail-left',
  'socket-lost',
  'protocol-error',
  'transcriber-failed',
  'speech-failed',
  'internal-error',
]);

/** The reason when it is one of Parley's own; `other` for the rest. */
export function endReasonLabel(reason: string): string {
  return END_REASONS.has(reason) ? reason : 'other';
}
