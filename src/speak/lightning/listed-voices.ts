/**
 * The voices that the documents list (`wire/lightning.md` 8.2), with what they say of each: the languages it was trained
 * on, its sex, its accent. What no page says is undefined here, and told as unknown: names are no facts.
 */

export interface ListedVoice {
  id: string;
  /** By code. Empty: unknown. */
  languages: readonly string[];
  gender: 'female' | 'male' | undefined;
  accent: string | undefined;
}

type Facts = Partial<Pick<ListedVoice, 'languages' | 'gender' | 'accent'>>;

/** Voices that are listed under one heading. */
const under = ({ languages = [], gender, accent }: Facts, ids: string): ListedVoice[] =>
  ids
    .trim()
    .split(/\s+/)
    .map((id) => ({ id, languages, gender, accent }));

/** Of a language, whose page tells no sex. */
const speaking = (language: string, ids: string, accent?: string): ListedVoice[] =>
  under({ languages: [language], ...(accent !== undefined && { accent }) }, ids);

const english = (accent: string, gender: 'female' | 'male', ids: string): ListedVoice[] =>
  under({ languages: ['en'], accent, gender }, ids);

const indian = (gender: 'female' | 'male', ids: string): ListedVoice[] =>
  under({ languages: ['en', 'hi'], accent: 'Indian', gender }, ids);

/** Of `lightning_v3.1`. */
export const STANDARD: readonly ListedVoice[] = [
  ...english('American', 'male', 'jordan robert johnny lucas magnus ronald blofeld zorin felix malcolm daniel'),
  ...english(
    'American',
    'female',
    'lauren hannah vanessa brooke olivia rachel nicole elizabeth ilsa christine quinn mia',
  ),
  ...speaking('en', 'william erica', 'Canadian'),
  ...speaking('en', 'chloe', 'Australian'),
  ...indian('female', 'sunidhi chinmayi aanya siya anuja avni ishani yuvika advika sana sameera srishti sakshi maya'),
  ...indian('female', 'maithili'),
  ...indian('male', 'wasim rehan parth atharv vivaan devansh aarush neel mihir'),
  ...speaking('es', 'daniella camilla alba nerea marcos david miguel'),
  ...speaking('ta', 'jeevan rajeshwari'),
  ...speaking('te', 'srihari padmaja'),
  ...speaking('kn', 'pranav deepashri'),
  ...speaking('ml', 'vaisakh shibi'),
  ...speaking('mr', 'nilesh rupali'),
  ...speaking('gu', 'dhruvit niharika'),
  ...under({}, 'sophia avery liam kartik'), // in examples, without a word about them
];

/** Of `lightning_v3.1_pro`. */
export const PRO: readonly ListedVoice[] = [
  ...english('American', 'female', 'kaitlyn savannah amelia zoe ruby leah jenna kate molly sara fiona'),
  ...english('American', 'male', 'blake austin jack leo luke owen'),
  ...english('American, British', 'male', 'henry'), // listed under both
  ...english('British', 'female', 'sophie ellie cressida ottilie elowen seraphina'),
  ...english('British', 'male', 'sam benedict cormac rupert finley'),
  ...indian('female', 'rhea zariya kareena mishka inaaya saira meher aarini'),
  ...indian('male', 'aviraj vyom zoravar reyansh ahan'),
  ...speaking('mr', 'mrunal manasi ketaki tejaswini mandar tushar'),
  ...speaking('ta', 'malar nila tamilselvi mathan dinesh prabhu ezhil kavin tamizh barath sakthi murugan'),
  ...speaking('ml', 'parvathy lakshmi vishnu sreenath unni aravindan'),
  ...speaking('te', 'sravani swathi naveen charan sasank bhaskar gopal manohar'),
  ...speaking('kn', 'spoorthi rashmi varsha sahana rakshith kishore yogesh gowtham shankar basava'),
  ...speaking('pa', 'jasleen manmeet rajdeep tejinder sukhdeep amrit gagandeep'),
  ...speaking('bn', 'rajib tanmoy subhro arghya indranil'),
  ...speaking('or', 'sasmita ankita subrat debasish sambit pratik rakesh smruti'),
  ...speaking('gu', 'krupa riddhi jignesh mit keval'),
  ...speaking('ar', 'layla adam'),
  ...speaking('zh', 'hazel vivian dylan silas eli'),
  ...speaking('id', 'nora bryce miles cole'),
  ...speaking('ja', 'aria mila daisy jasper'),
  ...speaking('ko', 'june'),
  ...speaking('ms', 'sasha roman'),
  ...speaking('tr', 'beau wes'),
  ...speaking('vi', 'kai'),
  ...speaking('de', 'hanna lea petra max ben markus finn'),
  ...speaking('es', 'martina ines paula sebastian mateo gabriel'),
  ...speaking('fr', 'manon juliette lucie elise amelie louis nicolas maxime raphael'),
  ...speaking('it', 'silvia concetta arianna davide luca leonardo'),
  ...speaking('pt', 'juliana leticia gustavo thiago bruno', 'Brazilian'),
  ...speaking('pt', 'catarina francisco', 'of Portugal'),
  ...speaking('ru', 'anastasia ekaterina olga irina andrei nikolai maksim'),
  ...speaking('el', 'katerina dimitra athina dimitris vasilis'),
  ...speaking('fi', 'aino helmi venla mika timo matti'),
  ...speaking('no', 'solveig marit kristian espen'),
  ...speaking('pl', 'ewa joanna tomasz jakub'),
];
