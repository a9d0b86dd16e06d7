import { RefusedAddress } from '../../outbound/checked-lookup.js';
import { isCertificateRefused } from '../../postgres/pool.js';
import { MAX_BYTES } from '../read/calendar-reader.js';
import { TooLarge, UnknownEncoding } from './read-body.js';

/**
 * Why a fetch failed, in a sentence for the coach. Messages of errors are not repeated: they may have the URL, or
 * addresses that are nobody's business.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors.at(-1));
  if (error instanceof TooLarge)
    return `the document is too large: at most ${MAX_BYTES.toLocaleString('en')} bytes are read`;
  if (error instanceof UnknownEncoding) return 'the server packs the document in a way that was not asked for';
  if (error instanceof RefusedAddress) return 'the host leads to a private or reserved address, which is not called';
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  if (isCertificateRefused(error)) return `the certificate of the server does not hold: ${code}`;
  if (code.startsWith('Z_')) return 'the document cannot be unpacked';
  return REASONS[code] ?? `no answer came${code && `: ${code}`}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host is not known',
  EAI_AGAIN: 'the host could not be looked up',
  ECONNREFUSED: 'the host refuses connections',
  ECONNRESET: 'the connection was closed before the answer was whole',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was closed before the answer was whole',
};
