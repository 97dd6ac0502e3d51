// How a page in a browser shows its key to the web host. Without zod, so that the page's first load does without it.

/** The WebSocket protocol that is spoken. A browser gives its key as a second protocol name: it can set no headers there. */
export const WEB_PROTOCOL = 'terrarium';
/** Carries the key where a request can have headers. In lower case, as Node gives them. */
export const WEB_KEY_HEADER = 'x-terrarium-key';
