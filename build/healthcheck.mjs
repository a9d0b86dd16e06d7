// The image's HEALTHCHECK: exits with 0 if the service in this container is ready, else with 1 and a line that says why.
import { readFileSync } from 'node:fs';
import { get as getInPlainText } from 'node:http';
import { get as getOverTls } from 'node:https';

const { HOST, PORT, TLS_CERT_FILE, TLS_KEY_FILE } = process.env;
const everywhere = !HOST || HOST === '0.0.0.0' || HOST === '::';
const place = { host: everywhere ? '127.0.0.1' : HOST, port: PORT || 3000, path: '/readyz', timeout: 4_000 };

try {
  const sent = TLS_CERT_FILE ? getOverTls({ ...place, ...tls() }) : getInPlainText(place);
  sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
  sent.on('error', ({ message }) => fail(message));
  sent.on('response', ({ statusCode }) => (statusCode === 200 ? process.exit(0) : fail(`not ready: ${statusCode}`)));
} catch ({ message }) {
  fail(message);
}

/** Where callers need a certificate, the check shows the service's own: the authority of callers has to accept it. */
function tls() {
  // The certificate need not name this address, and the answer holds no secret.
  return { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE), rejectUnauthorized: false };
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
