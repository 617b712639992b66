/** A UUIDv7: the time, and what is random in a blob's UUIDv4, because `crypto.randomUUID` is missing on http: pages. */
export const uuid = (): string =>
  `${Date.now().toString(16).replace(/.{7}/, '0$&-')}-7${URL.createObjectURL(new Blob()).slice(-21)}`;

const turnTo = (referrer: string) => ({ id: uuid(), url: location.href, referrer });

/** This page view. First of all, because other scripts change the address. */
export let page = turnTo(document.referrer);
let path = location.pathname;

/** Whether the page has become another one without being loaded: then it is another view. */
export const hasTurned = (): unknown => path != (path = location.pathname) && (page = turnTo(page.url));
