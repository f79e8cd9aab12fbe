/** A caller who cuts in, 3 s into 10, on each line of binary messages, in virtual time: what the wire has, and what was heard. */
import { describe, expect, test } from 'vitest';
import { acceptBinaryLine, type BinaryDialect } from '../../../src/bridge/binary/line.ts';
import { FREESWITCH_DIALECT } from '../../../src/bridge/freeswitch/line.ts';
import { INFOBIP_DIALECT } from '../../../src/bridge/infobip/line.ts';
import { JAMBONZ_DIALECT } from '../../../src/bridge/jambonz/media/line.ts';
import { VONAGE_DIALECT } from '../../../src/bridge/vonage/line.ts';
import { FREESWITCH_PHONE } from '../../../src/simulate/freeswitch/phone.ts';
import { INFOBIP_PHONE } from '../../../src/simulate/infobip/phone.ts';
import { JAMBONZ_PHONE } from '../../../src/simulate/jambonz/phone.ts';
import type { PhoneDialect } from '../../../src/simulate/phone/dialect.ts';
import { VONAGE_PHONE } from '../../../src/simulate/vonage/phone.ts';
import { NUMBERS, SIXTEEN } from '../helpers/binary/peers.ts';
import { openPlaying } from '../helpers/playing.ts';

const LINES: { name: string; dialect: BinaryDialect; phone: PhoneDialect; parameters?: Record<string, string> }[] = [
  { name: 'vonage', dialect: VONAGE_DIALECT, phone: VONAGE_PHONE, parameters: { call_uuid: 'CA1' } },
  { name: 'infobip', dialect: INFOBIP_DIALECT, phone: INFOBIP_PHONE },
  { name: 'freeswitch', dialect: FREESWITCH_DIALECT, phone: FREESWITCH_PHONE },
  { name: 'jambonz', dialect: JAMBONZ_DIALECT, phone: JAMBONZ_PHONE },
];
/** Of 16-bit samples at 16 kHz. */
const BYTES_PER_MS = 32;

/** A sound that is no silence, of any length. */
function soundOf(ms: number): Uint8Array {
  const samples = new Int16Array((ms * BYTES_PER_MS) / 2);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(8_000 * Math.sin(i / 6));
  return new Uint8Array(samples.buffer);
}

describe.each(LINES)('$name', ({ dialect, phone, parameters = {} }) => {
  const open = () =>
    openPlaying((socket, options) => acceptBinaryLine(dialect, socket, { ...options, formats: SIXTEEN }), {
      ...{ ...NUMBERS, dialect: phone, parameters, formats: SIXTEEN, callSid: 'CA1' },
    });

  test('what was sent is cleared in the same tick, nothing of it comes behind, heard is within 100 ms of the truth', async () => {
    const { clock, sockets, caller, step, playback } = await open();
    playback.open(1);
    playback.push(1, soundOf(10_000), clock.nowMs());
    await step(3_000);
    const cutMs = caller.nowMs;
    playback.pause(clock.nowMs());
    const heardMs = playback.heardMs(1, clock.nowMs());
    playback.clear(clock.nowMs());
    await sockets.settle();
    await step(1_000);
    const clears = caller.events.flatMap((event) => (event.type === 'clear' ? [event.arrivedMs] : []));
    expect(clears).toEqual(dialect.clear === undefined ? [] : [cutMs]);
    const first = caller.heard.stretches()[0]?.fromMs ?? 0;
    const truthMs = caller.heard.lastSoundMs - first;
    expect(truthMs).toBeGreaterThan(2_700);
    expect(Math.abs(heardMs - truthMs)).toBeLessThanOrEqual(100);
    expect(caller.heard.lastSoundMs).toBeLessThanOrEqual(cutMs + 40);
    expect(caller.stats().badFrames).toBe(0);
  });

  test('a tail that is no whole frame is heard to its end, and no message of it is of a wrong length', async () => {
    const { clock, caller, step, playback } = await open();
    playback.open(1);
    playback.push(1, soundOf(1_013), clock.nowMs());
    playback.end(1, clock.nowMs());
    await step(2_500);
    const [first] = caller.heard.stretches();
    const heardMs = caller.heard.lastSoundMs - (first?.fromMs ?? 0);
    expect(Math.abs(heardMs - 1_013)).toBeLessThan(15);
    expect([caller.stats().badFrames, caller.isOver]).toEqual([0, false]);
  });
});
