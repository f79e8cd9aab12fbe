/**
 * R27: which agent a call has at the moment. What belongs to it stands in one object, that all parts of the machine share: each
 * reads a field when it needs it and keeps no copy, so that with another agent all of them go by its instructions, phrases and
 * timings in the same tick.
 */
import type { MachineOptions, Persona, TurnOptions } from './options.ts';

/** What one agent may leave out and another have: nothing of the one before stays. */
const BLANK = { agent: undefined, team: undefined, greeting: undefined, language: undefined };
const BLANK_TURN = { transferTo: undefined, openEndpointMs: undefined };

export class Personas {
  /** What counts now. The same object for the whole call. */
  readonly current: MachineOptions;
  readonly #all: ReadonlyMap<string, Persona>;
  /** R28: a task has the caller. */
  isTask = false;

  constructor(options: MachineOptions) {
    const { others = [] } = options;
    const mayChange = others.length > 0 || options.tools.some(({ isTask }) => isTask);
    this.current = mayChange ? { ...options, turn: { ...options.turn } } : options;
    const all = others.length === 0 ? [] : [personaOf(options), ...others];
    this.#all = new Map(all.flatMap((persona) => (persona.agent === undefined ? [] : [[persona.agent, persona]])));
  }

  /** Whom the present agent calls `to`, if anybody. */
  find(to: string): Persona | undefined {
    const { team } = this.current;
    const name = team && Object.hasOwn(team, to) ? team[to] : undefined;
    return name === undefined ? undefined : this.#all.get(name);
  }

  /** R28: a task has the caller, or the agent has them back. The rest is the agent's all the while. */
  amend(part: Pick<MachineOptions, 'instructions' | 'tools' | 'team'>, isTask: boolean): void {
    this.isTask = isTask;
    Object.assign(this.current, part);
  }

  /** From here on all of it is this one's. */
  change(persona: Persona): void {
    const turn: TurnOptions = Object.assign(this.current.turn, BLANK_TURN, persona.turn);
    Object.assign(this.current, BLANK, persona, { turn });
  }
}

/** Of a call's options, what belongs to the agent that it begins with. */
function personaOf({ heardBy: _, others: __, ...persona }: MachineOptions): Persona {
  return persona;
}
