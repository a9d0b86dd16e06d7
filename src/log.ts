import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.js';

/** A logger to standard output: JSON lines, or for a terminal short coloured ones. */
export function createLog({ LOG_LEVEL: level, LOG_FORMAT: format }: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>): Logger {
  const forPeople = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const options = { level, base: null };
  if (forPeople) return pino(options, pretty({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }));
  return pino(options, pino.destination({ dest: 1, sync: false }));
}
