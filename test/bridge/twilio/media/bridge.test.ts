import { bridgeContract } from '../../../contracts/bridge.suite.ts';
import { openMediaPeer } from '../peers.ts';

bridgeContract('twilio-media', openMediaPeer);
