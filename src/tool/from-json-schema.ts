/**
 * zod of a JSON Schema. Who writes a tool is told what cannot be checked (`http/`, `openapi/`); of a server's tools that is let
 * pass, for the server checks it (`foreign-schema.ts`).
 */
import { z } from 'zod';

/** Without the notes that schemas carry for others, which the model would pay for. @throws {Error} for what zod cannot check */
export function fromJsonSchema(schema: Record<string, unknown>, version?: 'openapi-3.0'): z.ZodType {
  const made = z.fromJSONSchema(schema, { registry: z.registry(), ...(version && { defaultTarget: version }) });
  z.safeParse(made, undefined); // what refers to nothing is found now, and not in a call
  return made;
}
