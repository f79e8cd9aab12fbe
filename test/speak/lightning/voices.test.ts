import { expect, test } from 'vitest';
import { PRO, STANDARD } from '../../../src/speak/lightning/listed-voices.ts';
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

test('an unknown voice id is refused as documented, with what was meant; a newer one is taken where that is said', () => {
  expect(() => checkVoice(voice({ id: 'magnos' }))).toThrow(
    /`voice.id` .*got `magnos`\. Did you mean `magnus`\?.*`unlisted: true`/,
  );
  expect(() => checkVoice(voice({ id: 'brandnew' }))).toThrow(/got `brandnew`; `parley voices` lists them/);
  expect(() => checkVoice({ ...voice({ id: 'brandnew' }), unlisted: true })).not.toThrow();
  expect(() => checkVoice({ ...voice({ id: 'kaitlyn' }), unlisted: true })).toThrow(/a voice of `lightning_v3.1_pro`/);
});

test('voices are listed with what the documents say of them, and nothing that they do not', () => {
  const of = (id: string) => [...STANDARD, ...PRO].find((one) => one.id === id);
  expect(of('magnus')).toMatchObject({ languages: ['en'], gender: 'male', accent: 'American' });
  expect(of('silvia')).toMatchObject({ languages: ['it'], gender: undefined });
  expect(of('sophia')).toMatchObject({ languages: [], gender: undefined, accent: undefined });
});

test('no voice belongs to both models', () => {
  const { voices } = LIGHTNING_MODELS['lightning_v3.1'];
  expect([...LIGHTNING_MODELS['lightning_v3.1_pro'].voices].filter((id) => voices.has(id))).toEqual([]);
});
