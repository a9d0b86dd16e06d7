import type { JsonObject } from '@bufbuild/protobuf';
import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

// All that the page needs comes from this service.
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; base-uri 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; style-src 'self' 'unsafe-inline'";

/** Serves the OpenAPI document at `/openapi.json` and a page that shows it at `/docs`, which `/` leads to. */
export async function serveDocs(app: FastifyInstance, document: JsonObject): Promise<void> {
  await app.register(swagger, {
    mode: 'static',
    specification: { document: document as unknown as StaticDocumentSpec['document'] },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: CONTENT_SECURITY_POLICY,
    // Without the bar of the library, which would name it and ask for another document's address.
    uiConfig: { layout: 'BaseLayout' },
  });
  app.get('/openapi.json', async () => document);
  app.get('/', async (_request, reply) => reply.redirect('/docs'));
}
