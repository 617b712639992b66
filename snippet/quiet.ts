/** The same function, but what goes wrong in it stays in it: the page goes on as it is, and its console is not ours. */
export const quiet =
  <A extends unknown[]>(run: (...args: A) => void) =>
  (...args: A): void => {
    try {
      run(...args);
    } catch {}
  };
