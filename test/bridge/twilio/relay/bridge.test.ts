import { bridgeContract } from '../../../contracts/bridge.suite.ts';
import { openRelayPeer } from '../peers.ts';

bridgeContract('twilio-relay', openRelayPeer);
