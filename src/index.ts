/** The public names, one by one. `test/exports.test.ts` pins the list: it changes on purpose. */
export { createAgent, defineAgent, loadAgent, type Agent, type AgentInput } from './call/agent.ts';
export { Call, type CallEnd, type CallMedium, type TurnResult } from './call/call.ts';
export type { CallEvent, CallEventMap, CallEventType } from './call/events.ts';
export type { StartOptions } from './call/start.ts';
export { createParley, type Parley, type ParleyOptions } from './worker/parley.ts';
export { replay, type ReplayResult } from './record/machine-log.ts';
export { traceCall, type TraceOptions } from './watch/tracing.ts';
export type { CallerFacts } from './bridge/contract.ts';
export { ProviderError, VoiceError, type ErrorCode } from './lib/errors.ts';
export { createLog, type Log, type LogOptions } from './lib/log.ts';
export type {
  LanguageModel,
  Message,
  ModelEvent,
  ModelOptions,
  ModelStep,
  StepRequest,
  Usage,
} from './model/contract.ts';
export { collectDigits, endCall, sendDigits, transferCall } from './tool/builtin/index.ts';
export {
  defineTool,
  hangUp,
  say,
  ToolError,
  transferTo,
  type ToolContext,
  type ToolDefinition,
} from './tool/define.ts';
