import { Metadata } from '@grpc/grpc-js';

const ACCEPTED = 'grpc-accept-encoding';

/**
 * The metadata of a call whose answers must come uncompressed. grpc-js offers gzip with every call, and servers from
 * 25.1 take the offer for every message, however small: that costs both sides more time than any network saves.
 */
export function uncompressed(metadata: Metadata): Metadata {
  const own = new UncompressedMetadata(metadata.getOptions());
  own.merge(metadata);
  own.set(ACCEPTED, 'identity');
  return own;
}

/** Metadata that keep what they accept: grpc-js clones the metadata of a call, and then sets its own offer. */
class UncompressedMetadata extends Metadata {
  override set(key: string, value: string | Buffer): void {
    super.set(key, key === ACCEPTED ? 'identity' : value);
  }

  override clone(): Metadata {
    return uncompressed(super.clone());
  }
}
