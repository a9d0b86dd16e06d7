import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { Expected } from './event-log.js';

/** A gRPC error as a node sends it. */
export type NodeError = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

function nodeError(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): NodeError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
}

export const notReady = () => nodeError(status.UNAVAILABLE, 'Server Is Not Ready');

export const noLeader = () => nodeError(status.UNKNOWN, 'No leader info available in response');

export const notLeader = (leader: { readonly host: string; readonly port: number }) =>
  nodeError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': leader.host,
    'leader-endpoint-port': String(leader.port),
  });

export const accessDenied = () => nodeError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

/** What a node says to a user whom it does not know, by the status of HTTP alone. */
export const unauthenticated = () => nodeError(status.UNAUTHENTICATED, 'Received HTTP status code 401');

export const commitTimeout = () => nodeError(status.ABORTED, 'Operation timed out: Commit phase timeout.');

export const streamDeleted = (stream: string) =>
  nodeError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const appendTooLarge = (most: number) =>
  nodeError(status.INVALID_ARGUMENT, `Maximum Append Size of ${most} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(most),
  });

export const deleteConflict = (operation: string, stream: string, expected: Expected, actual: bigint) => {
  const versions = `Expected version: ${expected}, Actual version: ${actual}`;
  const details = `${operation} failed due to WrongExpectedVersion. Stream: ${stream}, ${versions}`;
  return nodeError(status.FAILED_PRECONDITION, details, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(actual),
  });
};

export const invalidSubscriptionPosition = () =>
  nodeError(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');

export const invalidReadPosition = () => nodeError(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');

/** What a node says to a request that its handler did not expect. */
export const handlerFailed = () => nodeError(status.UNKNOWN, 'Exception was thrown by handler.');
