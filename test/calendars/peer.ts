import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env['PYTHON'] ?? 'python3';
const SCRIPT = fileURLToPath(new URL('./python/busy_times.py', import.meta.url));

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
  const input = JSON.stringify(tasks.map(({ text, from, to }) => ({ text, from: from / 1000, to: to / 1000 })));
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, zone], { input, maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  const found = JSON.parse(`${stdout}`) as [number, number][][];
  return found.map((times) => times.map(([start, end]) => [start * 1000, end * 1000]));
}
