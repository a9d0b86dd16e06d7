import { Code, ConnectError } from '@connectrpc/connect';

/** What was found of an id. Throws NOT_FOUND when nothing was. */
export function found<Row>(what: string, id: string, row: Row | undefined): Row {
  if (row === undefined) throw new ConnectError(`there is no ${what} ${id}`, Code.NotFound);
  return row;
}
