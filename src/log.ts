import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import sonicBoom from 'sonic-boom';
import type { Config } from './config/config.js';

// To write each line by itself costs a booking about as much as its JSON does.
const CHARACTERS_A_WRITE = 8_192;

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** The longest that a line waits for others, in milliseconds. */
const LONGEST_WAIT = 100;

/** The most bytes that wait for a reader who is slow or a disk that is full. Further lines are lost. */
const MOST_WAITING = 16 * 1024 * 1024;

/**
 * A logger to standard output: JSON lines, or short coloured lines for a terminal. JSON lines are written in batches,
 * each line within 100 ms; a warning or an error is written at once, after all lines before it. No line is lost when
 * the process ends by itself, even by an error, unless its reader has stopped reading; kill -9 may lose the last 100 ms.
 * An output that fails, such as a closed pipe, loses lines and never stops the process.
 */
export function createLog({ LOG_LEVEL: level, LOG_FORMAT: format }: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>): Logger {
  const forPeople = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const options = { level, base: null };
  if (forPeople) return pino(options, pretty({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }));

  const { write, flush } = createBatches();
  return pino({ ...options, hooks: { logMethod: flushingWarnings(flush) } }, { write });
}

/** Gathers lines for standard output: pino's own output would measure all lines that it has gathered at every line. */
function createBatches() {
  // Not pino's own output: it uses a version that tries for ever to write into a pipe that nobody reads.
  const output = new sonicBoom.SonicBoom({ fd: 1, sync: false, maxLength: MOST_WAITING });
  // The output keeps the lines, and tries again with the next ones.
  output.on('error', () => {});
  process.on('beforeExit', flush);
  process.on('exit', flushAtOnce);
  let lines = '';
  let due: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(due);
    due = undefined;
    if (lines !== '') output.write(lines);
    lines = '';
  }

  function flushAtOnce(): void {
    flush();
    try {
      output.flushSync();
    } catch {
      // Nobody reads what was left.
    }
  }

  return {
    flush,
    write(line: string): void {
      lines += line;
      if (lines.length >= CHARACTERS_A_WRITE) flush();
      // The end of the process need not wait for this.
      else due ??= setTimeout(flush, LONGEST_WAIT).unref();
    },
  };
}

function flushingWarnings(flush: () => void): LogMethod {
  return function logThenFlush(args, method, level) {
    method.apply(this, args);
    if (level >= pino.levels.values['warn']!) flush();
  };
}

/**
 * Writes lines of level info whose members are JSON already, among the logger's other lines: the same line as of
 * `log.info({ … }, message)`, without what the logger adds to every line. The caller checks that the level is enabled.
 * @returns takes the members of the line, `"a":1,"b":2`, and a message without characters that JSON escapes
 */
export function lineWriter(log: Logger): (members: string, message: string) => void {
  const stream = (log as unknown as Readonly<Record<symbol, DestinationStream>>)[pino.symbols.streamSym]!;
  return (members, message) => stream.write(`{"level":30,"time":${Date.now()},${members},"msg":"${message}"}\n`);
}
