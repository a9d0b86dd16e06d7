import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedDocument } from '../../calendars/edited-documents.js';
import { startTestService, type TestService } from '../../support/service.js';
import { buildService } from '../../support/service-process.js';

let service: TestService;
beforeAll(async () => {
  await buildService();
  service = await startTestService();
});
afterAll(() => service?.stop());

const coach = () => `${service.httpUrl}/api/v1/coaches/edited-${randomUUID()}`;

async function sync(url: string, text: string) {
  const headers = { 'content-type': 'text/calendar' };
  const answer = await fetch(`${url}/timeOff:sync?source=google`, { method: 'POST', headers, body: text });
  return { status: answer.status, json: (await answer.json()) as Record<string, number> };
}

/** All that is there of the source, as text. */
async function spansOf(url: string): Promise<string[]> {
  const spans: string[] = [];
  let token = '';
  do {
    const page = await fetch(`${url}/timeOff?source=google&page_size=1000&page_token=${token}`);
    const { time_off, next_page_token } = (await page.json()) as {
      time_off: { start: string; end: string }[];
      next_page_token: string;
    };
    spans.push(...time_off.map(({ start, end }) => `${start}/${end}`));
    token = next_page_token;
  } while (token);
  return spans;
}

test('whatever is done to a document, all of it is synced or nothing', async () => {
  const url = coach();
  let there: string[] = [];
  await fc.assert(
    fc.asyncProperty(editedDocument, async (text) => {
      const { status, json } = await sync(url, text);
      const now = await spansOf(url);
      if (status === 200) {
        const { total = 0, added = 0, removed = 0 } = json;
        expect([new Set(now).size, now.length]).toEqual([total, there.length + added - removed]);
      } else {
        expect([status, now]).toEqual([400, there]);
      }
      there = now;
    }),
    { numRuns: 100 },
  );
  expect(await (await fetch(`${service.httpUrl}/healthz`)).text()).toContain('up');
});
