import { createHash } from 'node:crypto';

/** The etag of a document: a digest, so that it is the same whoever writes the document. */
export function etagOfDocument(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
