/** Keys that the agent presses on a line of audio: Twilio ends the stream for them, and the call comes back behind them. */
import { afterAll, expect, test } from 'vitest';
import { SimulatedTwilioRest } from '../../src/simulate/twilio/rest-server.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { placeCall } from '../../src/simulate/twilio/place-call.ts';
import { sendDigits } from '../../src/tool/builtin/index.ts';
import { until } from '../helpers/until.ts';
import { AUTH_TOKEN, PUBLIC_URL, SIGNED, withStandIns } from '../helpers/worker.ts';

const start = withStandIns([
  { when: 'dial', call: { name: 'send_digits', arguments: { digits: '12w3#' } } },
  { say: 'All right, go on.' },
]);
const rest = new SimulatedTwilioRest({ accountSid: 'AC1', authToken: AUTH_TOKEN });
afterAll(() => rest.close());

test('`serve` with `send_digits` on a media line: the call goes on behind the keys, with all that it was given', async () => {
  await rest.listen();
  const worker = await start(
    { ...SIGNED, PARLEY_TWILIO_ACCOUNT_SID: 'AC1', PARLEY_TWILIO_REST_URL: rest.account.baseUrl },
    { agent: { tools: [sendDigits] } },
  );
  const callSid = newSid('CA');
  const place = (document?: string) =>
    placeCall({
      ...{ voiceUrl: `${PUBLIC_URL}/twilio/voice`, from: '+15550100', to: '+15550199', authToken: AUTH_TOKEN },
      ...{ callSid, rest, parameters: document === undefined ? { account: '4711' } : {} },
      ...(document !== undefined && { document }),
      reach: worker.reach,
    });
  const placed = await place();
  if (placed.type !== 'media') throw new Error('Expected a line of audio');
  await placed.caller.waitForSpeech();
  void worker.calls[0]?.say('dial it');
  const end = await placed.caller.ended;
  expect(end).toMatchObject({ by: 'rest' });
  expect(await worker.calls[0]?.ended).toMatchObject({ reason: 'digits-sent' });

  const back = await place(end.redirect?.twiml);
  expect(back).toMatchObject({ type: 'media', pressed: '12w3#' });
  await until('the other line to be a call', () => worker.calls.length === 2);
  const [first, second] = worker.calls;
  expect(second?.caller).toMatchObject({ carrierCallId: callSid, from: '+15550100', to: '+15550199' });
  expect(second?.caller.parameters).toEqual(first?.caller.parameters);
  expect(second?.caller.parameters).toEqual({ account: '4711' });

  // nobody is greeted once more, and the conversation goes on with what was said
  await second?.say('and now?');
  const said = second?.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
  expect(said).toEqual(['All right, go on.']);
  expect(second?.caller.earlier).toMatchObject({ callId: first?.id, reason: 'digits-sent' });
  const told = JSON.stringify(second?.messages);
  expect(told).toContain('You have pressed keys in this phone call');
  expect(told).toContain('Caller: dial it');
  if (back.type === 'media') await back.caller.hangUp();
});
