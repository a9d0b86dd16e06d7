import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReadEvent } from './written.js';

const PYTHON = process.env['PYTHON'] ?? 'python3';
const scriptNamed = (name: string) => fileURLToPath(new URL(`./python/${name}.py`, import.meta.url));

/** Why there is nobody to compare with; undefined when Python has the packages of test/calendars/python. */
export const NO_PEER = spawnSync(PYTHON, ['-c', 'import icalendar, recurring_ical_events']).status
  ? 'calendars are not compared with Python: pip install -r test/calendars/python/requirements.txt'
  : undefined;

if (NO_PEER) console.warn(NO_PEER);

/** A document, and the epoch milliseconds that are looked at: what ends after `from` and begins before `to`. */
export interface PeerTask {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** What Python's icalendar and recurring-ical-events find in documents: [start, end] in epoch milliseconds. */
export function readByPeer(tasks: readonly PeerTask[], zone: string): [number, number][][] {
  const input = tasks.map(({ text, from, to }) => ({ text, from: from / 1000, to: to / 1000 }));
  const found = ask('busy_times', input, zone) as [number, number][][];
  return found.map((times) => times.map(([start, end]) => [start * 1000, end * 1000]));
}

/** The events that Python's icalendar reads in documents of this service. */
export function readWrittenByPeer(texts: readonly string[]): ReadEvent[][] {
  return ask('written_events', texts) as ReadEvent[][];
}

function ask(script: string, input: unknown, ...args: readonly string[]): unknown {
  const options = { input: JSON.stringify(input), maxBuffer: 2 ** 28 };
  const { status, stdout, stderr } = spawnSync(PYTHON, [scriptNamed(script), ...args], options);
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  return JSON.parse(`${stdout}`);
}
