/** What happens to a synthesis at Lightning, what it asks for, and where it may stand: `request.ts` decides by them. */
import type { ProviderError } from '../../lib/errors.ts';
import type { Resumption } from '../contract.ts';
import type { Behind, Round } from './round.ts';
import type { LightningFrame } from './wire.ts';

export type RequestState =
  /** For its turn, or for something to say. */
  | { name: 'waiting' }
  /** For one of the account's syntheses, then for a socket, both until `giveUpAtMs`. */
  | { name: 'queued' | 'connecting'; giveUpAtMs: number }
  /** Before another try. */
  | { name: 'resting'; giveUpAtMs: number }
  /** On a socket. `sending`: more may be said. `closing`: the rest is being spoken. */
  | { name: 'sending' | 'closing'; round: Round }
  /** Cut off with `error`: it is being asked what is still to be spoken. */
  | { name: 'cut'; error: ProviderError }
  /** All that was said has been spoken, and more may be said. */
  | { name: 'open' }
  /** Counted as done before the service said so; should that be wrong, its audio is still handed on. */
  | { name: 'late'; round: Round }
  | { name: 'over' };

export type RequestEvent =
  // of the call
  | { type: 'speak'; clause: string }
  | { type: 'end' }
  | { type: 'abort' }
  // of the line
  /** Nobody is before it. */
  | { type: 'turn' }
  | { type: 'granted' }
  | { type: 'expired' }
  /** It has a socket, of its own or behind the utterance before it. */
  | { type: 'connected'; requestId: string; isUsed: boolean }
  | { type: 'unreachable'; error: ProviderError }
  | { type: 'rested' }
  | { type: 'resumption'; rest: Resumption | undefined }
  /** The audio of the next one has begun: requests are served in order. */
  | { type: 'overtaken' }
  /** More audio has come than its text can be. */
  | { type: 'endless' }
  /** The socket was given up for another's sake. */
  | { type: 'dropped' }
  /** The other end, or the network, has closed the socket. */
  | { type: 'closed'; code: number; behind: Behind }
  | { type: 'time'; behind: Behind }
  | { type: 'settled' }
  // of the service; audio goes to `hear`
  | Extract<LightningFrame, { type: 'word' | 'complete' | 'unreadable' | 'error' }>;

export type RequestEffect =
  /** Wait for one of the account's syntheses: `granted` or `expired`. */
  | { type: 'queue'; waitMs: number }
  /** Find a socket: `connected` or `unreachable`. */
  | { type: 'connect' }
  /** Say `rested` after so long. */
  | { type: 'rest'; forMs: number }
  | { type: 'send'; text: string }
  /** It waits for nothing any more, and its synthesis is free. */
  | { type: 'leave' }
  /** The same, but its synthesis is free only once the socket is gone, since there is no other way to end a request. */
  | { type: 'drop-socket' }
  /** The service has said that there are too many. */
  | { type: 'over-limit' }
  /** Ask what is still to be spoken: `resumption`. */
  | { type: 'ask-resumption' }
  /** The service says that it has spoken words of which nothing, or far too little, can be heard. Only to be counted and told. */
  | { type: 'unspoken'; error: ProviderError }
  /** It is made once more: after a cut, or a little later. */
  | { type: 'again'; count: 'resent' | 'retried'; error: ProviderError }
  /** Say `settled` once this tick is over. */
  | { type: 'settle' }
  /** Times since the first sample of the utterance. */
  | { type: 'word'; word: string; startMs: number; endMs: number }
  // one of these is the last
  | { type: 'done' }
  | { type: 'failed'; error: ProviderError; isTruncated: boolean };
