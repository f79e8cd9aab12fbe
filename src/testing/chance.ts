/** Chance that repeats, for whoever plays callers: the stand-ins' own. */
export { seededRandom } from '../simulate/electron/random.ts';
