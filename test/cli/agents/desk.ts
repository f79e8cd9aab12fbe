/** Hands callers over in person. */
import { defineAgent, transferCall } from 'parley-voice';

export default defineAgent({
  name: 'desk',
  instructions: 'You are brief.',
  tools: [transferCall({ destinations: { desk: '+15551230000' }, warm: true })],
});
