import type { SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import type { LiveCertificates } from '../tls/live-certificates.js';

/**
 * Credentials whose certificates change while the server listens. Those that grpc-js makes from files refuse new
 * connections while the files do not fit.
 * @param handshakeTimeout milliseconds
 */
export function tlsCredentials(certificates: LiveCertificates, handshakeTimeout: number): ServerCredentials {
  return new SwappedCredentials(certificates, handshakeTimeout);
}

// A class, since grpc-js gives its servers new certificates by a method that only subclasses may call.
class SwappedCredentials extends ServerCredentials {
  constructor(certificates: LiveCertificates, handshakeTimeout: number) {
    super({ requestCert: certificates.mutual, rejectUnauthorized: true, handshakeTimeout }, certificates.context());
    certificates.onChange((context: SecureContextOptions) => this.updateSecureContextOptions(context));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
