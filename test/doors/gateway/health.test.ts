import { expect, test } from 'vitest';
import { ownGateway } from './support.js';

test('/healthz says that the process is up, ready or not', async () => {
  const gateway = await ownGateway({ readiness: async () => ['the event store is unavailable'] });
  const answer = await fetch(`${gateway.url}/healthz`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'up' });
});

test('/readyz says that the service is ready', async () => {
  const gateway = await ownGateway();
  const answer = await fetch(`${gateway.url}/readyz`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: 'ready', zone_rules: '2026f' });
});

test('/readyz answers 503 with the reasons while the service is not ready', async () => {
  const problems = ['the event store is unavailable', 'the read model is 9000 ms behind'];
  const gateway = await ownGateway({ readiness: async () => problems });
  const answer = await fetch(`${gateway.url}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'not ready', problems, zone_rules: '2026f' });
});
