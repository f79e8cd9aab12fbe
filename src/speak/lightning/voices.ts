/**
 * Which voice belongs to which model, and what each model speaks (`wire/lightning.md` 8). The service does not reject a
 * wrong pair, it speaks it wrongly: so it is refused here.
 */
import { VoiceError } from '../../lib/errors.ts';

/** What Lightning speaks with. */
export type LightningVoiceOptions = {
  /** Catalogue or clone id, such as `magnus`. */
  id: string;
  /** Synthesis model, such as `lightning_v3.1`. */
  model: string;
  language: string;
  /** 0.5 to 2. */
  speed: number;
  /** Ids of pronunciation dictionaries. Default: none. */
  pronunciations?: readonly string[];
  /** Whether live speech asks for them too, or whole phrases alone. Default false. */
  livePronunciations?: boolean;
};

export type LightningModel = 'lightning_v3.1' | 'lightning_v3.1_pro';

const STANDARD = ids(`
  jordan robert johnny lucas magnus ronald blofeld zorin felix malcolm daniel
  lauren hannah vanessa brooke olivia rachel nicole elizabeth ilsa christine quinn mia
  william erica chloe
  sunidhi chinmayi aanya siya anuja avni ishani yuvika advika sana sameera srishti sakshi maya maithili
  wasim rehan parth atharv vivaan devansh aarush neel mihir
  daniella camilla alba nerea marcos david miguel
  jeevan rajeshwari srihari padmaja pranav deepashri vaisakh shibi nilesh rupali dhruvit niharika
  sophia avery liam kartik`);

const PRO = ids(`
  kaitlyn savannah amelia zoe ruby leah jenna kate molly sara fiona
  blake austin henry jack leo luke owen
  sophie ellie cressida ottilie elowen seraphina sam benedict cormac rupert finley
  rhea zariya kareena mishka inaaya saira meher aarini aviraj vyom zoravar reyansh ahan
  mrunal manasi ketaki tejaswini mandar tushar
  malar nila tamilselvi mathan dinesh prabhu ezhil kavin tamizh barath sakthi murugan
  parvathy lakshmi vishnu sreenath unni aravindan
  sravani swathi naveen charan sasank bhaskar gopal manohar
  spoorthi rashmi varsha sahana rakshith kishore yogesh gowtham shankar basava
  jasleen manmeet rajdeep tejinder sukhdeep amrit gagandeep
  rajib tanmoy subhro arghya indranil
  sasmita ankita subrat debasish sambit pratik rakesh smruti
  krupa riddhi jignesh mit keval
  layla adam hazel vivian dylan silas eli nora bryce miles cole
  aria mila daisy jasper june sasha roman beau wes kai
  hanna lea petra max ben markus finn
  martina ines paula sebastian mateo gabriel
  manon juliette lucie elise amelie louis nicolas maxime raphael
  silvia concetta arianna davide luca leonardo
  juliana leticia gustavo thiago bruno catarina francisco
  anastasia ekaterina olga irina andrei nikolai maksim
  katerina dimitra athina dimitris vasilis aino helmi venla mika timo matti
  solveig marit kristian espen ewa joanna tomasz jakub`);

const STANDARD_LANGUAGES = [
  ...(['auto', 'en', 'es', 'fr', 'de', 'it', 'nl', 'sv', 'pt', 'pl', 'ru'] as const),
  ...(['hi', 'mr', 'gu', 'pa', 'bn', 'or', 'ta', 'te', 'kn', 'ml'] as const),
];
const MORE_LANGUAGES = ['el', 'fi', 'no', 'zh', 'ja', 'ko', 'id', 'ms', 'vi', 'tr', 'ar'] as const;

/** What Lightning speaks; `auto`: it finds out. */
export type LightningLanguage = (typeof STANDARD_LANGUAGES)[number] | (typeof MORE_LANGUAGES)[number];

