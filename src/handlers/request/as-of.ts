import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { AsOf } from '../../application/read-model.js';
import { type Broken, revision, time } from './fields.js';

/** The fields of a request about the past. */
export interface AsOfRequest {
  readonly asOf?: Timestamp | undefined;
  readonly asOfRevision?: bigint | undefined;
}

/** The violations of the fields, each alone and both together. */
export function asOfViolations({ asOf, asOfRevision }: AsOfRequest): Broken[] {
  return [
    time('as_of', asOf),
    revision('as_of_revision', asOfRevision),
    asOf && asOfRevision !== undefined
      ? { field: 'as_of_revision', description: 'must be absent when as_of is given' }
      : undefined,
  ];
}

/** The past that is asked for; undefined: now. The fields must have been checked. */
export function asOfGiven({ asOf, asOfRevision }: AsOfRequest): AsOf | undefined {
  if (asOf) return { time: timestampMs(asOf) };
  return asOfRevision === undefined ? undefined : { revision: Number(asOfRevision) };
}
