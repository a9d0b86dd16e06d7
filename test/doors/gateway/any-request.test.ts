import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedGateway } from './support.js';

const gateway = sharedGateway();

const SERVICE = '/aceup.scheduler.v1.SessionService';
const AVAILABILITY = '/aceup.scheduler.v1.AvailabilityService';
const path = fc.oneof(
  fc.constantFrom('/api/v1/sessions', `${SERVICE}/ScheduleSession`, `${SERVICE}/ListSessions`),
  fc.constantFrom('/api/v1/slots:find', `${AVAILABILITY}/SetAvailability`, `${AVAILABILITY}/SyncTimeOff`),
  fc.webPath().map((rest) => `/api/v1/sessions${rest}`),
  fc.webPath().map((rest) => `/api/v1/coaches${rest}`),
  fc.webPath().map((rest) => `/api/v1/coaches/a/availability${rest}`),
  fc.webQueryParameters().map((query) => `/api/v1/coaches/a/slots?${query}`),
  fc.webQueryParameters().map((query) => `/api/v1/sessions?${query}`),
  fc.webQueryParameters().map((query) => `${SERVICE}/GetSession?encoding=json&message=${query}`),
  fc.webQueryParameters().map((query) => `${SERVICE}/GetSession?encoding=proto&base64=1&message=${query}`),
);
const types = [
  'application/json',
  'application/proto',
  'application/grpc-web+proto',
  'application/grpc-web+json',
  'x/y',
];
const envelope = (bytes: Uint8Array) => new Uint8Array([0, 0, 0, 0, bytes.length, ...bytes]);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map(envelope),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .dictionary(
      fc.constantFrom('session', 'request_id', 'page_size', 'from', 'availability', 'time_off'),
      fc.jsonValue(),
    )
    .map((o) => JSON.stringify(o)),
);

test('no request leads to an error of the service', async () => {
  const request = fc.record({
    path,
    method: fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'DELETE'),
    type: fc.constantFrom(...types),
    body,
    timeout: fc.option(fc.constantFrom('1', 'x', '9999999999', '-1', '5S', '99999999H'), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ path, method, type, body, timeout }) => {
      const headers = {
        'content-type': type,
        ...(timeout && { 'connect-timeout-ms': timeout, 'grpc-timeout': timeout }),
      };
      const init = { method, headers, ...(method !== 'GET' && { body: body as string }) };
      const answer = await fetch(gateway.url + path, init);
      expect([500, 503]).not.toContain(answer.status);
      expect(await answer.text()).not.toMatch(/grpc-status: (2|13)\b/);
    }),
    { numRuns: 300 },
  );
});
