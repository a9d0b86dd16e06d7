import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** A body has more bytes than are read. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** A body is packed in a way that was not asked for. */
export class UnknownEncoding extends Error {
  override readonly name = 'UnknownEncoding';
}

/**
 * Reads a body to its end, unpacked. Throws `TooLarge` as soon as more than `most` bytes have come, packed or unpacked,
 * `UnknownEncoding`, and what Node throws for a body that is cut off. The connection is closed then.
 */
export async function readBody(response: IncomingMessage, most: number): Promise<Buffer> {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    response.destroy();
    throw new UnknownEncoding('the body is packed in an unknown way');
  }
  const chunks: Buffer[] = [];
  const keep = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of atMost(most)(source)) chunks.push(chunk);
  };
  if (encoding === 'identity') await pipeline(response, keep);
  else await pipeline(response, atMost(most), createGunzip(), keep);
  return Buffer.concat(chunks);
}

const atMost = (most: number) =>
  async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.length;
      if (size > most) throw new TooLarge('the body is too large');
      yield chunk;
    }
  };
