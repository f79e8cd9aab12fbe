/** Chance that repeats: the same seed gives the same pace, ids and choices, however requests interleave. */

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

/** Mulberry32: 32 bits of state, enough for jitter and ids of a simulator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One seed from several numbers, such as the simulator's seed and the request's ordinal. */
export function mixSeeds(...seeds: number[]): number {
  return seeds.reduce((mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) ^ (mixed >>> 13), 0x811c9dc5) >>> 0;
}

/** `length` hexadecimal digits. */
export function hexDigits(random: Random, length: number): string {
  let digits = '';
  while (digits.length < length) digits += Math.floor(random() * 16).toString(16);
  return digits;
}

/** Looks like a version 4 UUID, as request ids do. */
export function uuid(random: Random): string {
  const hex = hexDigits(random, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
