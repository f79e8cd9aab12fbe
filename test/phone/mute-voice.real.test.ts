/**
 * A voice that calls its words spoken and sends no sound of them: the caller is told, and the model not that they heard.
 *
 * Real time: what such a voice sends in place of sound are messages of its socket.
 */
import { expect, test } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { startPhone } from '../../src/testing/phone.ts';
import { agentWith, answering, requestWith, saidByAgent, timeOf } from '../helpers/phone.ts';

const LOST = 'The table by the window is booked.';
const RECOVERY = 'Sorry, say that again please.';

test.concurrent.each(['nothing', 'no-base64', 'binary'] as const)(
  'a `complete` with %s instead of audio: the recovery phrase is heard, and nothing of the answer is in the history',
  { timeout: 40_000, retry: process.env['CI'] ? 1 : 0 },
  async (instead) => {
    const lines: string[] = [];
    const phone = await startPhone(agentWith({ phrases: { recovery: [RECOVERY] } }), {
      ...answering({ when: 'table', say: LOST }, { when: '.*', say: 'It is.' }),
      log: createLog({ stream: { write: (line) => void lines.push(line) } }),
    });
    try {
      const line = await phone.dial();
      phone.services.lightning.fail({ type: 'mute', instead }, 2);
      await line.say('A table please.');
      await timeOf(line, 'turn-end', ({ turn }) => turn === 1);
      expect(line.eventsOf('turn-end')[0]).toMatchObject({ outcome: 'failed', heard: RECOVERY });
      expect(line.eventsOf('error')).toMatchObject([
        { code: 'provider-failed', requestId: expect.stringMatching(/^task_/) as string },
      ]);
      await line.say('Is it booked?');
      const asked = await requestWith(phone, 'Is it booked?');
      expect(saidByAgent(asked)).toEqual([RECOVERY]);
      await timeOf(line, 'turn-end', ({ turn }) => turn === 2);
      expect(
        line
          .heard()
          .map(({ text }) => text)
          .join(' '),
      ).not.toContain('window');
      const told = lines.map((one) => JSON.parse(one) as { msg: string; requestId?: string });
      expect(told.filter(({ msg, requestId }) => /sound|spoken/.test(msg) && requestId).length).toBeGreaterThanOrEqual(
        3,
      );
    } finally {
      await phone.close();
    }
  },
);
