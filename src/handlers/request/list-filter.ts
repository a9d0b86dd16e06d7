import type { Timestamp } from '@bufbuild/protobuf/wkt';
import type { ListFilter } from '../../application/read-model.js';
import type { Scope } from '../access/scope.js';
import { invalidArgument } from '../answer/errors.js';
import {
  type Broken,
  ceilMs,
  check,
  floorMs,
  notAfter,
  optionalHashId,
  pageSize,
  timeOfAnyFineness,
} from './fields.js';

/** The fields that the requests for all lists have. */
export interface ListRequest {
  readonly coachHashId: string;
  readonly clientHashId: string;
  readonly from?: Timestamp | undefined;
  readonly to?: Timestamp | undefined;
  readonly pageSize: number;
  readonly newestFirst: boolean;
}

/**
 * What the fields ask for. Throws INVALID_ARGUMENT with all violations.
 * @param others the violations of the request's other fields
 */
export function listFilter(request: ListRequest, ...others: Broken[]): ListFilter {
  const { coachHashId, clientHashId, from, to, newestFirst } = request;
  check(
    optionalHashId('coach_hash_id', coachHashId),
    optionalHashId('client_hash_id', clientHashId),
    timeOfAnyFineness('from', from),
    timeOfAnyFineness('to', to),
    notAfter('from', from, 'to', to),
    pageSize('page_size', request.pageSize),
    ...others,
  );
  return {
    ...(coachHashId && { coachHashId }),
    ...(clientHashId && { clientHashId }),
    ...(from && { from: floorMs(from) }),
    ...(to && { to: ceilMs(to) }),
    ...(newestFirst && { newestFirst }),
  } as ListFilter;
}

/**
 * The part of a list that a call may see: what the filter meets, of the coach or the client who asks. Undefined: nothing.
 * Throws INVALID_ARGUMENT when the caller is both and does not say as whom it asks.
 */
export function ownPart<Filter extends ListFilter>(filter: Filter, scope: Scope): Filter | undefined {
  const { coachHashId, clientHashId } = scope;
  if (scope.anybody) return filter;
  if (coachHashId === undefined) return clientHashId === undefined ? undefined : { ...filter, clientHashId };
  if (clientHashId === undefined || filter.coachHashId) return { ...filter, coachHashId };
  if (filter.clientHashId) return { ...filter, clientHashId };
  throw invalidArgument({
    field: 'coach_hash_id',
    description: 'must be given, or client_hash_id: the caller is both',
  });
}
