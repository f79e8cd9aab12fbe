/** The public names, one by one. `test/exports.test.ts` pins the list: it changes on purpose. */
export {
  askEach,
  chooseOne,
  collectAddress,
  collectCard,
  collectDate,
  collectEmail,
  collectName,
  collectPhone,
  collectTime,
  confirm,
  type AskEachOptions,
  type ChooseOptions,
  type CollectDateOptions,
  type CollectOptions,
  type CollectCardOptions,
  type CollectPhoneOptions,
  type CollectTask,
  type CollectTimeOptions,
  type ConfirmOptions,
  type OfferedChoice,
} from './call/collect/collectors.ts';
export type { Choice } from './call/collect/choice.ts';
export type { AskOptions, DateFieldOptions, PhoneOptions, TimeFieldOptions } from './call/collect/form.ts';
export type { TimeOfDay } from './call/collect/time.ts';
export {
  createAgent,
  defineAgent,
  loadAgent,
  type Agent,
  type AgentInput,
  type LoadOptions,
  type TeamMember,
} from './call/agent.ts';
export type { AskedProviders } from './call/asked.ts';
export { Call, type CallEnd, type CallMedium, type TurnResult } from './call/call.ts';
export type { CallEvent, CallEventMap, CallEventType } from './call/events.ts';
export type { FactsFunction } from './call/facts.ts';
export type { CommonAnswerOptions, LineKeeper } from './call/line.ts';
export { answer, type AnswerOptions, type CallKeeper, type SpeechServices } from './call/phone.ts';
export type { EndHook, HookContext, Hooks, StartHook } from './call/hooks.ts';
export type { CallSummary, StartedCall, ToolRunOfCall, TurnSummaryOfCall } from './call/summary.ts';
export type { Person, PersonGone, PersonNews, PersonOrder, RingPerson } from './call/in-person.ts';
export type { WarmEvent } from './call/warm-transfer.ts';
export type { ConsultOptions, OutboundOptions, Voicemail } from './call/screening.ts';
export type { CallStarter, StartOptions } from './call/start.ts';
export { modelServer, type ModelServerOptions } from './call/vendors.ts';
export type { ListenChoice, ModelChoice, VendorNames, Vendors, VoiceChoice } from './call/vendors.ts';
export { createParley, type ParleyOptions } from './worker/create-parley.ts';
export type { Parley } from './worker/parley.ts';
export { createWorker, type CreateWorkerOptions, type EmbeddedWorker } from './worker/create-worker.ts';
export type { HandleRequest, HandleUpgrade } from './worker/guest.ts';
export type { StartWorkerOptions, WorkerSettings } from './worker/open-worker.ts';
export { startWorker, type RunningWorker } from './worker/start-worker.ts';
export type { CallOrderInput } from './worker/call-order.ts';
export type { PlacedCallState } from './worker/placed-call.ts';
export type { CallPlacer } from './worker/placed-calls.ts';
export { replay, type ReplayListener, type ReplayResult } from './record/machine-log.ts';
export { traceCall, type TraceOptions } from './watch/tracing.ts';
export type { AudioFormat, Encoding } from './audio/contract.ts';
export type {
  BridgeCall,
  AudioCapabilities,
  AudioLine,
  AudioLineEvent,
  BridgeEvent,
  CommonLine,
  CommonLineEvent,
  EarlierLine,
  LineNews,
  LineCapabilities,
  LineFeed,
  Meeting,
  TransferOptions,
  TextLine,
  TextLineEvent,
  CallerFacts,
  SaidWords,
} from './bridge/contract.ts';
export type {
  AcceptOptions,
  Admission,
  AnnouncedCall,
  OpenedLine,
  Outbound,
  OutboundCall,
  OutboundNews,
  OutboundOutcome,
  Announcement,
  Answer,
  CarrierRest,
  Desk,
  Door,
  Knock,
  Refusal as CallRefusal,
  Route,
  TcpPort,
  Upgrade,
  Verdict,
} from './bridge/door.ts';
export type { Clock } from './lib/clock.ts';
export type { OpenSocket, SocketData } from './lib/open-socket.ts';
export { ProviderError, VoiceError, type ErrorCode, type ProviderFacts, type ProviderPhase } from './lib/errors.ts';
export { createLog, type Log, type LogOptions } from './lib/log.ts';
export type { PlaceRequest, Places, PlacesCounts } from './lib/places.ts';
export type { Setting, SettingsBlock, ValuesOf } from './lib/settings.ts';
export type { Refusal } from './lib/shared-limit.ts';
export type { Successor, VendorHealth, VendorKind } from './lib/succession.ts';
export type { LackedSetting, Resource, Vendor, VendorKit, VendorOptions, VendorSettings } from './lib/vendor.ts';
export type { AnsweredBy, AnswerSign } from './listen/answered-by.ts';
export type {
  EarVendor,
  ExpectedAnswer,
  HeardWord,
  ListenOptions,
  Transcriber,
  TranscriberStats,
  TranscriptionLine,
  TranscriptListener,
} from './listen/contract.ts';
export type {
  AdmitOptions,
  AllowanceLimits,
  Budget,
  BudgetCounts,
  ExtraFields,
  FinishReason,
  LanguageModel,
  Message,
  MessageToolCall,
  ModelEvent,
  ModelKit,
  ModelOptions,
  ModelStep,
  ModelVendor,
  Priority,
  Release,
  StepEnd,
  StepRequest,
  ToolCall,
  Usage,
} from './model/contract.ts';
export type { Plan } from './model/plan.ts';
export type {
  CatalogueClone,
  CatalogueVoice,
  RenderedSpeech,
  Resumption,
  Speaker,
  SpeakerListener,
  Synthesis,
  SynthesisLine,
  SynthesisListener,
  Synthesizer,
  SynthesizerFigures,
  VoiceCatalogue,
  VoiceOptions,
  VoiceVendor,
} from './speak/contract.ts';
export type { AudioSink } from './speak/feeder.ts';
export { collectDigits, endCall, sendDigits, transferCall, waitOnHold } from './tool/builtin/index.ts';
export type { TransferCallOptions } from './tool/builtin/transfer-call.ts';
export type {
  CallLine,
  CollectDigitsOptions,
  EndTask,
  HandOff,
  HandOffContext,
  TaskEnd,
  ToolControl,
  ToolEffect,
  ToolFailure,
  TransferOrder,
  WarmOrder,
} from './tool/contract.ts';
export {
  defineTool,
  handOff,
  hangUp,
  onHold,
  say,
  ToolError,
  transferTo,
  type HandOffOptions,
  type SpecialResult,
  type ToolContext,
  type ToolDefinition,
  type ToolInput,
  type ToolOptions,
  type TransferToOptions,
  type WarmOptions,
} from './tool/define.ts';
export { httpTool } from './tool/http/http-tool.ts';
export { openApi } from './tool/openapi/open-api.ts';
export type { OpenApiOptions, OperationChanges } from './tool/openapi/options.ts';
export type { HttpToolOptions, QueryValue } from './tool/http/fields.ts';
export { knowledge } from './tool/knowledge/knowledge.ts';
export type { KnowledgeOptions } from './tool/knowledge/options.ts';
export type { ToolSource } from './tool/load.ts';
export { mcp } from './tool/mcp/mcp.ts';
export type { McpAddress, McpCommand, McpCommonOptions, McpOptions, McpToolOptions } from './tool/mcp/options.ts';
export type { ToolOrigin } from './tool/origin.ts';
export { defineTask, type TaskDefinition, type TaskOptions, type TaskResult } from './tool/task.ts';
export type { HoldEnd, SilenceByCause, SpeechKind, TurnOutcome } from './turn/contract.ts';
export { sensitive, type SensitiveOptions } from './tool/sensitive.ts';
