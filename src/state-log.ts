/** Logs a state once, until it changes. */
export function createStateLog(): (state: string, writeLog: () => void) => void {
  let current = '';
  return (state, writeLog) => {
    if (state === current) return;
    current = state;
    writeLog();
  };
}
