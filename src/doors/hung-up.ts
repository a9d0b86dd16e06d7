import { Code, ConnectError } from '@connectrpc/connect';

/** The reason for which a call ends when its caller has gone: CANCELLED. */
export function hungUp(): ConnectError {
  return new ConnectError('the caller hung up', Code.Canceled);
}
