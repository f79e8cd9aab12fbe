/** An agent whose model, voice and ear are its own. */
import { defineAgent } from 'parley-voice';
import { parrot, toneEar, toneVoice } from '../../helpers/own-vendors.ts';

export default defineAgent({
  name: 'parrot-line',
  instructions: 'Repeat.',
  greeting: 'Hello there.',
  model: { vendor: parrot, opening: 'I heard' },
  voice: { vendor: toneVoice },
  listen: { vendor: toneEar },
});
