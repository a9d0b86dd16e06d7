import { linkedSignal } from '../../waiting.js';

/** The longest answer, in bytes after it is decompressed. */
const MAX_BYTES = 1024 * 1024;

/** Why a text cannot be had; the message goes on from `it`: `answers 500`. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched';
}

/**
 * Fetches a JSON text of at most 1 MiB. Follows no redirects: they might lead to somebody else, or to plain text. Rejects
 * with `NotFetched`, whose message has nothing of the URL.
 * @param timeout milliseconds that the whole of it may take
 * @param signal ends the fetch before
 */
export async function fetchText(url: string, timeout: number, signal: AbortSignal): Promise<string> {
  const until = linkedSignal(signal);
  const timer = setTimeout(() => until.end(new NotFetched(`did not answer within ${timeout} ms`)), timeout);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: until.signal,
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new NotFetched(`answers ${response.status}${isRedirect(response.status) ? ', a redirect' : ''}`);
    }
    return await textOf(response);
  } catch (error) {
    throw error instanceof NotFetched ? error : new NotFetched(`cannot be reached (${codeOf(error)})`);
  } finally {
    clearTimeout(timer);
    until.end();
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_BYTES) throw new NotFetched('answers more than 1 MiB');
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** What went wrong, without the address that the messages of errors have. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code ?? 'the connection failed';
}
