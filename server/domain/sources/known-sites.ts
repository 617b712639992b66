/**
 * Sites that send visitors, by the names that reports use. Facts gathered from the sites themselves.
 *
 * A host stands for itself and its subdomains; `=` before it: for itself only (`www.` aside), because the other
 * subdomains are something else (docs.google.com is no search). `.*` at its end: `.com` and country suffixes.
 * `/maps` behind it: pages below that first part of the path.
 */
const SEARCH = {
  google:
    '=google.* =google.cat images.google.* news.google.* scholar.google.* lens.google.com encrypted.google.com cse.google.*',
  bing: 'bing.com',
  duckduckgo: 'duckduckgo.com',
  yandex: '=yandex.* m.yandex.* =ya.ru m.ya.ru images.yandex.*',
  yahoo: 'search.yahoo.*',
  baidu: 'baidu.com',
  ecosia: 'ecosia.org',
  qwant: 'qwant.com',
  startpage: 'startpage.com',
  brave: 'search.brave.com',
  naver: 'search.naver.com',
  daum: 'search.daum.net',
  seznam: 'search.seznam.cz',
  sogou: 'sogou.com',
  '360': '=so.com m.so.com',
  shenma: '=sm.cn m.sm.cn',
  coccoc: 'coccoc.com',
  'mail.ru': 'go.mail.ru',
  rambler: '=rambler.ru nova.rambler.ru search.rambler.ru',
  'meta.ua': 'search.meta.ua',
  'ukr.net': 'search.ukr.net',
  aol: 'search.aol.*',
  ask: '=ask.com uk.ask.com search.ask.com',
  kagi: 'kagi.com',
  mojeek: 'mojeek.com',
  metager: 'metager.org metager.de',
  swisscows: 'swisscows.com',
  presearch: 'presearch.com presearch.org',
  petal: 'petalsearch.com',
  lycos: 'search.lycos.com',
  dogpile: 'dogpile.com',
};

const SOCIAL = {
  facebook: 'facebook.com fb.com fb.me messenger.com',
  instagram: 'instagram.com',
  threads: 'threads.net threads.com',
  twitter: 'twitter.com x.com t.co',
  linkedin: 'linkedin.com lnkd.in',
  pinterest: 'pinterest.* pin.it',
  tiktok: 'tiktok.com',
  snapchat: 'snapchat.com',
  reddit: 'reddit.com redd.it',
  quora: 'quora.com',
  nextdoor: 'nextdoor.*',
  tumblr: 'tumblr.com t.umblr.com',
  bluesky: 'bsky.app',
  mastodon: 'mastodon.social mastodon.online',
  discord: 'discord.com discordapp.com',
  whatsapp: 'whatsapp.com wa.me',
  telegram: 't.me telegram.me telegram.org',
  viber: 'viber.com',
  vk: 'vk.com vk.ru vk.me vk.cc vkontakte.ru',
  ok: 'ok.ru odnoklassniki.ru',
  'my.mail.ru': 'my.mail.ru',
  dzen: 'dzen.ru zen.yandex.*',
  xing: 'xing.com',
  line: 'line.me',
  weibo: 'weibo.com weibo.cn',
  wechat: 'weixin.qq.com wechat.com',
  'hacker news': 'news.ycombinator.com',
};

const VIDEO = {
  youtube: 'youtube.com youtu.be',
  vimeo: 'vimeo.com',
  dailymotion: 'dailymotion.com',
  twitch: 'twitch.tv',
  rutube: 'rutube.ru',
  bilibili: 'bilibili.com',
};

const MAIL = {
  gmail: 'mail.google.com inbox.google.com',
  outlook: 'outlook.live.com outlook.office.com outlook.office365.com mail.live.com',
  'yahoo mail': 'mail.yahoo.*',
  'yandex mail': 'mail.yandex.*',
  'mail.ru mail': 'e.mail.ru touch.mail.ru m.mail.ru',
  'rambler mail': 'mail.rambler.ru',
  'icloud mail': '=icloud.com',
  'proton mail': 'mail.proton.me mail.protonmail.com',
  'aol mail': 'mail.aol.com',
  'zoho mail': 'mail.zoho.*',
  gmx: 'deref-gmx.net deref-gmx.com deref-gmx.at deref-gmx.ch navigator.gmx.net navigator-bs.gmx.com',
  'web.de': 'deref-web.de navigator.web.de',
  't-online mail': 'email.t-online.de',
  'orange mail': 'mail.orange.fr',
  fastmail: 'app.fastmail.com',
};

