import { expect, test } from 'vitest';
import { ReplyAudio } from '../../src/call/reply-audio.ts';

function open() {
  const told: string[] = [];
  const audio = new ReplyAudio((event) => told.push(event.replace('reply-audio-', '')));
  return { audio, told };
}

test('it starts and ends once, however often it is said', () => {
  const { audio, told } = open();
  audio.stop();
  audio.start();
  audio.start();
  audio.stop();
  audio.stop();
  expect(told).toEqual(['start', 'end']);
});

test('R11: what is held back for a voice is told, and told again when it goes on', () => {
  const { audio, told } = open();
  audio.start();
  audio.pause();
  audio.pause();
  audio.resume();
  audio.stop();
  expect(told).toEqual(['start', 'paused', 'resumed', 'end']);
  expect(audio.resumed).toBe(1);
});

test('held back, it may be cut off; then it does not go on', () => {
  const { audio, told } = open();
  audio.start();
  audio.pause();
  audio.stop();
  audio.resume();
  expect(told).toEqual(['start', 'paused', 'end']);
});

test('a voice before there is any sound holds nothing back that could be told', () => {
  const { audio, told } = open();
  audio.pause();
  audio.resume();
  audio.start();
  expect(told).toEqual(['start']);
});
