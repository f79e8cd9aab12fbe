/** Both of Asterisk's lines keep the contract of a bridge, in every form that they have. */
import { bridgeContract } from '../../contracts/bridge.suite.ts';
import { openAudioSocketPeer, openWebSocketPeer } from '../helpers/asterisk/peers.ts';

bridgeContract('asterisk-audiosocket', openAudioSocketPeer);
bridgeContract('asterisk-websocket', openWebSocketPeer);
bridgeContract('asterisk-websocket', (options) => openWebSocketPeer({ ...options, control: 'plain-text' }));
