/** English, German, Spanish, French, Italian, Portuguese, Dutch and Russian. */
import type { ListenerWords } from './contract.ts';

export const EUROPE: Readonly<Record<string, ListenerWords>> = {
  // With what English takes from Hindi where both are spoken.
  en: {
    answers: `
      kay, alright, all right, right, yeah, yep, yup, yes, ya, yah, sure, great, good, nice, fine, cool, correct, exactly,
      absolutely, definitely, of course, got it, gotcha, i got it, i see, i understand, understood, makes sense, sounds good,
      fair enough, very good, very well, perfect, lovely, indeed, thats right, thats fine, no problem,
      haan, haa, han, haanji, hanji, haan ji, ji, ji haan, achha, accha, acha, theek, theek hai, thik, thik hai, sahi, sahi hai,
      हाँ, हा, जी, जी हाँ, अच्छा, ठीक, ठीक है, सही`,
    sounds: 'uhm, erm, huh, wow, oh wow, oh really, really, oh i see, oh okay, oh right, go on, हम्म',
    calls: `
      hey, hello there, hi there, anyone there, anybody there, is anyone there, is anybody there, are you there, you there,
      are you still there, still there, can you hear me, do you hear me, hello can you hear me, are you listening`,
  },
  de: {
    answers: `
      ja, jap, jep, jo, joa, jawohl, ja ja, jaja, genau, ja genau, gut, ja gut, na gut, also gut, richtig, stimmt, das stimmt, klar,
      na klar, alles klar, ist klar, sicher, natürlich, naturlich, natuerlich, verstehe, ich verstehe, verstanden, schön, prima,
      super, toll, passt, das passt, in ordnung, einverstanden, gern, gerne, ok gut, eben`,
    sounds:
      'äh, ähm, aeh, aehm, öh, tja, so, aso, ach, ach so, achso, ach ja, aja, ah ja, na ja, naja, soso, so so, wow, echt, ach was',
    calls:
      'hallo hallo, sind sie da, sind sie noch da, bist du da, bist du noch da, noch da, hören sie mich, horen sie mich, hoeren sie mich, hörst du mich, ist da jemand, ist da wer',
  },
  es: {
    answers: `
      sí, si, síp, sip, claro, claro que sí, sí claro, por supuesto, vale, va, bueno, bien, muy bien, está bien, esta bien,
      de acuerdo, correcto, exacto, exactamente, perfecto, entiendo, ya entiendo, entendido, comprendo, ya, ya ya, ya veo, así es, asi es,
      eso, eso es, dale, listo, órale, orale, sale, cierto, verdad, genial, cómo no, como no, sí señor, si senor, ándale`,
    sounds: 'ajá, aja, ajam, ujum, este, pues, a ver, ah sí, ah bueno, ah ya, ah vale, oh, uy, anda, guau, mira, vaya',
    calls:
      'hola, aló, alo, bueno bueno, dígame, diga, oiga, sigue ahí, sigue ahi, está ahí, esta ahi, estás ahí, me oye, me oyes, me escucha, me escuchas, hay alguien, hay alguien ahí, hola hola',
  },
  fr: {
    answers: `
      oui, ouais, ouai, ui, mouais, oui oui, si, bien, très bien, tres bien, bien sûr, bien sur, daccord, ok daccord, dac, dacc, entendu,
      parfait, exact, exactement, tout à fait, tout a fait, absolument, voilà, voila, cest ça, cest ca, ça va, ca va, je vois, je comprends, compris, jai compris,
      bon, ah bon, cest bon, cest bien, super, génial, genial, effectivement, en effet, volontiers, oui daccord, certes, carrément, ça marche, ca marche, oui madame, oui monsieur`,
    sounds:
      'euh, heu, hein, ben, bah, ben oui, bah oui, ah oui, ah daccord, ah ouais, eh ben, tiens, ah, hum, hmm, ouh, oh là là, oh la la, oh',
    calls:
      'allô, allo, allo allo, vous êtes là, vous etes la, vous êtes toujours là, tes là, tu es là, vous mentendez, tu mentends, il y a quelquun, y a quelquun, bonjour',
  },
  it: {
    answers: `
      sì, si, sì sì, certo, certamente, va bene, bene, benissimo, molto bene, daccordo, giusto, esatto, esattamente, perfetto, capito, ho capito,
      capisco, chiaro, vero, è vero, e vero, infatti, ottimo, come no, appunto, sicuro, sicuramente, certo certo, eccome, volentieri, sì grazie`,
    sounds:
      'eh, eh già, eh gia, già, gia, ehm, boh, mah, beh, ah sì, ah si, ah ecco, ecco, ah ok, ah va bene, ma dai, davvero, uhm, ah',
    calls:
      'pronto, pronto pronto, cè, cè nessuno, cè qualcuno, è ancora lì, e ancora li, mi sente, mi senti, sei lì, sei li, ciao',
  },
  pt: {
    answers: `
      sim, sim sim, isso, isso mesmo, é isso, e isso, certo, tá, ta, tá bom, ta bom, tá certo, ta certo, tá bem, está bem, esta bem, está bom, bom, bem, muito bem,
      claro, claro que sim, com certeza, exato, exatamente, perfeito, entendi, entendido, percebo, percebi, já percebi, compreendo, beleza, pois, pois é, pois e, pois claro,
      uhum, aham, ahan, ótimo, otimo, é, é verdade, verdade, combinado, positivo, tranquilo, legal, fixe, de acordo, pode ser, tá ok`,
    sounds: 'hum, hã, ha, né, ne, ah tá, ah ta, ah sim, ah bom, então, nossa, puxa, ena, ó, olha, é mesmo, ah',
    calls:
      'alô, alo, olá, ola, oi, está lá, esta la, está aí, esta ai, você está aí, tá aí, ta ai, ainda está aí, me ouve, está me ouvindo, consegue me ouvir, tem alguém aí, estou',
  },
  nl: {
    answers: `
      ja, jaja, ja ja, jep, jazeker, ja hoor, zeker, zeker weten, goed, heel goed, prima, oké, oke, klopt, dat klopt, precies, juist, inderdaad, natuurlijk,
      tuurlijk, uiteraard, begrepen, ik begrijp het, begrijp ik, snap ik, ik snap het, duidelijk, mooi, fijn, akkoord, graag, is goed, dat is goed, komt goed, helder, top, tof, mee eens, allright`,
    sounds:
      'eh, ehm, euh, uhm, nou, nou ja, ach, ach zo, oja, oh ja, o ja, hè, he, zo, zo zo, goh, tja, echt, echt waar, nou nou, wauw',
    calls:
      'bent u daar, bent u er nog, ben je daar, ben je er nog, hoort u mij, hoor je me, is daar iemand, hallo hallo, hoi',
  },
  ru: {
    answers: `
      да, да да, ага, угу, так, так так, хорошо, ладно, понятно, понял, поняла, я понял, я поняла, понимаю, ясно, всё ясно, верно, точно, конечно, правильно, именно, отлично,
      прекрасно, согласен, согласна, окей, ок, хорошо хорошо, разумеется, договорились, все верно, да конечно, есть, идёт, добро, замечательно,
      da, aga, ugu, tak, horosho, khorosho, ladno, ponyatno, ponjatno, ponyal, ponyala, ponimayu, yasno, jasno, verno, tochno, konechno, pravilno, imenno, otlichno, soglasen, soglasna, okei, okej, dogovorilis`,
    sounds:
      'а, ах, ох, о, э, эм, мм, м, хм, гм, ну, ну да, ну ладно, вот, вот как, вот оно что, ого, надо же, правда, а понятно, а да, ммм, nu, nu da, vot, vot kak, hm, ogo, pravda, em',
    calls:
      'алло, алё, але, ало, вы тут, вы там, вы здесь, вы слышите, вы меня слышите, слышите меня, слышно, меня слышно, есть кто, кто нибудь есть, allo, alyo, ale, vy tut, vy tam, vy zdes, vy menya slyshite, slyshno, привет, здравствуйте',
  },
};
