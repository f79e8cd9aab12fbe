import { expect, test } from 'vitest';
import { checkVoice, LIGHTNING_MODELS, type LightningVoiceOptions } from '../../../src/speak/lightning/voices.ts';

const voice = (changes: Partial<LightningVoiceOptions>): LightningVoiceOptions => ({
  id: 'magnus',
  model: 'lightning_v3.1',
  language: 'en',
  speed: 1,
  ...changes,
});

test('a voice goes with its own model', () => {
  expect(checkVoice(voice({}))).toBeUndefined();
  expect(checkVoice(voice({ id: 'meher', model: 'lightning_v3.1_pro', language: 'hi' }))).toBeUndefined();
  expect(checkVoice(voice({ id: 'voice_abc123' }))).toBeUndefined();
});

test.each([
  [
    { id: 'kaitlyn' },
    'Expected `voice.id` to be a voice of `lightning_v3.1`, such as `jordan` or `robert`, got `kaitlyn`, a voice of `lightning_v3.1_pro`: set `voice.model` to that, or take another voice',
  ],
  [
    { id: 'magnus', model: 'lightning_v3.1_pro' },
    /to be a voice of `lightning_v3.1_pro`.*got `magnus`, a voice of `lightning_v3.1`/,
  ],
  [{ id: 'Magnus' }, /lower case.*got `Magnus`/],
  [
    { model: 'lightning-v3.1' },
    /`lightning_v3.1` or `lightning_v3.1_pro` \(with an underscore: `lightning_v3.1`\), got `lightning-v3.1`/,
  ],
  [{ model: 'sonic' }, /`voice.model` to be `lightning_v3.1` or `lightning_v3.1_pro`, got `sonic`/],
  [
    { language: 'ja' },
    /`voice.language` to be one that `lightning_v3.1` speaks .*got `ja`; `lightning_v3.1_pro` speaks it/,
  ],
  [{ language: 'xx' }, /got `xx`$/],
  [{ speed: 3 }, 'Expected `voice.speed` to be from 0.5 to 2, got `3`'],
])('refuses %j, saying what was expected', (changes, message) => {
  expect(() => checkVoice(voice(changes))).toThrow(
    expect.objectContaining({ code: 'options-invalid', message: expect.stringMatching(message) as string }),
  );
});

test('a voice that is in no list may be new: it is doubted, not refused', () => {
  expect(checkVoice(voice({ id: 'magnu' }))).toMatch(/no list.*Did you mean `magnus`\?/);
  expect(checkVoice(voice({ id: 'brandnew' }))).toMatch(/no list/);
});

test('no voice belongs to both models', () => {
  const { voices } = LIGHTNING_MODELS['lightning_v3.1'];
  expect([...LIGHTNING_MODELS['lightning_v3.1_pro'].voices].filter((id) => voices.has(id))).toEqual([]);
});
