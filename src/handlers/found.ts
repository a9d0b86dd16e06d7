import { Code, ConnectError } from '@connectrpc/connect';
import type { Seen } from './seen.js';

/**
 * What the read model has of an id. When it has nothing, it is asked again once it has everything that was acknowledged
 * before. Throws NOT_FOUND, `StoreUnavailable`, `ReadModelUnavailable`.
 * @param what for people: `session`
 */
export async function found<Row>(
  what: string,
  id: string,
  get: (id: string) => Promise<Row | undefined>,
  seen: Seen,
  signal: AbortSignal,
): Promise<Row> {
  const row = await get(id);
  if (row !== undefined) return row;
  await seen.upToNow(signal);
  const late = await get(id);
  if (late === undefined) throw new ConnectError(`there is no ${what} ${id}`, Code.NotFound);
  return late;
}
