/** Twilio's ConversationRelay: what ends a session tells the action URL what is to become of the call. */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { acceptRelay as acceptLine, type RelayCall, type RelayOptions as LineOptions } from '../relay/line.ts';
import { handoff } from './twiml.ts';

export type { RelayCall };
export type RelayOptions = Omit<LineOptions, 'name' | 'handoff'>;

/** @throws {VoiceError} as `acceptRelay` of every ConversationRelay */
export const acceptRelay = (socket: OpenSocket, options: RelayOptions = {}): Promise<RelayCall> =>
  acceptLine(socket, { ...options, name: 'twilio-relay', passesHeaders: true, handoff });
