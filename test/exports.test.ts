/** The public surface changes on purpose: whoever changes it changes this list. */
import { expect, test } from 'vitest';
import * as parley from 'parley-voice';
import * as evaluation from 'parley-voice/evaluate';
import * as services from 'parley-voice/services';
import * as testing from 'parley-voice/testing';

test('the library exports these values, and no others', () => {
  expect(Object.keys(parley).sort()).toEqual([
    'Call',
    'ProviderError',
    'ToolError',
    'VoiceError',
    'answer',
    'askEach',
    'chooseOne',
    'collectAddress',
    'collectCard',
    'collectDate',
    'collectDigits',
    'collectEmail',
    'collectName',
    'collectPhone',
    'collectTime',
    'confirm',
    'createAgent',
    'createLog',
    'createParley',
    'createWorker',
    'defineAgent',
    'defineTask',
    'defineTool',
    'endCall',
    'handOff',
    'hangUp',
    'httpTool',
    'knowledge',
    'loadAgent',
    'mcp',
    'modelServer',
    'onHold',
    'openApi',
    'replay',
    'say',
    'sendDigits',
    'sensitive',
    'startWorker',
    'traceCall',
    'transferCall',
    'transferTo',
    'waitOnHold',
  ]);
});

test('the testing entry exports these values, and no others', () => {
  expect(Object.keys(testing).sort()).toEqual([
    'TestCall',
    'VirtualClock',
    'checks',
    'startElectronSimulator',
    'startPhone',
    'startTestCall',
    'turnsOf',
    'understand',
    'voiceOf',
  ]);
});

test('the entry that evaluates exports these values, and no others', () => {
  expect(Object.keys(evaluation).sort()).toEqual(['defineScenario', 'evaluate', 'exitCodeOf', 'summarize']);
});

test('the services entry exports these values, and no others', () => {
  expect(Object.keys(services).sort()).toEqual([
    'createDictionary',
    'deleteDictionary',
    'listClones',
    'listDictionaries',
    'listVoices',
    'speakStreaming',
    'speakWhole',
    'transcribeFile',
    'updateDictionary',
  ]);
});
