import { randomUUID } from 'node:crypto';

/** The header (gRPC: metadata key) that names a call, from the caller and back to it. */
export const CORRELATION_ID_HEADER = 'x-correlation-id';

const WELL_FORMED = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's id for a call when it is well-formed, else a new one. */
export function correlationIdFrom(given: string | undefined): string {
  return given !== undefined && WELL_FORMED.test(given) ? given : randomUUID();
}
