type Arrival = { url: string; referrer: string };

/**
 * Where the visit arrived. Here, if the address or another site brought them, or if nobody did and no arrival is `waiting` to be
 * acknowledged; else what is waiting.
 */
export function landing(here: Arrival, waiting?: Arrival): Arrival | undefined {
  const from = here.referrer.split('/')[2];
  return /[?&#](utm_|\w*cl(k|ick)?id=|\w+braid=)/i.test(here.url) ||
    (from ? from !== location.host : !waiting)
    ? here
    : waiting;
}
