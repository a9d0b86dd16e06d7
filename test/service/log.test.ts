import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildService } from '../support/service-process.js';

beforeAll(buildService);

const LOG = pathToFileURL('dist/src/log.js');
const LINES = 20_000;

/** What a process logs that writes some lines and then ends in some way. */
function loggedBefore(end: string, count = LINES, beginning = ''): Promise<string[]> {
  const script = `
    import { createLog } from '${LOG}';
    ${beginning}
    const log = createLog({ LOG_LEVEL: 'info', LOG_FORMAT: 'json' });
    for (let n = 0; n < ${count}; n += 1) log.info({ n }, 'a line');
    ${end}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { maxBuffer: 1e8 }, (_error, stdout) =>
      resolve(stdout.trimEnd().split('\n')),
    );
  });
}

test.each([
  ['comes to its end', ''],
  ['exits', 'process.exit(3);'],
  ['fails', "throw new Error('a defect');"],
])('no line is lost when the process %s', async (_, end) => {
  const lines = await loggedBefore(end);
  expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: LINES }, (_unused, n) => n));
});

test('a warning is written at once, after the lines before it', async () => {
  // No line is written for having waited long enough.
  const withoutTimers = 'const later = setTimeout; globalThis.setTimeout = () => ({ unref() {} });';
  const end = "log.warn('stop'); later(() => process.kill(process.pid, 'SIGKILL'), 1_000);";
  const lines = await loggedBefore(end, 3, withoutTimers);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['a line', 'a line', 'a line', 'stop']);
});

/** Runs a script whose standard output goes elsewhere, and answers what it writes to descriptor 3. */
function besideLog(output: string, script: string): Promise<string> {
  const command = `{ "$0" --input-type=module -e "$1" 3>&9 ${output}; } 9>&1; true`;
  const beginning = `
    import { writeFileSync } from 'node:fs';
    import { createLog } from '${LOG}';
    const log = createLog({ LOG_LEVEL: 'info', LOG_FORMAT: 'json' });`;
  return new Promise((resolve, reject) => {
    const args = ['-c', command, process.execPath, beginning + script];
    execFile('bash', args, { timeout: 60_000, killSignal: 'SIGKILL' }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

test.each(['| true', '>/dev/full'])('a process ends whose last lines cannot be written: %s', async (output) => {
  const script = `
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.on('exit', () => writeFileSync(3, 'ended'));
    // While one line is being written, others wait.
    log.warn('a line');
    log.warn('another');
    process.exit(3);`;
  expect(await besideLog(output, script)).toBe('ended');
});

test.each(['| true', '>/dev/full'])('a process goes on whose lines cannot be written: %s', async (output) => {
  const script = `
    for (let n = 0; n < 10; n += 1) {
      log.warn('a line');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    writeFileSync(3, 'went on');`;
  expect(await besideLog(output, script)).toBe('went on');
});
