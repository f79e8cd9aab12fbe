/** Who works for one call: the model's end, the tools, the agent of the team that has the caller, and who stands before the door. */
import type { CallIds } from '../lib/call-id.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { Successor } from '../lib/succession.ts';
import type { CallerFacts } from '../bridge/contract.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { ToolFault, ToolRunner } from '../tool/contract.ts';
import type { TurnEvent } from '../turn/contract.ts';
import { Cast } from './cast.ts';
import { ModelSteps } from './model-steps.ts';
import type { CallOptions } from './options.ts';
import { Discretion, type DiscretionOptions } from './sensitive/discretion.ts';
import { quietLog } from './sensitive/quiet-log.ts';
import { toolRunsOf } from './tool-runs.ts';

export interface CrewParts extends Pick<DiscretionOptions, 'tell'> {
  ids: CallIds;
  caller: CallerFacts;
  feed: (event: TurnEvent) => void;
  /** Of a list of models: told who is asked. */
  asks: (who: Successor) => void;
  failed: (fault: ToolFault) => void;
}

export interface Crew {
  steps: ModelSteps;
  tools: ToolRunner;
  cast: Cast;
  discretion: Discretion;
  /** The call's own. */
  log: Log;
}

export function crewOf(options: CallOptions, { ids, caller, feed, tell, asks, failed }: CrewParts): Crew {
  const { agent, model, clock } = options;
  const discretion: Discretion = new Discretion({
    clock,
    manner: () => cast.manner,
    fieldsOf: (tool) => steps.sensitiveFields(tool),
    ...{ feed, tell },
  });
  const { reveal, revealed, vault } = discretion;
  const log = quietLog((options.log ?? silentLog).child(ids), vault);
  const expect = (answer: ExpectedAnswer) => options.medium.line?.expect?.(answer);
  const steps: ModelSteps = new ModelSteps({ agent, model, ids, asks, revealed, feed, expect });
  const tools: ToolRunner = toolRunsOf(options, {
    ...{ id: ids.callId, caller, log, reveal, feed },
    failed: (fault) => failed(discretion.fault(fault)),
    converse: (call, task, input) => cast.converse(call, task, input),
  });
  const cast: Cast = new Cast(options, { steps, tools, discretion, feed, expect });
  return { steps, tools, cast, discretion, log };
}
