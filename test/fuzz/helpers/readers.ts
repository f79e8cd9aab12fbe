/** Everything that reads what comes from outside, with genuine samples of what it reads. */
import { WavStream } from '../../../src/audio/wav-stream.ts';
import { readWav, writeWav } from '../../../src/audio/wav.ts';
import { readMediaCommand, readMediaEvent } from '../../../src/bridge/twilio/media/wire.ts';
import { readRelayCommand, readRelayEvent } from '../../../src/bridge/relay/wire.ts';
import { extensionOf, readAnnouncement } from '../../../src/bridge/asterisk/announce.ts';
import { AudioSocketReader, KINDS, packetOf, uuidPacketOf } from '../../../src/bridge/asterisk/audiosocket/wire.ts';
import { readCommand, readControl } from '../../../src/bridge/asterisk/websocket/wire.ts';
import { readAriEvent } from '../../../src/bridge/asterisk/ari-events.ts';
import { readExotelCommand, readExotelEvent } from '../../../src/bridge/exotel/wire.ts';
import { readCloudonixCommand, readCloudonixEvent } from '../../../src/bridge/cloudonix/wire.ts';
import { newsIn as cloudonixNews } from '../../../src/bridge/cloudonix/placing.ts';
import { judgeSeal } from '../../../src/bridge/json/placed.ts';
import { newsInForm } from '../../../src/bridge/json/twilio-like/placing.ts';
import { idInState, newsIn as readTelnyxNews } from '../../../src/bridge/telnyx/placing.ts';
import { newsIn as readVonageNews } from '../../../src/bridge/vonage/placing.ts';
import { signPlivo, verifyPlivo } from '../../../src/bridge/plivo/signature.ts';
import { readPlivoCommand, readPlivoEvent } from '../../../src/bridge/plivo/wire.ts';
import { readFreeswitchCommand, readFreeswitchEvent } from '../../../src/bridge/freeswitch/wire.ts';
import { verifyGenesys } from '../../../src/bridge/genesys/signature.ts';
import { readGenesysCommand, readGenesysEvent } from '../../../src/bridge/genesys/wire.ts';
import { readInfobipEvent } from '../../../src/bridge/infobip/wire.ts';
import { shownSecret } from '../../../src/bridge/shown-secret.ts';
import { controlEvents, readControlCommand, readControlEvent } from '../../../src/bridge/jambonz/control/wire.ts';
import { readJambonzMedia } from '../../../src/bridge/jambonz/media/wire.ts';
import { signJambonz, verifyJambonz } from '../../../src/bridge/jambonz/signature.ts';
import { dialVerb, readCall as readJambonzCall } from '../../../src/bridge/jambonz/wire.ts';
import { signVonage, verifyVonage } from '../../../src/bridge/vonage/signature.ts';
import { connectSocket, readCall, readVonageCommand, readVonageEvent } from '../../../src/bridge/vonage/wire.ts';
import { isPublicKey, verifyTelnyx } from '../../../src/bridge/telnyx/signature.ts';
import { readTelnyxCommand, readTelnyxEvent } from '../../../src/bridge/telnyx/wire.ts';
import { readSignalwireCommand, readSignalwireEvent } from '../../../src/bridge/signalwire/wire.ts';
import { signRequest, verifySignature } from '../../../src/bridge/twilio/signature.ts';
import { readPageCommand, readPageEvent } from '../../../src/bridge/web/wire.ts';
import { afterRelay, connectStream, dial } from '../../../src/bridge/twilio/twiml.ts';
import { replay } from '../../../src/record/machine-log.ts';
import { readChatLine } from '../../../src/cli/chat-json.ts';
import { canonicalJson, parseJson } from '../../../src/lib/json.ts';
import { createLog } from '../../../src/lib/log.ts';
import { readErrorBody, readErrorFrame, readRetryAfter } from '../../../src/lib/provider-errors.ts';
import { oddsOfEnd } from '../../../src/listen/finished.ts';
import { NO_QUESTION, questionIn } from '../../../src/listen/question.ts';
import { saidIn } from '../../../src/listen/openai-transcriptions/made-up.ts';
import { TranscriptReader } from '../../../src/listen/openai-transcriptions/wire.ts';
import { readPulseFrame } from '../../../src/listen/pulse/wire.ts';
import { hasWords, wordsIn } from '../../../src/listen/words.ts';
import { StreamReader } from '../../../src/model/electron/stream.ts';
import { parsePath, pick } from '../../../src/tool/http/pick.ts';
import { fillUrl, parseUrl } from '../../../src/tool/http/url.ts';
import { fillBody, fillHeader } from '../../../src/tool/http/places.ts';
import { httpTool } from '../../../src/tool/http/http-tool.ts';
import { operationsOf, readDocument } from '../../../src/tool/openapi/document.ts';
import { toolOf } from '../../../src/tool/openapi/operation.ts';
import { parseTemplate } from '../../../src/tool/http/template.ts';
import { readTwiml } from '../../../src/simulate/phone/xml-reader.ts';
import { ClauseCutter } from '../../../src/speak/clauses.ts';
import { SpeechCleaner } from '../../../src/speak/clean.ts';
import { EventReader } from '../../../src/lib/event-reader.ts';
import { readEvent, readFrame, toId, WholeSamples } from '../../../src/speak/lightning/wire.ts';
import { SpeechReader } from '../../../src/speak/openai-speech/wire.ts';
import { backchannelsOf } from '../../../src/turn/backchannel.ts';
import { addressOf } from '../../../src/worker/gate.ts';
import { readSettings, SETTINGS } from '../../../src/worker/settings.ts';
import { judgeAtTwilio } from '../../helpers/doors.ts';

