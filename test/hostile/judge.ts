import { Code } from '@connectrpc/connect';
import type { Attack } from './attack.js';
import type { Outcome } from './carry-out.js';

/** Statuses of gRPC that say that the service is at fault, or not there. */
const DEFECTS: readonly number[] = [Code.Unknown, Code.Internal, Code.Unavailable, Code.DataLoss];

/** What Connect answers for a compression or a version that is not supported: the caller is at fault. */
const NOT_IMPLEMENTED = 501;

/** What is wrong with an outcome: a sentence for each fault. A caller's mistake is answered as one. */
export function faultsOf(attack: Attack, { httpStatuses, grpcStatuses, answers, closed }: Outcome): string[] {
  const isAllowed = (status: number) =>
    status < 500 || status === NOT_IMPLEMENTED || (attack.hasDeadline === true && status === 504);
  const connections = attack.connections ?? 1;
  const missing = closed === connections ? 0 : attack.answers * connections - answers;
  return [
    ...httpStatuses.filter((status) => !isAllowed(status)).map((status) => `was answered ${status}`),
    ...grpcStatuses
      .filter((status) => DEFECTS.includes(status) || (status === Code.DeadlineExceeded && !attack.hasDeadline))
      .map((status) => `was answered ${Code[status]}`),
    ...(missing > 0 ? [`${missing} of ${attack.requests} requests were not answered`] : []),
  ];
}
