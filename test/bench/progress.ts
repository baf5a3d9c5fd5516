// What is being done, and how far has it got? One line on standard error, so that standard output only has the table.

export type Progress = (what: string, done?: number, all?: number) => void;

export const quietly: Progress = () => {};

/** Shows progress: in place on a terminal, or else a line for each new step. */
export function openProgress(): Progress {
  let last = "";
  const startedAt = performance.now();
  return (what, done, all) => {
    const share = done === undefined || all === undefined ? "" : ` ${Math.floor((100 * done) / all)} %`;
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${seconds} s  ${what}${share}`);
    else if (what !== last) process.stderr.write(`${seconds} s  ${what}\n`);
    last = what;
  };
}