const LINEAR_16 = { encoding: 'linear16', sampleRateHz: 16_000 } as const;

export interface TextReader {
  name: string;
  samples: string[];
  read: (text: string) => unknown;
}

export interface BytesReader {
  name: string;
  samples: string[];
  /** Pieces, as the network has cut them. */
  read: (pieces: readonly Uint8Array[]) => unknown;
}

const MEDIA_EVENTS = [
  '{"event":"connected","protocol":"Call","version":"1.0.0"}',
  '{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"From":"+15550100"}},"streamSid":"MZ1"}',
  '{"event":"media","sequenceNumber":"3","streamSid":"MZ1","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"f39/fw=="}}',
  '{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"m1"}}',
  '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}',
  '{"event":"stop","sequenceNumber":"5","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}',
];
const RELAY_EVENTS = [
  '{"type":"setup","sessionId":"VX1","callSid":"CA1","accountSid":"AC1","from":"+15550100","to":"+15550199","direction":"inbound","customParameters":{"tenant":"acme"}}',
  '{"type":"prompt","voicePrompt":"Hello there.","lang":"en-US","last":true}',
  '{"type":"interrupt","utteranceUntilInterrupt":"Life is","durationUntilInterruptMs":"460"}',
  '{"type":"dtmf","digit":"1"}',
  '{"type":"info","name":"clientSpeaking","value":"on","ts":1712345678}',
  '{"type":"info","name":"tokensPlayed","value":"Hello"}',
  '{"type":"error","description":"Invalid message received"}',
];
const ERRORS = [
  '{"error":{"message":"Invalid input data","type":"invalid_request_error","code":"x","details":[{"path":["a"]}],"request_id":"r"}}',
  '{"error":"plain","message":"other","session_id":"s","errors":[{"message":"m","code":7}]}',
  '{"status":"error","error_code":429,"message":"Rate limit","request_id":"r"}',
  '<html><head><style>a{}</style><title>502</title></head><body><h1>Bad Gateway</h1></body></html>',
  'Bearer abcdefghijklmnop and sk_live_abcdefghijkl',
];
const LIGHTNING = [
  '{"session_id":"s","request_id":"r","external_request_id":"q","status":"chunk","data":{"audio":"AAABAAIA"}}',
  '{"status":"word_timestamp","external_request_id":"q","data":{"word":"hi","start":0.1,"end":0.4}}',
  '{"status":"complete","external_request_id":"q","message":"done","done":true}',
  '{"status":"error","error":{"message":"too many","code":"429"},"external_request_id":"q"}',
  '{"audio":"AAABAAIA","done":false}',
  ...ERRORS,
];
const TRANSCRIPTIONS = [
  'data: {"type":"transcript.text.delta","delta":"Hello"}\n\ndata: {"type":"transcript.text.done","text":"Hello there."}\n\n',
  'data: {"object":"transcription.chunk","choices":[{"delta":{"content":" Hello"}}]}\n\ndata: [DONE]\n\n',
  '{"text":" Hello.\\n","segments":[{"text":" Hello.","no_speech_prob":0.1,"avg_logprob":-0.2,"compression_ratio":0.7}],"words":[{"word":"Hello","start":0.1,"end":0.5}]}',
  'Hello [BLANK_AUDIO] <|nospeech|> (wind) *coughs*',
  ...ERRORS,
];
const PULSE = [
  '{"type":"transcription","transcript":"hello","is_final":true,"is_last":false,"session_id":"s","language":"en","words":[{"word":"hello","start":0.1,"end":0.5,"confidence":0.9}]}',
  '{"type":"speech_started","timestamp":1.5}',
  '{"type":"error","error_code":"unauthorized","message":"no"}',
  ...ERRORS,
];
const STREAM = [
  'data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Let me look. "}}]}\n\ndata: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":"{\\"x\\":"}}]}}]}\n\ndata: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}\n\ndata: [DONE]\n\n',
  'event: error\ndata: {"error":{"message":"overloaded","type":"server_error"}}\n\n',
  '{"object":"chat.completion","choices":[{"index":0,"message":{"content":[{"type":"text","text":"hi"}],"tool_calls":[]},"finish_reason":"stop"}]}',
  ': ping\r\ndata: {"choices":[{"delta":{"content":"a","refusal":null,"reasoning":"b"}}],\r\ndata: "x_groq":{"usage":{}}}\r\n\r\n',
  'error: {"code":500,"message":"x"}\n\n',
];
const TWIML = [
  connectStream({
    url: 'wss://voice.example.com/twilio/media',
    from: '+15550100',
    to: 'sip:a&b@example.com',
    token: 't',
  }),
  dial('client:joe', { callerId: '+15550100' }),
];
const FORM = 'CallSid=CA1&From=%2B15550100&To=%2B15550199&Digits=1&Digits=2';
const RECORDING =
  '{"parley":3,"callId":"c","machine":{}}\n{"atMs":1,"event":{"type":"call-start"},"effects":[]}\n{"atMs":5,"event":{"type":"caller-turn","text":"hello"},"effects":[]}\n';
