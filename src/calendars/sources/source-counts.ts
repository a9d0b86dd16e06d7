import type pg from 'pg';
import type { SourceState } from '../../application/calendar-sources.js';
import type { Metric } from '../../metrics.js';

/** How calendar sources do, all together. */
export interface SourceCounts {
  readonly byState: Readonly<Record<SourceState, number>>;
  /** For how long the one is due, in milliseconds, that is due longest; 0: none is. */
  readonly overdue: number;
}

/** Counts the calendar sources of all coaches. @param now epoch milliseconds */
export async function countSources(pool: pg.Pool, now: number): Promise<SourceCounts> {
  const { rows } = await pool.query<{ state: SourceState; count: bigint; due_at: Date }>(
    `select state, count(*), min(next_fetch_at) as due_at from read_model.calendar_sources group by state`,
  );
  const count = (state: SourceState) => Number(rows.find((row) => row.state === state)?.count ?? 0);
  const dueAt = Math.min(now, ...rows.map(({ due_at }) => due_at.getTime()));
  return { byState: { new: count('new'), ok: count('ok'), failing: count('failing') }, overdue: now - dueAt };
}

/** The counts in numbers for who watches. */
export function sourceMetrics({ byState, overdue }: SourceCounts): Metric[] {
  const samples = Object.entries(byState).map(([state, value]) => ({ labels: { state }, value }));
  return [
    { name: 'scheduler_calendar_sources', help: 'How many calendar sources there are.', samples },
    {
      name: 'scheduler_calendar_sources_overdue_seconds',
      help: 'For how long the calendar source is due that is due longest.',
      samples: [{ value: overdue / 1_000 }],
    },
  ];
}
