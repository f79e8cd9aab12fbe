/** The Electron simulator's names for the rest of Parley. */
export { startElectronSimulator, answerElsewhere, type ElectronSimulator } from './server.ts';
export { ElectronService, type FaultOptions } from './service.ts';
export { ADMIN_PATH, handleAdmin } from './admin.ts';
export type { ElectronOptionsInput, ElectronSettingsInput } from './options.ts';
export type { ElectronStats, RequestRecord } from './journal.ts';
export type { FaultInput, FaultSubject } from './faults.ts';
export type { PaceInput } from './pace.ts';
export type { ShapeInput, ShapeTraits } from './shape.ts';
export type { ReplyRuleInput } from './replies.ts';
export type { PlanLimits } from './limits.ts';
