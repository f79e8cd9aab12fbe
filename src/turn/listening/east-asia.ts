/** Chinese, Cantonese, Japanese and Korean. Where no spaces are written, several of these may stand as one word. */
import type { ListenerWords } from './contract.ts';

export const EAST_ASIA: Readonly<Record<string, ListenerWords>> = {
  zh: {
    answers: `
      嗯, 恩, 嗯哼, 唔, 是, 是的, 是啊, 是吧, 对, 對, 对啊, 對啊, 对的, 對的, 对对, 没错, 沒錯, 好, 好的, 好啊, 好吧, 好嘞, 好呀, 行, 行啊, 可以, 可以的, 成, 中, 明白, 明白了, 了解, 了解了, 知道, 知道了, 我知道, 我明白, 懂了, 清楚, 清楚了, 收到, 当然, 當然, 没问题, 沒問題, 不错, 不錯, 这样啊, 這樣啊, 确实, 確實, 有道理, 要得, 欧克, 噢好, 哦好,
      en, eng, ng, shi, shi de, shide, shi a, dui, dui a, dui de, duide, dui dui, hao, hao de, haode, hao a, hao ba, xing, keyi, ke yi, mingbai, ming bai, mingbai le, liaojie, zhidao, zhidao le, dong le, qingchu, shoudao, dangran, mei wenti, meiwenti`,
    sounds:
      '哦, 噢, 喔, 啊, 呀, 哎, 唉, 诶, 欸, 呃, 额, 嘛, 呢, 吧, 哈, 哈哈, 嘿, 哇, 咦, 这样, 這樣, 是吗, 是嗎, 真的, 真的吗, 真的嗎, 原来如此, 原來如此, 那个, 那個, 然后, 然後, o, ou, a, ai, ei, e, wa, zheyang, shi ma, zhende, yuanlai ruci, nage',
    calls:
      '喂, 喂喂, 你好, 您好, 在吗, 在嗎, 你在吗, 你在嗎, 您在吗, 您在嗎, 还在吗, 還在嗎, 听得到吗, 聽得到嗎, 听得见吗, 聽得見嗎, 能听到吗, 能聽到嗎, 有人吗, 有人嗎, 喂你好, 哈喽, 哈囉, wei, ni hao, nihao, zai ma, ni zai ma, ting de dao ma, youren ma',
  },
  yue: {
    answers: `
      係, 系, 係呀, 係啊, 係嘅, 係囉, 系呀, 嗯, 唔, 好, 好呀, 好啊, 好嘅, 好啦, 得, 得啦, 得㗎, 冇問題, 冇问题, 無問題, 明, 明白, 明白晒, 知, 知道, 知道喇, 知喇, 了解, 收到, 啱, 啱呀, 啱晒, 對, 对, 可以, 冇錯, 梗係, 當然, 清楚, 係咁, 好好,
      hai, hai a, hai aa, haila, hai ge, ho, hou, hou a, hou aa, hou la, dak, dak la, mou man tai, mo man tai, ming, ming baak, mingbak, zi, zi dou, ji dou, ngaam, ngam, deoi, ho yi, hoyi, ok la`,
    sounds:
      '哦, 噢, 喔, 啊, 呀, 哎, 哎呀, 誒, 欸, 呃, 咦, 嘩, 哇, 咁, 咁呀, 係咩, 係咪, 真係, 真係呀, 原來係咁, 原來如此, 嗱, 吖, 喎, 囉, o, a, aa, ai, aiya, e, wa, gam, gam aa, hai me, hai mai, zan hai, jan hai',
    calls:
      '喂, 喂喂, 你好, 您好, 喺唔喺度, 你喺唔喺度, 喺度嗎, 聽唔聽到, 聽到嗎, 聽唔聽到呀, 有冇人, 有人嗎, 仲喺度嗎, wai, wei, nei hou, lei hou, hai m hai dou, teng m teng dou, yau mou yan',
  },
  ja: {
    answers: `
      はい, はいはい, ハイ, ええ, エエ, うん, うんうん, ウン, そう, そうです, そうですね, そうですよ, そうそう, そうだね, そうだ, そうね, なるほど, なるほどね, なるほどですね, わかりました, 分かりました, わかった, 分かった, 了解, 了解です, 了解しました, 承知しました, かしこまりました, いいです, いいですよ, いいよ, いいね, 大丈夫, 大丈夫です, オッケー, オーケー, おっけー, もちろん, その通り, そのとおり, その通りです, 確かに, たしかに, ですね, よし, 結構です, ぜひ, お願いします,
      hai, haihai, hai hai, ee, un, unun, sou, so, sou desu, soudesu, so desu, sou desu ne, soudesune, so desu ne, sousou, sou sou, naruhodo, naruhodo ne, wakarimashita, wakatta, ryoukai, ryokai, ryoukai desu, shouchi shimashita, kashikomarimashita, ii desu, iidesu, ii desu yo, daijoubu, daijobu, daijoubu desu, okke, mochiron, sono toori, tashika ni, tashikani, desu ne, desune`,
    sounds:
      'あ, ああ, あー, あっ, お, おお, おっ, え, えっ, えー, へ, へえ, へぇ, へー, ほう, ほお, ふん, ふうん, ふーん, ふむ, うむ, う, うーん, ん, んー, まあ, ま, さあ, あら, あのー, あの, えーと, えっと, えーっと, そうですか, そうなんですか, そうなんだ, そうか, そっか, 本当, 本当ですか, ほんと, ほんとに, ほんとうですか, マジ, すごい, すごいですね, あはは, はは, ね, a, aa, o, oo, e, ee to, eto, etto, hee, he, hou, hoo, fun, fuun, fumu, n, maa, saa, ara, ano, sou desu ka, soudesuka, so desu ka, sou nan desu ka, sounandesuka, sou nan da, souka, sokka, hontou, honto, hontou desu ka, maji, sugoi, ne',
    calls:
      'もしもし, モシモシ, もしもーし, 聞こえますか, きこえますか, 聞こえてますか, 聞こえていますか, 聞いてますか, います, いますか, いらっしゃいますか, どなたかいますか, ハロー, こんにちは, すみません, moshimoshi, moshi moshi, kikoemasu ka, kikoemasuka, kikoetemasu ka, imasu ka, imasuka, irasshaimasu ka, sumimasen',
  },
  ko: {
    answers: `
      네, 네네, 네 네, 넵, 넹, 예, 예예, 예 예, 옙, 응, 응응, 어, 그래, 그래요, 그렇죠, 그렇지, 그럼요, 그럼, 그렇습니다, 맞아, 맞아요, 맞습니다, 맞죠, 알겠어요, 알겠습니다, 알았어, 알았어요, 알아요, 이해했어요, 이해했습니다, 좋아, 좋아요, 좋습니다, 좋네요, 괜찮아요, 괜찮습니다, 됐어요, 됩니다, 돼요, 물론이죠, 물론, 당연하죠, 오케이, 확인했습니다, 네 맞아요, 네 알겠습니다, 네 좋아요, 넵 알겠습니다,
      ne, nene, ne ne, nep, ye, yeye, ye ye, yep, eung, eung eung, eo, geurae, geuraeyo, geureochyo, geureochi, geureomyo, maja, majayo, matseumnida, algesseoyo, algesseumnida, algetseumnida, arasseo, arasseoyo, joa, joayo, joseumnida, gwaenchanayo, mullonijyo, dangyeonhajyo, okei, ihaehaesseoyo`,
    sounds:
      '아, 아아, 아하, 아 네, 아 예, 아 그래요, 아 그렇구나, 아 그렇군요, 오, 오오, 와, 우와, 음, 음음, 흠, 으음, 어머, 에이, 엥, 저기, 그러니까, 그렇구나, 그렇군요, 그런가요, 그래요, 정말, 정말요, 진짜, 진짜요, 하하, 허, a, aha, o, oo, wa, uwa, eum, heum, eomeo, geureokuna, geureokunyo, geureongayo, jeongmal, jeongmalyo, jinjja, jinjjayo, haha',
    calls:
      '여보세요, 여보세요 여보세요, 여보시오, 계세요, 계십니까, 거기 계세요, 듣고 계세요, 듣고 계신가요, 들리세요, 들려요, 들리나요, 제 말 들리세요, 안녕하세요, yeoboseyo, gyeseyo, geogi gyeseyo, deutgo gyeseyo, deulliseyo, deullyeoyo, annyeonghaseyo',
  },
};
