/** Hindi, Gujarati, Marathi, Bengali, Odia, Tamil, Telugu, Kannada and Malayalam; each is mixed with English freely. */
import type { ListenerWords } from './contract.ts';

export const INDIA: Readonly<Record<string, ListenerWords>> = {
  hi: {
    answers: `
      हाँ, हा, हाँ हाँ, हाँजी, हाँ जी, जी, जी हाँ, जी जी, जी बिल्कुल, अच्छा, ठीक, ठीक है, सही, सही है, सही बात है, बिल्कुल, समझ गया, समझ गई, समझ गयी, समझा, समझी, ओके, ओके जी, हाँ ठीक है, बढ़िया, चलो ठीक है, हो, राइट, यस, ज़रूर, जरूर, पता है, मालूम है,
      haan, haa, han, haanji, hanji, haan ji, ji, ji haan, ji ji, achha, accha, acha, theek, theek hai, thik, thik hai, thik h, tik hai, sahi, sahi hai, bilkul, bilkul sahi, samajh gaya, samajh gayi, samjha, samjhi, badhiya, zaroor, zarur, jaroor, pata hai, haan theek hai`,
    sounds:
      'हम्म, हूँ, हूं, हं, अच्छा जी, ओह, ओहो, अरे, अरे वाह, वाह, उम, अं, ऊँ, मतलब, आगे, hoon, hun, hmm ji, oho, arre, are, arre wah, wah, matlab, acha ji',
    calls:
      'हेलो, हैलो, हलो, हेलो जी, सुन रहे हैं, सुन रहे हो, आप सुन रहे हैं, सुनिए, आवाज़ आ रही है, आवाज आ रही है, मेरी आवाज़ आ रही है, कोई है, आप हैं, आप वहाँ हैं, helo, sun rahe hain, sun rahe ho, aap sun rahe hain, suniye, awaaz aa rahi hai, aawaz aa rahi hai, koi hai, aap hain, namaste, नमस्ते',
  },
  gu: {
    answers: `
      હા, હાં, હા હા, હાજી, હા જી, જી, જી હા, સારું, સારુ, ઠીક, ઠીક છે, બરાબર, બરોબર, બરાબર છે, સાચું, સાચી વાત, ચોક્કસ, સમજી ગયો, સમજી ગઈ, સમજ્યો, ઓકે, હો, ભલે, ચાલશે,
      haa, ha, han, haji, haaji, ha ji, ji, ji ha, saru, saaru, thik, thik che, theek che, barabar, barobar, barabar che, sachu, sachi vaat, chokkas, samji gayo, samji gai, samajyo, bhale, chalse, chalshe`,
    sounds: 'હં, હમ્મ, હમ, ઓહ, અચ્છા, એમ, એમ કે, અરે, અરે વાહ, વાહ, hmm, achha, accha, em, em ke, are, arre, vah, wah',
    calls:
      'હેલો, હલો, સાંભળો છો, તમે સાંભળો છો, મારો અવાજ આવે છે, અવાજ આવે છે, કોઈ છે, તમે છો, helo, sambhlo cho, sambhalo cho, avaj aave che, awaj ave che, koi che',
  },
  mr: {
    answers: `
      हो, हो हो, होय, हां, हा, हो का, बरं, बर, बरोबर, बरोबर आहे, ठीक, ठीक आहे, चालेल, छान, नक्की, अगदी, अगदी बरोबर, कळलं, कळले, समजलं, समजले, मान्य, जी, ओके, हो ना, खरं आहे, सही,
      ho, hoy, hoye, haa, ha, ho ho, bara, bar, barobar, barobar aahe, barobar ahe, thik, thik aahe, thik ahe, theek aahe, chalel, chaalel, chan, chhan, nakki, agdi, kalla, kalale, samajla, samajle, ho na, khara aahe, sahi`,
    sounds:
      'हं, हम्म, हूं, अच्छा, असं, असं का, अस्सं, अरे, अरे वा, वा, ओह, हो का, अगं, asa, asa ka, achha, accha, are, arre, arre va, hun',
    calls:
      'हॅलो, हेलो, हलो, ऐकताय का, ऐकू येतंय का, माझा आवाज येतोय का, आवाज येतोय का, कोणी आहे का, आहात का, तुम्ही आहात का, helo, aikta ka, aiktay ka, awaj yetoy ka, aavaj yetoy ka, koni aahe ka, aahat ka',
  },
  bn: {
    answers: `
      হ্যাঁ, হ্যা, হাঁ, হা, হ্যাঁ হ্যাঁ, জি, জ্বি, জী, জি হ্যাঁ, আচ্ছা, ঠিক, ঠিক আছে, ঠিকাছে, ঠিক ঠিক, ভালো, বেশ, হুম, হু, বুঝেছি, বুঝলাম, বুঝতে পেরেছি, অবশ্যই, নিশ্চয়ই, একদম, সত্যি, ওকে, হবে, তাই,
      hyan, hya, haan, ha, hae, hyaan, ji, jee, accha, achha, acha, thik, thik ache, thik achhe, theek ache, thikache, bhalo, besh, bujhechi, bujhlam, bujhte perechi, obosshoi, oboshyoi, nischoi, ekdom, sotti`,
    sounds:
      'হুঁ, হুমম, ও, ওহ, আহ, ও আচ্ছা, ও তাই, তাই নাকি, তাই বুঝি, আরে, বাহ, উম, মানে, hum, hu, o accha, o achha, tai, tai naki, tai bujhi, are, arre, bah, mane',
    calls:
      'হ্যালো, হেলো, হ্যালো হ্যালো, শুনছেন, শুনতে পাচ্ছেন, আপনি শুনছেন, আমার কথা শুনতে পাচ্ছেন, কেউ আছেন, আছেন, helo, hyalo, shunchen, sunchen, shunte pacchen, sunte pachchen, keu achen, achen',
  },
  or: {
    answers: `
      ହଁ, ହଁ ହଁ, ହ, ହଉ, ହୌ, ଆଜ୍ଞା, ଆଜ୍ଞା ହଁ, ହଁ ଆଜ୍ଞା, ଠିକ, ଠିକ ଅଛି, ଠିକ୍, ଠିକ୍ ଅଛି, ଭଲ, ବୁଝିଗଲି, ବୁଝିଲି, ନିଶ୍ଚୟ, ସତ, ଓକେ, ଆଚ୍ଛା, ହେଉ,
      han, haan, hau, hou, ho, agya, agyan, aagya, aagyan, han agya, thik, thik achhi, thik achi, theek achhi, bhala, bujhigali, bujhili, nischaya, nishchaya, sata, achha, accha, heu`,
    sounds: 'ହୁଁ, ହମ୍, ହମ୍ମ, ଓ, ଓହ, ଓହୋ, ଆରେ, ବାଃ, ଏମିତି, hun, hum, oho, are, arre, bah, emiti',
    calls:
      'ହେଲୋ, ହାଲୋ, ହେଲ, ଶୁଣୁଛନ୍ତି, ଶୁଣୁଛନ୍ତି କି, ଆପଣ ଶୁଣୁଛନ୍ତି, କେହି ଅଛନ୍ତି, ଅଛନ୍ତି, helo, sunuchhanti, sunuchanti, sunuchhanti ki, kehi achhanti, achhanti',
  },
  ta: {
    answers: `
      ஆமா, ஆமாம், ஆம், ஆமாங்க, சரி, சரிங்க, சரி சரி, ஓகே, நல்லது, புரிஞ்சது, புரிஞ்சுது, புரிந்தது, புரியுது, தெரியும், கண்டிப்பா, கண்டிப்பாக, நிச்சயமா, உண்மை, அப்படியே, ஆகட்டும், ம்ம் சரி,
      aama, ama, aamaa, aamaam, amam, aam, aamanga, amanga, sari, seri, sari sari, seri seri, saringa, seringa, nallathu, nalladhu, purinjudhu, purinjuthu, purinjathu, purinthathu, puriyudhu, puriyuthu, theriyum, kandippa, kandippaga, nichayama, unmai, apdiye, appadiye, aagattum`,
    sounds:
      'ம், ம்ம், ம்ம்ம், ஓ, ஓஹோ, ஆ, ஹ்ம், ஹும், அப்படியா, அப்படிங்களா, ஐயோ, அடடா, ஓ அப்படியா, oho, apdiya, appadiya, appadiyaa, apdingala, aiyo, ayyo, adada, hum',
    calls:
      'ஹலோ, ஹெலோ, கேக்குதா, கேட்குதா, கேட்கிறதா, இருக்கீங்களா, இருக்கிறீர்களா, லைன்ல இருக்கீங்களா, யாராவது இருக்கீங்களா, helo, kekkudha, kekkutha, ketkudha, ketkutha, irukkeengala, irukingala, line la irukingala',
  },
  te: {
    answers: `
      అవును, అవునండి, ఔను, అవునవును, సరే, సరేనండి, సరే సరే, ఓకే, బాగుంది, మంచిది, అలాగే, అలాగేనండి, అర్థమైంది, అర్థమయింది, తెలుసు, నిజమే, నిజం, కరెక్ట్, తప్పకుండా, ఖచ్చితంగా,
      avunu, avunandi, aunu, ounu, sare, saré, sarenandi, sare sare, sarle, bagundi, baagundi, manchidi, alage, alaage, alagenandi, ardhamaindi, arthamaindi, ardhamayindi, telusu, nijame, nijam, tappakunda, thappakunda, kachitanga, khachitanga`,
    sounds:
      'ఆ, ఆఁ, ఊ, ఊఁ, హా, హాఁ, హ్మ్, హమ్మ్, మ్, ఓ, ఓహో, అలాగా, అవునా, అయ్యో, అబ్బో, haa, ha, aa, oo, oho, alaga, alaaga, avuna, avunaa, ayyo, abbo',
    calls:
      'హలో, హెలో, వినిపిస్తుందా, వినిపిస్తోందా, వింటున్నారా, ఉన్నారా, లైన్లో ఉన్నారా, ఎవరైనా ఉన్నారా, helo, vinipistunda, vinipisthunda, vintunnara, unnara, line lo unnara',
  },
  kn: {
    answers: `
      ಹೌದು, ಹೌದಾ, ಹೌದ್ರಿ, ಹೌದು ಹೌದು, ಹಾ, ಹಾಂ, ಸರಿ, ಸರಿ ಸರಿ, ಸರೀನಾ, ಓಕೆ, ಆಯ್ತು, ಆಯಿತು, ಒಳ್ಳೆಯದು, ಒಳ್ಳೇದು, ಅರ್ಥವಾಯಿತು, ಅರ್ಥ ಆಯ್ತು, ಗೊತ್ತಾಯ್ತು, ಗೊತ್ತು, ನಿಜ, ಖಂಡಿತ, ಖಂಡಿತವಾಗಿ, ಕರೆಕ್ಟ್,
      howdu, haudu, houdu, howda, hauda, howdri, haa, ha, haan, sari, sari sari, aaytu, aytu, aayitu, ayitu, olleyadu, olledu, arthavayitu, artha aaytu, artha aytu, gottaytu, gothaytu, gottu, gothu, nija, khandita, khanditha`,
    sounds:
      'ಹೂಂ, ಹೂ, ಹ್ಮ್, ಹಮ್ಮ್, ಮ್, ಓ, ಓಹೋ, ಹಾಗಾ, ಹೌದೇ, ಅಯ್ಯೋ, ಅರೆ, hoon, hu, hun, oho, haaga, haga, hagaa, howde, ayyo, are, arre',
    calls:
      'ಹಲೋ, ಹೆಲೋ, ಕೇಳಿಸ್ತಿದೆಯಾ, ಕೇಳಿಸುತ್ತಿದೆಯಾ, ಕೇಳ್ತಿದೀರಾ, ಇದ್ದೀರಾ, ಇದೀರಾ, ಯಾರಾದ್ರೂ ಇದ್ದೀರಾ, helo, kelistideya, kelisthideya, keltidira, iddira, iddeera, ideera',
  },
  ml: {
    answers: `
      അതെ, അതേ, അതെയതെ, ഉവ്വ്, ഉവ്വ, ശരി, ശരി ശരി, ശരിയാണ്, ഓക്കെ, ഓകെ, ഒക്കെ, ആയിക്കോട്ടെ, നല്ലത്, കൊള്ളാം, മനസ്സിലായി, മനസിലായി, അറിയാം, തീർച്ചയായും, സത്യം, ഉം, ആ ശരി,
      athe, adhe, ate, atheyathe, uvvu, uvva, sheri, shari, seri, sari, sheri sheri, shariyanu, sheriyanu, aayikotte, ayikkotte, nallathu, kollam, kollaam, manasilayi, manassilayi, manasilaayi, ariyam, ariyaam, theerchayayum, theerchayaayum, sathyam`,
    sounds:
      'മ്, മ്മ്, ഉം, ഹ്മ്, ഹും, ആ, ആഹാ, ഓ, ഓഹോ, ഓ അതെയോ, അതെയോ, ആണോ, അങ്ങനെയാണോ, അയ്യോ, aha, oho, atheyo, aano, ano, anganeyano, ayyo, um, hum',
    calls:
      'ഹലോ, ഹെലോ, കേൾക്കാമോ, കേൾക്കുന്നുണ്ടോ, കേൾക്കുന്നില്ലേ, ഉണ്ടോ, അവിടെയുണ്ടോ, അവിടെ ഉണ്ടോ, ആരെങ്കിലും ഉണ്ടോ, helo, kelkkamo, kelkkunnundo, kelkunnundo, undo, avideyundo, avide undo',
  },
};