const AI = {
  chatgpt: 'chatgpt.com chat.openai.com',
  perplexity: 'perplexity.ai',
  gemini: 'gemini.google.com bard.google.com',
  copilot: 'copilot.microsoft.com copilot.cloud.microsoft edgeservices.bing.com =bing.com/chat',
  claude: 'claude.ai',
  'meta ai': 'meta.ai',
  mistral: 'chat.mistral.ai',
  grok: 'grok.com grok.x.ai',
  deepseek: 'chat.deepseek.com',
  poe: 'poe.com',
  'character.ai': 'character.ai',
  'you.com': 'you.com',
  phind: 'phind.com',
  kimi: 'kimi.com kimi.moonshot.cn',
  qwen: 'chat.qwen.ai',
  doubao: 'doubao.com',
  alice: 'alice.yandex.*',
  gigachat: 'giga.chat',
};

const MAPS = {
  'google maps': 'maps.google.* =google.*/maps maps.app.goo.gl',
  'bing maps': '=bing.com/maps',
  'apple maps': 'maps.apple.com',
  'yandex maps': 'maps.yandex.* =yandex.*/maps =ya.ru/maps',
  openstreetmap: 'openstreetmap.org',
  '2gis': '2gis.*',
};

/** Places that a visitor is sent to and comes back from: to sign in, to pay. They bring nobody. */
const GATEWAY = {
  google: 'accounts.google.*',
  apple: 'appleid.apple.com',
  microsoft: 'login.microsoftonline.com login.live.com',
  yandex: 'passport.yandex.* oauth.yandex.*',
  vk: 'oauth.vk.com id.vk.com id.vk.ru',
  paypal: 'paypal.com',
  stripe: 'checkout.stripe.com hooks.stripe.com',
  klarna: 'pay.klarna.com payments.klarna.com',
  yookassa: 'yookassa.ru yoomoney.ru',
};

/** Android packages, as in `android-app://com.google.android.gm/`. */
const APPS = {
  search: {
    google: 'com.google.android.googlequicksearchbox com.google.android.apps.searchlite',
    bing: 'com.microsoft.bing',
    duckduckgo: 'com.duckduckgo.mobile.android',
    yandex: 'ru.yandex.searchplugin com.yandex.searchapp',
  },
  social: {
    facebook: 'com.facebook.katana com.facebook.lite com.facebook.orca',
    instagram: 'com.instagram.android',
    threads: 'com.instagram.barcelona',
    twitter: 'com.twitter.android',
    linkedin: 'com.linkedin.android',
    pinterest: 'com.pinterest',
    tiktok: 'com.zhiliaoapp.musically com.ss.android.ugc.trill',
    snapchat: 'com.snapchat.android',
    reddit: 'com.reddit.frontpage',
    whatsapp: 'com.whatsapp com.whatsapp.w4b',
    telegram: 'org.telegram.messenger org.telegram.messenger.web org.thunderdog.challegram',
    vk: 'com.vkontakte.android',
    ok: 'ru.ok.android',
    dzen: 'ru.zen.android',
  },
  video: { youtube: 'com.google.android.youtube', rutube: 'ru.rutube.app' },
  mail: {
    gmail: 'com.google.android.gm com.google.android.gm.lite',
    outlook: 'com.microsoft.office.outlook',
    'yahoo mail': 'com.yahoo.mobile.client.android.mail',
    'yandex mail': 'ru.yandex.mail',
    'mail.ru mail': 'ru.mail.mailapp',
  },
  ai: {
    chatgpt: 'com.openai.chatgpt',
    perplexity: 'ai.perplexity.app.android',
    gemini: 'com.google.android.apps.bard',
    copilot: 'com.microsoft.copilot',
    claude: 'com.anthropic.claude',
  },
  maps: {
    'google maps': 'com.google.android.apps.maps',
    'yandex maps': 'ru.yandex.yandexmaps ru.yandex.yandexnavi',
    '2gis': 'ru.dublgis.dgismobile',
  },
};

export type SiteKind = 'search' | 'social' | 'video' | 'mail' | 'ai' | 'maps' | 'gateway';

/** Per kind: the name of a site → its hosts, separated by blanks. */
export const KNOWN_SITES: Record<SiteKind, Record<string, string>> = {
  search: SEARCH,
  social: SOCIAL,
  video: VIDEO,
  mail: MAIL,
  ai: AI,
  maps: MAPS,
  gateway: GATEWAY,
};

/** Per kind: the name of a site → its Android packages, separated by blanks. */
export const KNOWN_APPS: Partial<Record<SiteKind, Record<string, string>>> = APPS;
