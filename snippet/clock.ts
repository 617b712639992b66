let lead = 0;

/**
 * Milliseconds, comparable between pages: the wall clock, but never back. The page's clock may stand still while the machine sleeps and the
 * wall clock may be set back; whichever went further counts, so that no number is shown for too long.
 */
export const now = (): number => (lead = Math.max(lead, Date.now() - performance.now())) + performance.now();