/** Voices and languages by model. The catalogue grows: a voice that is in neither list may exist. */
export const LIGHTNING_MODELS: Readonly<
  Record<LightningModel, { voices: ReadonlySet<string>; languages: ReadonlySet<string> }>
> = {
  'lightning_v3.1': { voices: STANDARD, languages: new Set(STANDARD_LANGUAGES) },
  'lightning_v3.1_pro': { voices: PRO, languages: new Set([...STANDARD_LANGUAGES, ...MORE_LANGUAGES]) },
};

/** The only voices that tell when each word was spoken. */
export const WORD_TIMESTAMP_VOICES: ReadonlySet<string> = ids('meher devansh kartik maithili liam avery');

/** Sockets of the account for each synthesis that it may run at once: open ones, the spare and closing ones counted. */
export const SOCKETS_PER_SYNTHESIS = 5;

export const LIGHTNING_SAMPLE_RATES: readonly number[] = [8_000, 16_000, 24_000, 44_100];

function ids(list: string): Set<string> {
  return new Set(list.trim().split(/\s+/));
}

/**
 * Checks a voice against its model and language.
 * @returns What is doubtful about it, in a sentence: a voice that is in no list.
 * @throws {VoiceError} `options-invalid`, naming the field and what was expected.
 */
export function checkVoice(voice: LightningVoiceOptions): string | undefined {
  const model = checkModel(voice.model);
  checkLanguage(model, voice.language);
  if (!(voice.speed >= 0.5 && voice.speed <= 2)) {
    throw invalid('`voice.speed` to be from 0.5 to 2', voice.speed);
  }
  return checkId(model, voice.id);
}

function checkModel(model: string): LightningModel {
  for (const known of modelNames) if (known === model) return known;
  const meant = modelNames.find((known) => known === model.toLowerCase().replaceAll('-', '_'));
  throw invalid(
    `\`voice.model\` to be ${quoteAll(modelNames)}${meant ? ` (with an underscore: \`${meant}\`)` : ''}`,
    model,
  );
}

function checkLanguage(model: LightningModel, language: string): void {
  const { languages } = LIGHTNING_MODELS[model];
  if (languages.has(language)) return;
  const isPro = LIGHTNING_MODELS['lightning_v3.1_pro'].languages.has(language);
  const hint = isPro ? '; `lightning_v3.1_pro` speaks it' : '';
  throw invalid(`\`voice.language\` to be one that \`${model}\` speaks (${[...languages].join(' ')})`, language, hint);
}

function checkId(model: LightningModel, id: string): string | undefined {
  if (id === '' || id !== id.toLowerCase() || /\s/.test(id)) {
    throw invalid('`voice.id` to be a voice id in lower case, such as `magnus`', id);
  }
  if (LIGHTNING_MODELS[model].voices.has(id) || id.startsWith('voice_')) return undefined;
  for (const other of modelNames) {
    if (!LIGHTNING_MODELS[other].voices.has(id)) continue;
    const [one, two] = [...LIGHTNING_MODELS[model].voices];
    const hint = `, a voice of \`${other}\`: set \`voice.model\` to that, or take another voice`;
    throw invalid(`\`voice.id\` to be a voice of \`${model}\`, such as \`${one}\` or \`${two}\``, id, hint);
  }
  const near = [...LIGHTNING_MODELS[model].voices].filter((known) => isOneEditAway(known, id));
  const guess = near.length > 0 ? ` Did you mean ${quoteAll(near)}?` : '';
  return `The voice \`${id}\` is in no list of \`${model}\` known here; the service does not refuse a wrong one.${guess}`;
}

const modelNames: readonly LightningModel[] = ['lightning_v3.1', 'lightning_v3.1_pro'];

function invalid(expected: string, got: unknown, hint = ''): VoiceError {
  return new VoiceError('options-invalid', `Expected ${expected}, got \`${String(got)}\`${hint}`);
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' or ');
}

function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  return short.slice(long.length === short.length ? at + 1 : at) === long.slice(at + 1);
}