const SPOKEN = [
  'Your **order** 4,711 ships on 3.5.2026 at 10:30 a.m. See [the page](https://example.com/a?b=c), e.g. `x`. नमस्ते।',
  '# Title\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n<b>bold</b> &amp; 🏥 [^1]',
];
const WORDS =
  'What is your six-digit code, is it 4711, right? Could you, please, tell me: is it, or do you want the other one?';
const SIGNED = 'https://voice.example.com:8443/twilio/voice?tenant=a%20b&bodySHA256=00';

const silent = createLog({ level: 'trace', secrets: ['canary'], stream: { write: () => undefined } });

const OPEN_API =
  '{"openapi":"3.1.0","servers":[{"url":"https://api.example.com"}],"security":[{"key":[]}],"paths":{"/a/{id}":{"get":{"operationId":"get","parameters":[{"name":"id","in":"path","required":true,"schema":{"$ref":"#/components/schemas/Id"}}]},"put":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}}}}}}},"components":{"schemas":{"Id":{"type":"string","pattern":"^a","enum":["a"]}},"securitySchemes":{"key":{"type":"apiKey","in":"header","name":"X-Key"}}}}';

/** Of a tool that asks a server, with this as what the caller said. */
const saidBy = (id: string) => ({
  input: { id: id.slice(0, 2_000) },
  env: { TOKEN: 'token' },
  facts: { from: '1', to: '2', callId: 'c', parameters: {} },
});
const ORDER_PATH = parsePath('order.items[].{name: title, price: price.amount}');
const ORDER_URL = parseUrl('https://api.example.com/v1/orders/x{id}/lines?q={id}&token={$TOKEN}');
const ORDER_HEADER = parseTemplate('a={id}; b="c"');
const ORDER_BODY = parseTemplate('said: {id}');

const wellFormed = (text: string) => Buffer.from(text).toString();

/** @throws {Error} when a value has left its place. */
function fillPlaces(text: string): void {
  const values = saidBy(text);
  const url = fillUrl(ORDER_URL, values);
  const [, , , segment = '', lines] = url.pathname.split('/');
  const isWhole = url.origin === 'https://api.example.com' && url.pathname.split('/').length === 5 && lines === 'lines';
  if (!isWhole || url.hash !== '' || [...url.searchParams.keys()].join() !== 'q,token') throw new Error(url.href);
  const plain = wellFormed(values.input.id);
  if (decodeURIComponent(segment) !== `x${plain}` || url.searchParams.get('q') !== plain) throw new Error(url.href);
  const header = fillHeader(ORDER_HEADER, values) ?? '';
  if (!/^a=[\w .~:@/+=%-]*; b="c"$/.test(header)) throw new Error(header);
  if (JSON.parse(JSON.stringify(fillBody({ type: 'text', pieces: ORDER_BODY }, values))) !== `said: ${plain}`) {
    throw new Error(text);
  }
}

