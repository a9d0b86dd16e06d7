import { readdir, readFile } from 'node:fs/promises';

/** What a process has used since it began. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most bytes of memory so far; 0 where the system does not say. */
  readonly peakBytes: number;
  /** Bytes of memory now; 0 where the system does not say. */
  readonly bytes: number;
}

/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

const NOTHING: Usage = { cpuSeconds: 0, peakBytes: 0, bytes: 0 };

/** What a process has used; zeros when it has ended, or when the system has no /proc. */
export async function usageOf(pid: number): Promise<Usage> {
  try {
    const [fields, status] = await Promise.all([statOf(pid), readFile(`/proc/${pid}/status`, 'utf8')]);
    return {
      cpuSeconds: (fields.user + fields.system) / TICKS_PER_SECOND,
      peakBytes: kilobytes(status, 'VmHWM') * 1024,
      bytes: kilobytes(status, 'VmRSS') * 1024,
    };
  } catch {
    return NOTHING;
  }
}

/** The processor time that a Postgres has used in all its processes, in seconds, those that have ended included. */
export async function postgresCpuSeconds(postmaster: number): Promise<number> {
  try {
    const own = await statOf(postmaster);
    let ticks = own.user + own.system + own.endedChildren;
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const other = await statOf(Number(name)).catch(() => undefined);
      if (other?.parent === postmaster) ticks += other.user + other.system;
    }
    return ticks / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Watches a process until it ends. Returns a function that returns the last figures. */
export function watchUsage(pid: number): () => Usage {
  let last = NOTHING;
  const look = async () => {
    const usage = await usageOf(pid);
    if (usage === NOTHING) clearInterval(timer);
    else last = usage;
  };
  const timer = setInterval(() => void look(), 100);
  timer.unref();
  return () => {
    clearInterval(timer);
    return last;
  };
}

async function statOf(pid: number) {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1');
  // The name of the program stands in brackets and may hold anything; what follows it is numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  return { parent: number(1), user: number(11), system: number(12), endedChildren: number(13) + number(14) };
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
}
