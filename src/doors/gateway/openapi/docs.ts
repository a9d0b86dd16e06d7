import { readFile } from 'node:fs/promises';
import type { JsonObject } from '@bufbuild/protobuf';
import type { FastifyInstance } from 'fastify';

/** All that the page needs comes from this service, and it talks to nobody else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "object-src 'none'",
  "style-src 'self' 'unsafe-inline'",
].join('; ');

/** https://github.com/scalar/scalar/blob/main/documentation/configuration.md */
const CONFIGURATION = {
  // Fonts, a client to download, an assistant: all of them are elsewhere.
  withDefaultFonts: false,
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  telemetry: false,
  showDeveloperTools: 'never',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  operationTitleSource: 'summary',
  // Shows the field for a token at once. The page forgets the token when it is closed.
  authentication: { preferredSecurityScheme: 'token' },
  persistAuth: false,
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Session scheduler: API</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <script id="api-reference" data-url="openapi.json" data-configuration='${JSON.stringify(CONFIGURATION)}'></script>
    <script src="docs/page.js"></script>
  </body>
</html>
`;

const HOUR = 3600;

/** A browser is to take nothing for another type than it is, and to tell nobody that the page was read. */
const ON_EVERY_PAGE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

/** A document that is no page, should a browser show it all the same. */
const DOCUMENT_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Serves the OpenAPI document at `/openapi.json` and a page that shows it at `/docs`, which `/` leads to. Throws when
 * the script of the page was not built.
 */
export async function serveDocs(app: FastifyInstance, document: JsonObject): Promise<void> {
  const script = await readFile(new URL('./page.js.gz', import.meta.url));
  app.get('/openapi.json', async (_request, reply) => {
    return reply.headers({ ...ON_EVERY_PAGE, 'content-security-policy': DOCUMENT_POLICY }).send(document);
  });
  for (const path of ['/', '/docs/']) {
    app.get(path, async (_request, reply) => reply.headers(ON_EVERY_PAGE).redirect('/docs'));
  }
  app.get('/docs', async (_request, reply) => {
    reply.headers({ ...ON_EVERY_PAGE, 'content-security-policy': CONTENT_SECURITY_POLICY });
    return reply.type('text/html; charset=utf-8').send(PAGE);
  });
  app.get('/docs/page.js', async (_request, reply) => {
    reply.headers({ ...ON_EVERY_PAGE, 'content-encoding': 'gzip', 'cache-control': `public, max-age=${HOUR}` });
    return reply.type('text/javascript; charset=utf-8').send(script);
  });
}
