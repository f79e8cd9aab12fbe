/** What of the environment the agents of a file need and is not set: whose it is, and what to do. */
import type { InspectedAgent } from '../call/agent.ts';
import { partsOf } from '../call/vendor-list.ts';
import { ACCOUNT_SETTINGS, readOwnSettings, vendorsWith } from '../call/vendors.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { readBlock } from '../lib/settings.ts';
import type { LackedSetting, VendorSettings } from '../lib/vendor.ts';

/** One setting, for all that need it. */
export interface LackedKey extends LackedSetting {
  /** Whose it is: of each agent, the fields that name who is asked with it, `voice[1] (OpenAI-compatible speech)`. */
  for: { agent: string; fields: string[] }[];
}

interface Asked {
  label?: string;
  lacks?(settings: VendorSettings): LackedSetting | undefined;
}

/**
 * Each setting once, in the order in which the agents need them. It is no mistake of theirs: where they are written and where
 * they are checked the key need not be. Settings that are wrong are told by whoever reads them for the model.
 */
export function lackedKeys(all: readonly InspectedAgent[], env: NodeJS.ProcessEnv): LackedKey[] {
  const lacked = new Map<string, LackedKey>();
  for (const agent of all) {
    const settings = settingsFor(agent, env);
    for (const { field, label, vendor } of settings ? askedBy(agent) : []) {
      const one = vendor.lacks?.(settings ?? {});
      if (!one) continue;
      const known = lacked.get(one.setting) ?? { ...one, for: [] };
      lacked.set(one.setting, known);
      fieldsOf(known, agent.options?.name ?? 'the agent').push(`${field} (${label})`);
    }
  }
  return [...lacked.values()];
}

function fieldsOf(lacked: LackedKey, agent: string): string[] {
  const known = lacked.for.find((one) => one.agent === agent) ?? { agent, fields: [] };
  if (known.fields.length === 0) lacked.for.push(known);
  return known.fields;
}

/** As a sentence, agents that need it for the same in one. */
export function tellLacked({ setting, mend, for: needed }: LackedKey): string {
  const agents = new Map<string, string[]>();
  for (const { agent, fields } of needed) {
    const what = fields.join(', ');
    agents.set(what, [...(agents.get(what) ?? []), agent]);
  }
  const whose = [...agents].map(([what, names]) => `${what} of ${names.join(', ')}`);
  return `${setting}, for ${whose.join('; for ')}: ${mend}`;
}

function settingsFor({ own }: InspectedAgent, env: NodeJS.ProcessEnv): VendorSettings | undefined {
  try {
    return { ...readBlock(ACCOUNT_SETTINGS, env), ...readOwnSettings(own, env) };
  } catch (error) {
    if (isA(error, VoiceError)) return undefined;
    throw error;
  }
}

/** Whom an agent asks, those of its lists each, by the field that names them. */
function askedBy({ vendors, own }: InspectedAgent): { field: string; label: string; vendor: Asked }[] {
  const { models, voices, ears } = vendorsWith(own);
  return [
    ...asked('model', vendors.model, models[vendors.model]),
    ...asked('voice', vendors.voice, voices[vendors.voice]),
    ...asked('listen', vendors.ear, ears[vendors.ear]),
  ];
}

function asked(field: string, name: string, vendor: (Asked & object) | undefined) {
  if (!vendor) return []; // unknown, which is told as a mistake of the field
  const parts = partsOf<Asked & object>({ name, vendor, isOwn: false });
  return parts.map((part, at) => ({
    field: parts.length === 1 ? field : `${field}[${at}]`,
    label: part.vendor.label ?? part.name,
    vendor: part.vendor,
  }));
}
