import { existsSync, readFileSync } from 'node:fs';
import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { Access_Role, access } from '../../src/gen/aceup/scheduler/v1/access_pb.js';
import { AvailabilityService } from '../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import { CANCELLING, TABLE } from '../doors/access/table.js';

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/security.md', ROOT), 'utf8');
const METHODS: readonly DescMethod[] = [
  ...SessionService.methods,
  ...AvailabilityService.methods,
  ...WebhookService.methods,
  ...CalendarService.methods,
];

/** The cells of the rows of a table, below its heading. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = new RegExp(`^## ${heading}$(.*?)(?=^## |\\s*$(?![^]))`, 'ms').exec(PAGE) ?? [];
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

/** What a role may do, as the option of the method says it. */
function rightsOf(method: DescMethod, role: Access_Role): string {
  const { anybody, own } = getOption(method, access);
  if (anybody.includes(role)) return 'anybody';
  return own.includes(role) ? 'own' : '–';
}

/** What coaches and clients get for a request about others, as test/doors/access tries it. */
function aboutOthers(method: DescMethod): string {
  const row = TABLE.find((one) => one.method === method);
  const isTried = row !== undefined || CANCELLING.some((one) => one.method === method);
  if (!isTried) return 'not tried';
  const answers: Readonly<Record<string, string>> = { PermissionDenied: '403', NotFound: '404' };
  const { others } = row ?? { others: 'NotFound' };
  return answers[others] ?? others;
}

describe('the table of who may do what', () => {
  const rows = new Map(rowsOf('Who may do what').map((row) => [row[0], row]));

  test('has each rpc once, in the order of the protos', () => {
    expect([...rows.keys()]).toEqual(METHODS.map(({ name }) => `\`${name}\``));
  });

  test.each(METHODS.map((method) => [method.name, method] as const))('says of %s what its option says', (_, method) => {
    expect(hasOption(method, access)).toBe(true);
    const { adminsOnly } = getOption(method, access);
    const roles = [Access_Role.ANALYST, Access_Role.COACH, Access_Role.CLIENT].map((role) => rightsOf(method, role));
    const [, ...said] = rows.get(`\`${method.name}\``) ?? [];
    expect(said).toEqual([adminsOnly ? 'admins' : 'anybody', ...roles, aboutOthers(method)]);
  });
});

describe('the table of the OWASP API Security Top 10 of 2023', () => {
  const rows = rowsOf('OWASP API Security Top 10 \\(2023\\)');

  test('has all ten', () => {
    expect(rows.map(([risk = '']) => /^API(\d+): \S/.exec(risk)?.[1])).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index + 1}`),
    );
  });

  test.each(rows)('names tests that exist: %s', (_risk, _holds, shown = '') => {
    const tests = [...shown.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file as string);
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([]);
  });
});
