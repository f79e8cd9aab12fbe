/**
 * The many dresses of one stream. `full` is the streaming guide's; `minimal` the tool guide's own sample, on which most
 * clients fail; every single trait can be chosen, as `wire/electron.md` 5 and 11 and `wire/stream-reading.md` list them.
 */
import { z } from 'zod';

export const ShapeTraits = z.strictObject({
  /** `id`, `object`, `created` and `model` on every chunk. */
  metadata: z.boolean(),
  /** A blank line after every `data:` line. */
  blankLines: z.boolean(),
  /** A space after `data:`. */
  space: z.boolean(),
  lineEnd: z.enum(['lf', 'crlf', 'cr']),
  /** Comment lines, as a heartbeat of a proxy would put them. */
  comments: z.boolean(),
  /** A byte order mark before the first line. */
  byteOrderMark: z.boolean(),
  /** Where `delta.role` comes: on a chunk of its own, on the first chunk of content, or nowhere. */
  role: z.enum(['own-chunk', 'with-content', 'none']),
  /** `content` of the role chunk, which has no text. */
  roleContent: z.enum(['absent', 'null', 'empty']),
  /** `content` of the chunks with tool-call fragments. */
  fragmentContent: z.enum(['absent', 'null', 'empty']),
  /** `finish_reason`: on a chunk with `delta: {}`, on one without `delta`, or on the last content or fragment. */
  finish: z.enum(['own-chunk', 'no-delta', 'last-chunk', 'never']),
  /** The reason given beside calls. */
  finishWithCalls: z.enum(['tool_calls', 'stop']),
  /** Parallel calls one after the other, or their fragments mixed, several to a chunk. */
  calls: z.enum(['sequential', 'interleaved']),
  /** Arguments of a call's first fragment: `""`, the first piece, or all of them. */
  firstFragment: z.enum(['empty', 'piece', 'whole']),
  /** What is sent for arguments that are `{}`. */
  noArguments: z.enum(['object', 'empty']),
  /** A call's `id`: on its first fragment, on every one, `""`, or nowhere. */
  callId: z.enum(['first', 'every', 'empty', 'absent']),
  /** A call's `index`: from 0, from 1, or nowhere. */
  callIndex: z.enum(['from-0', 'from-1', 'absent']),
  /** Text after the calls instead of before them. */
  textAfterCalls: z.boolean(),
  /** `prompt_tokens_details` in the usage. */
  usageDetails: z.boolean(),
  /** `usage: null` on every chunk but the last. */
  nullUsage: z.boolean(),
  /** The last line. */
  done: z.boolean(),
  /** `tool_calls` of a non-streamed message without calls. */
  noToolCalls: z.enum(['null', 'absent', 'empty-list']),
  /** Cut the body into TCP writes of this many bytes, wherever that falls; 0 keeps chunks whole. */
  splitBytes: z.int().min(0),
});
export type ShapeTraits = z.output<typeof ShapeTraits>;

/** The streaming guide's. */
const FULL: ShapeTraits = {
  metadata: true,
  blankLines: true,
  space: true,
  lineEnd: 'lf',
  comments: false,
  byteOrderMark: false,
  role: 'own-chunk',
  roleContent: 'absent',
  fragmentContent: 'absent',
  finish: 'own-chunk',
  finishWithCalls: 'tool_calls',
  calls: 'sequential',
  firstFragment: 'empty',
  noArguments: 'object',
  callId: 'first',
  callIndex: 'from-0',
  textAfterCalls: false,
  usageDetails: true,
  nullUsage: false,
  done: true,
  noToolCalls: 'null',
  splitBytes: 0,
};

/** The tool guide's own sample. */
const MINIMAL: ShapeTraits = { ...FULL, metadata: false, blankLines: false, roleContent: 'empty', finish: 'no-delta' };

export const Shape = z
  .union([
    z.literal(['full', 'minimal']),
    ShapeTraits.partial().extend({ base: z.literal(['full', 'minimal']).default('full') }),
  ])
  .transform((shape): ShapeTraits => {
    if (typeof shape === 'string') return BASES[shape];
    const { base, ...traits } = shape;
    return ShapeTraits.parse({ ...BASES[base], ...traits });
  });
/** A name, or traits that differ from it: `{ base: 'minimal', lineEnd: 'crlf' }`; `base` is `full` when left out. */
export type ShapeInput = z.input<typeof Shape>;

const BASES = { full: FULL, minimal: MINIMAL };
