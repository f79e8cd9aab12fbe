/** What is told of turns that were played: who was cut off, how soon the others were answered. */
import { quantile } from '../frame/statistics.ts';
import type { PlayedTurn } from './play-call.ts';
import { longestPauseMs, type CallerTurn } from './set.ts';

/** A shorter sound is a blip: nobody takes it for words. */
const LEAST_HEARD_MS = 80;

export interface Figures {
  turns: number;
  /** Share of turns, 0 to 1: the agent was heard for 80 ms or more before their last sound, or had not heard them out. */
  cutOff: number;
  /** From their last sound to the first of the answer, of turns that were not cut off. */
  p50Ms: number;
  p90Ms: number;
  /** Turns in which the agent was heard before their last sound, for less than 80 ms. */
  blips: number;
  /** Turns in which the agent began to sound while their voice was on already. */
  begunOverVoice: number;
  requestsATurn: number;
  /** Requests, of all turns, whose answer nobody heard. */
  forNothing: number;
  /** Turns whose answer was asked for without their last words. */
  wordsLost: number;
  unanswered: number;
}

const isCutOff = ({ heardOverMs, hasAllWords, answerMs }: PlayedTurn): boolean =>
  heardOverMs >= LEAST_HEARD_MS || (!hasAllWords && !Number.isNaN(answerMs));

export function figuresOf(played: readonly PlayedTurn[]): Figures {
  const whole = played.filter((one) => !isCutOff(one) && !Number.isNaN(one.answerMs));
  const answers = whole.map(({ answerMs }) => answerMs);
  const requests = played.reduce((sum, one) => sum + one.requests, 0);
  return {
    turns: played.length,
    cutOff: played.filter(isCutOff).length / played.length,
    p50Ms: quantile(answers, 0.5),
    p90Ms: quantile(answers, 0.9),
    blips: played.filter(({ heardOverMs }) => heardOverMs > 0 && heardOverMs < LEAST_HEARD_MS).length,
    begunOverVoice: played.filter(({ begunOverVoiceMs }) => begunOverVoiceMs !== undefined).length,
    requestsATurn: requests / played.length,
    forNothing: requests - played.filter(({ answerMs }) => !Number.isNaN(answerMs)).length,
    wordsLost: played.filter(({ hasAllWords, heardOverMs }) => !hasAllWords && heardOverMs < LEAST_HEARD_MS).length,
    unanswered: played.filter(({ answerMs }) => Number.isNaN(answerMs)).length,
  };
}

/** Answering `answerMs` after any sound, whatever was said: the share of turns that it would cut off. */
export function cutOffBySilence(turns: readonly CallerTurn[], answerMs: number): number {
  return turns.filter((turn) => longestPauseMs(turn) >= answerMs).length / turns.length;
}

/** The soonest that silence alone may be answered for no more to be cut off. */
export function silenceFor(turns: readonly CallerTurn[], cutOff: number): number {
  let answerMs = 300;
  while (cutOffBySilence(turns, answerMs) > cutOff + 1e-9) answerMs += 10;
  return answerMs;
}
