import pino, { type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.js';

// To write each line by itself costs a booking about as much as its JSON does.
const CHARACTERS_A_WRITE = 8_192;

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** The longest that a line waits for others, in milliseconds. */
const LONGEST_WAIT = 100;

/**
 * A logger to standard output: JSON lines, or short coloured lines for a terminal. JSON lines are written in batches,
 * each line within 100 ms; a warning or an error is written at once, after all lines before it. No line is lost when
 * the process ends by itself, even by an error; kill -9 may lose the last 100 ms.
 */
export function createLog({ LOG_LEVEL: level, LOG_FORMAT: format }: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>): Logger {
  const forPeople = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const options = { level, base: null };
  if (forPeople) return pino(options, pretty({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }));

  const destination = pino.destination({ dest: 1, sync: false, minLength: CHARACTERS_A_WRITE });
  return pino({ ...options, hooks: { logMethod: flushing(() => destination.flush()) } }, destination);
}

function flushing(flush: () => void): LogMethod {
  let due: NodeJS.Timeout | undefined;
  const flushNow = () => {
    clearTimeout(due);
    due = undefined;
    flush();
  };
  return function logThenFlush(args, method, level) {
    method.apply(this, args);
    if (level >= pino.levels.values['warn']!) flushNow();
    // The end of the process flushes too, and need not wait for this.
    else due ??= setTimeout(flushNow, LONGEST_WAIT).unref();
  };
}
