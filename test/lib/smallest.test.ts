/** One key for three products: whichever of them finds it wrong says which variable holds it, and never what is in it. */
import { expect, test } from 'vitest';
import { createElectron } from '../../src/model/electron/client.ts';
import { createLightning } from '../../src/speak/lightning/synthesizer.ts';
import { createPulse } from '../../src/listen/pulse/transcriber.ts';
import { lightning } from '../../src/speak/lightning/vendor.ts';
import { transcribeFile } from '../../src/listen/pulse/transcribe-file.ts';

const makers: [name: string, make: (apiKey: string) => unknown][] = [
  ['the model', (apiKey) => createElectron({ apiKey })],
  ['the voice', (apiKey) => createLightning({ apiKey })],
  ['the ear', (apiKey) => createPulse({ apiKey })],
  ['the list of voices', (apiKey) => lightning.catalogue({ apiKey })],
  ['a file', (apiKey) => transcribeFile({ apiKey, audio: new Uint8Array(2), language: 'en' })],
];

const messageOfMaking = async (make: (apiKey: string) => unknown, apiKey: string): Promise<string> => {
  try {
    await make(apiKey);
  } catch (error) {
    return String(error);
  }
  return 'nothing was wrong';
};

test.each(makers)('apiKey errors name the variable: %s', async (_, make) => {
  for (const [apiKey, got] of [
    ['sk_with a blank', 'blanks or other signs'],
    ['sk_ключ', 'blanks or other signs'],
    ['sk_line\nbreak', 'blanks or other signs'],
    ['', 'nothing'],
  ] as const) {
    const message = await messageOfMaking(make, apiKey);
    expect(message).toContain(`Expected \`apiKey\` (SMALLEST_API_KEY) to be one word of plain letters, got ${got}`);
    if (apiKey !== '') expect(message).not.toContain(apiKey);
  }
});

test('apiKey errors name the variable: a key that Smallest AI has not made', async () => {
  const message = await messageOfMaking((apiKey) => createElectron({ apiKey }), 'not_one_of_theirs');
  expect(message).toContain('Expected `apiKey` (SMALLEST_API_KEY) to start with `sk_`, got another beginning');
});
