import pino, { type Logger, type LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.js';

// A write for each line costs a booking about as much as its JSON does.
const CHARACTERS_A_WRITE = 8_192;

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/** Milliseconds that a line waits at most for others to be written with. */
const LONGEST_WAIT = 100;

/**
 * A logger to standard output: JSON lines, or for a terminal short coloured ones. JSON lines are written together, and
 * at the latest after 100 ms; a warning, or worse, is written at once with all that came before it. Nothing is lost
 * when the process ends by itself, by an error or not.
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
