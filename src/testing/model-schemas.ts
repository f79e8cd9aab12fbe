/** What the stand-in of the model is told, for whoever reads it from a file: it looks at all of it once more. */
export { Fault as ModelFault } from '../simulate/electron/faults.ts';
export { Pace as ModelPace, type PaceInput } from '../simulate/electron/pace.ts';
export { ReplyRule } from '../simulate/electron/replies.ts';
