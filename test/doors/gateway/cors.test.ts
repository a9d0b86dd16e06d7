import { describe, expect, test } from 'vitest';
import { ownGateway } from './support.js';

const ORIGIN = 'https://app.example.com';
const PATHS = [
  '/api/v1/sessions',
  '/api/v1/coaches/123/availability',
  '/aceup.scheduler.v1.SessionService/ScheduleSession',
  '/aceup.scheduler.v1.AvailabilityService/FindSlots',
  '/nothing',
];

function preflight(url: string, origin = ORIGIN): Promise<Response> {
  return fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
}

describe('with origins', () => {
  test.each(PATHS)('a preflight to %s allows what REST, Connect and gRPC-Web need', async (path) => {
    const gateway = await ownGateway({ corsOrigins: [ORIGIN] });
    const answer = await preflight(gateway.url + path);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE');
    const allowed = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining([
        'content-type',
        'connect-protocol-version',
        'connect-timeout-ms',
        'x-grpc-web',
        'grpc-timeout',
      ]),
    );
    expect(allowed).toEqual(
      expect.arrayContaining(['idempotency-key', 'if-match', 'x-actor', 'x-correlation-id', 'authorization']),
    );
    expect(allowed).toEqual(
      expect.arrayContaining([
        'traceparent',
        'tracestate',
        'baggage',
        'x-coach-hash-id',
        'content-encoding',
        'if-none-match',
        'last-event-id',
      ]),
    );
  });

  test('an answer shows pages what they need', async () => {
    const gateway = await ownGateway({ corsOrigins: [ORIGIN] });
    const answer = await fetch(`${gateway.url}/api/v1/sessions`, { headers: { origin: ORIGIN } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const exposed = answer.headers.get('access-control-expose-headers')?.toLowerCase().split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['grpc-status', 'grpc-message', 'grpc-status-details-bin']));
    expect(exposed).toEqual(
      expect.arrayContaining(['location', 'etag', 'retry-after', 'ratelimit', 'ratelimit-policy', 'x-correlation-id']),
    );
  });

  test.each(PATHS)('an error at %s is shown too', async (path) => {
    const gateway = await ownGateway({ corsOrigins: [ORIGIN] });
    const headers = { origin: ORIGIN, 'content-type': 'application/json' };
    const answer = await fetch(gateway.url + path, { method: 'POST', headers, body: '{' });
    expect(answer.ok).toBe(false);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  test('another origin is not allowed', async () => {
    const gateway = await ownGateway({ corsOrigins: [ORIGIN] });
    const answer = await preflight(gateway.url + PATHS[0], 'https://evil.example.com');
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('* allows any', async () => {
    const gateway = await ownGateway({ corsOrigins: ['*'] });
    expect((await preflight(gateway.url + PATHS[0])).headers.get('access-control-allow-origin')).toBe('*');
  });
});

test('without origins, nothing is allowed', async () => {
  const gateway = await ownGateway();
  const answers = [
    await preflight(gateway.url + PATHS[0]),
    await fetch(gateway.url + PATHS[0], { headers: { origin: ORIGIN } }),
  ];
  for (const { headers } of answers) {
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});