export const TEXT_READERS: TextReader[] = [
  {
    name: 'tool/http, a template',
    samples: ['{$URL}/orders/{guest.id}?q={@from}', 'Basic {base64 $USER:$PASSWORD}', 'a {{b}} {@parameters.tenant}'],
    read: (text) => parseTemplate(text),
  },
  {
    name: 'tool/http, an address',
    samples: ['https://api.example.com/v1/orders/{id}/lines?full=1&q={q}', '{$URL}/orders?tag={tags}&limit=5'],
    read: (text) => parseUrl(text),
  },
  {
    name: 'tool/http, what a caller says in its place',
    samples: ['../../a?b=c&d#e', 'a\r\nb: c', '%2e%2e'],
    read: fillPlaces,
  },
  {
    name: 'tool/openapi, a document',
    samples: [OPEN_API],
    read: (text) => {
      const document = readDocument(parseJson(text));
      for (const operation of operationsOf(document)) {
        httpTool(toolOf(operation, { document, prefix: 'a_', server: undefined, secrets: {} }));
      }
    },
  },
  {
    name: 'tool/http, a path into an answer',
    samples: ['order.items[].{name: title, price: price.amount}', 'a[0].b[*]."odd \\" name"[]', '{a: b.c[-1], d}'],
    read: (text) => pick({ order: { items: [{ title: 'a' }] }, a: [{ b: [[1]] }], d: 1 }, parsePath(text)),
  },
  {
    name: 'tool/http, an answer that is picked',
    samples: [
      '{"order":{"items":[{"title":"Tea","price":{"amount":3}},null]}}',
      '{"order":{"items":[[{"title":1}],2]}}',
    ],
    read: (text) => pick(parseJson(text), ORDER_PATH),
  },
  { name: 'bridge/twilio/media, what Twilio says', samples: MEDIA_EVENTS, read: (text) => readMediaEvent(text) },
  {
    name: 'bridge/twilio/media, what we say',
    samples: ['{"event":"media","streamSid":"MZ1","media":{"payload":"f39/"}}', '{"event":"clear","streamSid":"MZ1"}'],
    read: readMediaCommand,
  },
  {
    name: 'bridge/cloudonix, what Cloudonix says',
    samples: [
      '{"event":"start","sequenceNumber":"1","streamSid":"s","start":{"streamSid":"s","accountSid":"example.cloudonix.net","callSid":"m","session":"c","from":"100","to":"200","context":"inbound","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}',
      '{"event":"media","sequenceNumber":"3","streamSid":"s","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"f39/fw=="}}',
    ],
    read: (text) => readCloudonixEvent(text),
  },
  {
    name: 'bridge/cloudonix, what we say',
    samples: ['{"event":"mark","streamSid":"s","mark":{"name":"m"}}', '{"event":"clear","streamSid":"s"}'],
    read: readCloudonixCommand,
  },
  {
    name: 'bridge/exotel, what Exotel says',
    samples: [
      '{"event":"start","sequence_number":"1","stream_sid":"s","start":{"stream_sid":"s","call_sid":"c","account_sid":"a","from":"1","to":"2","custom_parameters":{"a":"b"},"media_format":{"encoding":"audio/x-raw","sample_rate":"16000","bit_rate":"16"}}}',
      '{"event":"start","streamSid":"s","start":{"streamSid":"s","callSid":"c","accountSid":"a","customParameters":{},"mediaFormat":{"encoding":"audio/x-mulaw;rate=8000"}}}',
      '{"event":"media","sequence_number":"3","stream_sid":"s","media":{"chunk":"1","timestamp":"5","payload":"f39/fw=="}}',
    ],
    read: (text) => readExotelEvent(text),
  },
  {
    name: 'bridge/exotel, what we say',
    samples: [
      '{"event":"mark","stream_sid":"s","mark":{"name":"m"},"sequence_number":"1"}',
      '{"event":"clear","stream_sid":"s"}',
    ],
    read: readExotelCommand,
  },
  {
    name: 'bridge/web, what a page says',
    samples: [
      '{"type":"start","kind":"audio","inRateHz":16000,"outRateHz":24000}',
      '{"type":"resume","received":17,"played":4800}',
      '{"type":"played","samples":4800}',
      '{"type":"cleared","samples":4800}',
      '{"type":"output","isRunning":false}',
      '{"type":"text","text":"where is it?"}',
      '{"type":"prompt","text":"where is it?","isFinal":true}',
      '{"type":"interrupt","heard":"Hello"}',
      '{"type":"speaking","who":"agent","isSpeaking":true}',
      '{"type":"digit","digit":"5"}',
      '{"type":"ack","received":16}',
    ],
    read: readPageEvent,
  },
  {
    name: 'bridge/web, what we say',
    samples: [
      '{"type":"started","resume":"key","resumeForMs":10000}',
      '{"type":"resumed","received":17}',
      '{"type":"words","who":"caller","text":"where is","isFinal":false}',
      '{"type":"say","text":"Hello","isLast":false}',
      '{"type":"ended","reason":"hung-up"}',
    ],
    read: readPageCommand,
  },
  {
    name: 'bridge/plivo, what Plivo says',
    samples: [
      '{"event":"start","sequenceNumber":0,"start":{"callId":"c","streamId":"s","accountId":"a","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-l16","sampleRate":16000}},"extra_headers":"{tenant=acme;a=b}"}',
      '{"event":"media","sequenceNumber":2,"streamId":"s","media":{"track":"inbound","timestamp":"1","chunk":1,"payload":"f39/fw=="},"extra_headers":"{}"}',
      '{"event":"playedStream","sequenceNumber":3,"streamId":"s","name":"m"}',
    ],
    read: (text) => readPlivoEvent(text),
  },
  {
    name: 'bridge/plivo, what we say',
    samples: [
      '{"event":"playAudio","media":{"contentType":"audio/x-mulaw","sampleRate":8000,"payload":"f39/"}}',
      '{"event":"checkpoint","streamId":"s","name":"m"}',
      '{"event":"sendDTMF","dtmf":"12#"}',
    ],
    read: readPlivoCommand,
  },
  {
    name: "a signature of Plivo's, its URL and its form",
    samples: [FORM, SIGNED],
    read: (text) => [
      signPlivo({ method: 'POST', url: text, form: new URLSearchParams(text), nonce: text }, 'token'),
      verifyPlivo({ method: 'GET', url: SIGNED, nonce: text }, [text], 'token'),
    ],
  },
  {
    name: 'bridge/vonage, what Vonage says',
    samples: [
      '{"event":"websocket:connected","content-type":"audio/l16;rate=16000","call_uuid":"u","from":"4477","tenant":"acme"}',
      '{"event":"websocket:dtmf","digit":"5","duration":260}',
      '{"event":"websocket:notify","payload":{"mark":"u3:1"}}',
    ],
    read: (text) => readVonageEvent(text, { inFormat: LINEAR_16, outFormat: LINEAR_16 }),
  },
  {
    name: 'bridge/asterisk, what its WebSocket says',
    samples: [
      '{"event":"MEDIA_START","channel_id":"1.2","format":"slin16","optimal_frame_size":640,"channel_variables":{"__A":"b"}}',
      'MEDIA_START connection_id:x channel:WebSocket/x/0x1 channel_id:1.2 format:ulaw optimal_frame_size:160 ptime:20',
      'MEDIA_MARK_PROCESSED u3:1',
      'DTMF_END digit:5 channel_id:1.2',
    ],
    read: readControl,
  },
  {
    name: 'bridge/asterisk, what we say by its WebSocket',
    samples: ['{"command":"MARK_MEDIA","correlation_id":"u3:1"}', 'MARK_MEDIA u3:1', 'HANGUP'],
    read: (text) => [readCommand(text, 'json'), readCommand(text, 'plain-text')],
  },
  {
    name: 'bridge/asterisk, a call that is announced, and where one goes',
    samples: [
      '{"id":"u-1","from":" 15550100","parameters":{"a":"b"}}',
      'id=u-1&from=%2B1&channel=1.2',
      '+1 (555) 010-0123',
    ],
    read: (text) => {
      const knock = { protocol: 'http', target: '', remoteAddress: undefined, body: Buffer.from(text) } as const;
      readAnnouncement({ ...knock, headers: {}, form: new URLSearchParams(text) });
      return [extensionOf(text), readAnnouncement({ ...knock, headers: { 'content-type': 'application/json' } })];
    },
  },
  {
    name: 'bridge/infobip, what Infobip says',
    samples: ['{"event":"websocket:connected","content-type":"audio/l16;rate=24000","tenant":"acme"}'],
    read: (text) => readInfobipEvent(text, { inFormat: LINEAR_16, outFormat: LINEAR_16 }),
  },
  {
    name: 'bridge/freeswitch, what mod_audio_fork says',
    samples: [
      '{"callSid":"u","from":"1001","to":"5000","sampleRate":16000,"outSampleRate":"8k","mixType":"mono","tenant":"acme"}',
      '{"type":"mark","data":{"name":"u1:1","event":"playout"}}',
      '{"event":"dtmf","dtmf":"2","duration":"1600"}',
    ],
    read: (text) => readFreeswitchEvent(text, { inFormat: LINEAR_16, outFormat: LINEAR_16 }),
  },
  {
    name: 'bridge/freeswitch, what we say',
    samples: [
      '{"type":"mark","data":{"name":"u1:1"}}',
      '{"type":"killAudio"}',
      '{"type":"transfer","data":{"to":"1001"}}',
    ],
    read: readFreeswitchCommand,
  },
  {
    name: 'a secret that is shown',
    samples: ['Basic cGFybGV5OnNlY3JldA==', 'Bearer secret'],
    read: (authorization) => shownSecret({ authorization }),
  },
  {
    name: 'bridge/jambonz/media, what jambonz says',
    samples: ['{"callSid":"c","direction":"inbound","sampleRate":8000,"mixType":"mono","note":"say \\\\\\"hi\\\\\\""}'],
    read: (text) => readJambonzMedia(text, { inFormat: LINEAR_16, outFormat: LINEAR_16 }),
  },
  {
    name: "a webhook of jambonz', its signature, and whom it is told to dial",
    samples: [signJambonz('{}', 'secret', 1_800_000_000), '{"call_sid":"c-1","from":"+15550100"}', 'sip:a@b'],
    read: (text) => [
      verifyJambonz({ signature: text, body: Buffer.from('{}'), secret: 'secret', nowSeconds: 1_800_000_000 }),
      readJambonzCall(new TextEncoder().encode(text)),
      dialVerb(text),
    ],
  },
  {
    name: 'bridge/genesys, what Genesys says',
    samples: [
      '{"version":"2","id":"s-1","type":"open","seq":1,"serverseq":0,"position":"PT0S","parameters":{"organizationId":"o-1","conversationId":"c-1","participant":{"id":"p-1","ani":"tel:+15550100","aniName":"Ann","dnis":"tel:+15550199"},"media":[{"type":"audio","format":"PCMU","channels":["external"],"rate":8000}],"inputVariables":{"tenant":"acme"}}}',
      '{"version":"2","id":"s-1","type":"ping","seq":2,"serverseq":1,"position":"PT1S","parameters":{"rtt":"PT0.02S"}}',
      '{"version":"2","id":"s-1","type":"dtmf","seq":3,"parameters":{"digit":"5"}}',
      '{"version":"2","id":"s-1","type":"error","seq":4,"parameters":{"code":429,"message":"Too Many Requests"}}',
      '{"version":"2","id":"s-1","type":"close","seq":5,"parameters":{"reason":"end"}}',
    ],
    read: readGenesysEvent,
  },
  {
    name: 'bridge/genesys, what we say, and what it signs',
    samples: [
      '{"version":"2","id":"s-1","type":"opened","seq":1,"clientseq":1,"parameters":{"startPaused":false,"media":[]}}',
      '{"version":"2","id":"s-1","type":"event","seq":2,"clientseq":1,"parameters":{"entities":[{"type":"barge_in","data":{}}]}}',
      'sig1=("@request-target" "@authority" "x-api-key");keyid="k-1";nonce="n-1";alg="hmac-sha256";created=1800000000;expires=1800000010',
    ],
    read: (text) => {
      const headers = { 'signature-input': text, signature: `sig1=:${text}:`, 'x-api-key': text };
      const secret = { clientSecret: 'YQ==', nowSeconds: 1_800_000_000 };
      return [verifyGenesys({ target: text, authority: text, headers }, secret), readGenesysCommand(text)];
    },
  },
  {
    name: 'what carriers tell of calls that were placed',
    samples: [
      '[{"StatusCallbackEvent":"busy","Session":"s-1"}]',
      '{"Status":"no-answer","CallSid":"c-1"}',
      '{"status":"machine","sub_state":"beep_start"}',
      '{"call_status":"failed","sip_status":404}',
      'CallStatus=busy&AnsweredBy=machine_end_beep&SipResponseCode=486',
      '{"type":"ChannelDestroyed","channel":{"id":"call-1"},"cause":17}',
      '?call=call-1&seal=00000000000000000000000000000000',
      Buffer.from('parley call call-1').toString('base64'),
    ],
    read: (text) => {
      const knock = { target: text, body: new TextEncoder().encode(text), form: new URLSearchParams(text) };
      const told = { protocol: 'http', headers: {}, remoteAddress: undefined, ...knock } as const;
      return [
        ...[cloudonixNews(knock), readVonageNews(readCall(knock.body)), newsInForm(knock.form)],
        readAriEvent(text, 'call-1'),
        ...[idInState(text), readTelnyxNews('call.hangup', () => text), judgeSeal(told, ['secret'])],
      ];
    },
  },
  {
    name: 'bridge/jambonz/control, what jambonz says',
    samples: [
      controlEvents.start({ msgid: 'm', callSid: 'c', from: '+1', to: '+2', parameters: { tenant: 'acme' } }),
      controlEvents.heard('m', 'where is my order?'),
      controlEvents.digits('m', '12#'),
      controlEvents.tokensResult(7, 'full'),
      controlEvents.stream('user_interruption'),
      controlEvents.status('completed'),
      '{"type":"jambonz:error","data":{"message":"no"}}',
    ],
    read: readControlEvent,
  },
  {
    name: 'bridge/jambonz/control, what we say',
    samples: [
      '{"type":"ack","msgid":"m","data":[{"verb":"answer"}]}',
      '{"type":"command","command":"tts:tokens","data":{"id":1,"tokens":"Hello"}}',
      '{"type":"command","command":"redirect","queueCommand":false,"data":[{"verb":"hangup"}]}',
      '{"type":"command","command":"dtmf","data":{"digit":"1","dtmf":{"digit":"1"}}}',
    ],
    read: readControlCommand,
  },
  {
    name: 'bridge/vonage, what we say',
    samples: ['{"action":"clear"}', '{"action":"notify","payload":{"mark":"u3:1"}}'],
    read: readVonageCommand,
  },
  {
    name: "a webhook of Vonage's, and its answer",
    samples: ['{"uuid":"u-1","from":"447700900000","to":"442079460000","status":"disconnected"}'],
    read: (text) =>
      connectSocket({ url: text, eventUrl: text, contentType: text, call: readCall(new TextEncoder().encode(text)) }),
  },
  {
    name: "a JWT of Vonage's",
    samples: [signVonage({ iat: 1_800_000_000, jti: 'j-1', api_key: 'a' }, 'secret', '{}')],
    read: (text) => verifyVonage({ token: text, secret: 'secret', nowSeconds: 1_800_000_000, body: Buffer.from('{}') }),
  },
  {
    name: 'bridge/signalwire, what SignalWire says',
    samples: [
      '{"event":"start","sequenceNumber":"1","streamSid":"s-1","start":{"streamSid":"s-1","callSid":"c-1","accountSid":"a-1","mediaFormat":{"encoding":"audio/x-L16","sampleRate":24000,"channels":1}}}',
      '{"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"5","payload":"f39/fw=="}}',
      '{"event":"dtmf","streamSid":"s-1","dtmf":{"digit":"D","duration":250}}',
    ],
    read: (text) => readSignalwireEvent(text),
  },
  {
    name: 'bridge/signalwire, what we say',
    samples: [
      '{"event":"dtmf","streamSid":"s-1","dtmf":{"digit":"5"}}',
      '{"event":"mark","streamSid":"s","mark":{"name":"m"}}',
    ],
    read: readSignalwireCommand,
  },
  {
    name: 'bridge/telnyx, what Telnyx says',
    samples: [
      '{"event":"start","sequence_number":"1","start":{"user_id":"u","call_control_id":"v3:c","from":"+1","to":"+2","custom_parameters":[{"name":"a","value":"b"}],"media_format":{"encoding":"PCMA","sample_rate":8000,"channels":1}},"stream_id":"s"}',
      '{"event":"media","sequence_number":"4","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"f39/fw=="},"stream_id":"s"}',
      '{"event":"dtmf","stream_id":"s","occurred_at":"2026-01-01T00:00:00Z","sequence_number":"5","dtmf":{"digit":"1"}}',
      '{"event":"error","stream_id":"s","payload":{"code":100003,"title":"Malformed frame","detail":"x"}}',
    ],
    read: (text) => readTelnyxEvent(text),
  },
  {
    name: 'bridge/telnyx, what we say',
    samples: ['{"event":"media","media":{"payload":"f39/"}}', '{"event":"mark","mark":{"name":"m"}}'],
    read: readTelnyxCommand,
  },
  {
    name: "a signature of Telnyx's, its time, its body and its key",
    samples: ['1794847000', 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE='],
    read: (text) => [
      verifyTelnyx({ timestamp: text, signature: text, body: Buffer.from(text) }, [text], 1_794_847_000_000),
      isPublicKey(text),
    ],
  },
  { name: 'bridge/twilio/relay, what Twilio says', samples: RELAY_EVENTS, read: readRelayEvent },
  {
    name: 'bridge/twilio/relay, what we say',
    samples: ['{"type":"text","token":"hi","last":true}', '{"type":"end","handoffData":"{}"}'],
    read: readRelayCommand,
  },
  { name: 'speak/lightning, a frame', samples: LIGHTNING, read: (text) => readFrame(text, 'secret') },
  { name: 'speak/lightning, an event', samples: LIGHTNING, read: (text) => readEvent(text, 'secret') },
  { name: 'listen/pulse, a frame', samples: PULSE, read: (text) => readPulseFrame(text, 'secret') },
  {
    name: "a provider's error",
    samples: ERRORS,
    read: (text) => [
      readErrorBody(400, { 'retry-after': text, 'x-request-id': text }, text, { secret: 'secret', epochMs: 0 }),
      readErrorFrame(parseJson(text) ?? text, { secret: 'secret' }),
      readRetryAfter({ 'retry-after-ms': text }, 0),
    ],
  },
  { name: 'TwiML', samples: TWIML, read: readTwiml },
  {
    name: 'what an action URL is told',
    samples: ['{"action":"transfer","to":"+15550123"}', '{"action":"hang-up"}'],
    read: afterRelay,
  },
  {
    name: 'a signature, its URL and its form',
    samples: [FORM, SIGNED, signRequest('token', SIGNED, new URLSearchParams(FORM))],
    read: (text) => [
      verifySignature({ url: SIGNED, signature: text, authTokens: ['token'], form: new URLSearchParams(text) }),
      verifySignature({ url: text, signature: 'AAAA', authTokens: ['token', text], rawBody: Buffer.from(text) }),
    ],
  },
  {
    name: 'who knocks: a token, an origin, an address',
    samples: ['Bearer abcdef', '/twilio/media?token=abc&x=%zz', '1.2.3.4, ::ffff:1.2.3.4', '2001:db8::1', '/x?a=b#c'],
    read: (text) => {
      const headers = { authorization: text, origin: text, 'x-forwarded-for': text, 'x-twilio-signature': text };
      const knock = { target: text, protocol: 'ws', headers, remoteAddress: text } as const;
      return [
        judgeAtTwilio(knock, { authTokens: ['t'], bridgeTokens: ['u'], publicUrl: 'https://voice.example.com' }),
        judgeAtTwilio({ ...knock, headers: {} }, { authTokens: [], bridgeTokens: ['u'], publicUrl: undefined }),
        addressOf(knock, 1),
        addressOf(knock, 0),
      ];
    },
  },
  {
    name: 'a setting',
    samples: ['8080', 'true', 'https://voice.example.com', 'a,b', 'ACxyz', 'media'],
    read: (text) => readSettings(Object.fromEntries(Object.values(SETTINGS).map(({ env }) => [env, text]))),
  },
  { name: 'a recorded call', samples: [RECORDING], read: replay },
  {
    name: 'a line of `parley chat --json`',
    samples: ['{"type":"say","text":"hi"}', '{"type":"interrupt"}', 'hello'],
    read: readChatLine,
  },
  {
    name: "a tool's arguments",
    samples: ['{"a":{"b":[1,{"c":"d"}],"e":null},"when":"2026-01-01"}'],
    read: (text) => canonicalJson(parseJson(text)),
  },
  {
    name: 'text to be spoken',
    samples: SPOKEN,
    read: (text) => {
      const [cleaner, cutter] = [new SpeechCleaner(), new ClauseCutter()];
      const half = text.length >> 1;
      const clean = cleaner.push(text.slice(0, half)) + cleaner.push(text.slice(half)) + cleaner.end();
      return [cutter.push(clean), toId(text)];
    },
  },
  {
    name: 'what a caller has said: is it finished, and is it a listener?',
    samples: [
      'I want to fly to Delhi, um, on the 21st. My number is 98-76 54.',
      'Yes, please. हाँ जी, ठीक है। 好的好的',
      WORDS,
    ],
    read: (text) => [
      ...[hasWords(text), wordsIn(text).length],
      ...(['en', 'in', 'es', 'asia'] as const).map((speech) => [
        questionIn(text, speech),
        oddsOfEnd(text, NO_QUESTION, speech),
        oddsOfEnd(text, questionIn(text, speech), speech),
      ]),
      ...['en', 'zh', 'multi'].map((language) => [
        backchannelsOf(language).isBackchannel(text),
        backchannelsOf(language).isCall(text),
        backchannelsOf(language).meaningfulWords(text),
      ]),
    ],
  },
  {
    name: 'a log line',
    samples: [...ERRORS, '{"callId":"CA1","text":"hi","from":"+15550100"}'],
    read: (text) => silent.warn({ note: text, tree: parseJson(text), err: new Error(text) }, text),
  },
];

export const BYTES_READERS: BytesReader[] = [
  {
    name: 'bridge/asterisk, AudioSocket',
    samples: [
      uuidPacketOf('40325ec2-5efd-4bd3-805f-53576e581d13'),
      packetOf(0x10, new Uint8Array(320)),
      packetOf(KINDS.digit, Buffer.from('#')),
    ].map((packet) => packet.toString('latin1')),
    read: (pieces) => {
      const reader = new AudioSocketReader();
      for (const piece of pieces) {
        reader.push(Buffer.from(piece));
        while (reader.next());
      }
    },
  },
  {
    name: "model/electron, a model's answer",
    samples: STREAM,
    read: (pieces) => {
      const reader = new StreamReader(() => undefined, { secret: 'secret' });
      for (const piece of pieces) reader.feed(piece);
      reader.end();
    },
  },
  {
    name: 'speak/lightning, server-sent events and samples',
    samples: ['data: {"audio":"AAA="}\n\ndata: {"done":true}\r\n\r\n', 'event: x\ndata: a\ndata: b\n\n'],
    read: (pieces) => {
      const [reader, samples] = [new EventReader(), new WholeSamples()];
      const data = pieces.flatMap((piece) => (samples.push(piece), reader.push(piece)));
      return [...data, ...reader.end()].map((event) => readEvent(event, 'secret'));
    },
  },
  ...['text/event-stream', 'application/json'].map((contentType) => ({
    name: `listen/openai-transcriptions, an answer as ${contentType}`,
    samples: TRANSCRIPTIONS,
    read: (pieces: readonly Uint8Array[]) => {
      const reader = new TranscriptReader(contentType, 'secret');
      for (const piece of pieces) reader.push(piece);
      const transcription = reader.end();
      return [saidIn(transcription, { voiceMs: 1e9, prompt: 'Acme' }), reader.failure];
    },
  })),
  {
    name: 'speak/openai-speech, the bytes of a sound',
    samples: [
      Buffer.from(writeWav({ sampleRateHz: 22_050, channels: [Int16Array.from([1, -2, 3])] })).toString('latin1'),
      'ID3 and so on',
      '\x01\x02\x03',
    ],
    read: (pieces) => {
      const reader = new SpeechReader({ contentType: 'audio/pcm;rate=16000', pcmRateHz: 24_000, rateHz: 24_000 });
      try {
        for (const piece of pieces) reader.push(piece);
        return reader.end();
      } finally {
        reader.free();
      }
    },
  },
  {
    name: 'a WAV file that is still coming',
    samples: (['linear16', 'mulaw'] as const).map((encoding) => {
      const channels = [Int16Array.from([1, -2, 3]), Int16Array.from([4, 5, 6])];
      return Buffer.from(writeWav({ sampleRateHz: 8_000, channels }, encoding)).toString('latin1');
    }),
    read: (pieces) => {
      const stream = new WavStream();
      return pieces.map((piece) => stream.push(piece));
    },
  },
  {
    name: 'a WAV file',
    samples: (['linear16', 'mulaw'] as const).map((encoding) => {
      const channels = [Int16Array.from([1, -2, 3]), Int16Array.from([4, 5, 6])];
      return Buffer.from(writeWav({ sampleRateHz: 8_000, channels }, encoding)).toString('latin1');
    }),
    read: (pieces) => readWav(Buffer.concat(pieces)),
  },
];
