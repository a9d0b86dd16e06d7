/** Reads as a team would write them: SELECTs of the service's own table, each a query of its own, behind Fastify. */
import pg from 'pg';
import { selectList } from '../../projections/query.js';
import { sessionsTable } from '../../projections/sessions/sessions-table.js';
import type { SessionRow } from '../../src/application/read-model.js';
import { type AnswerJson, createApp, listen, REST_OF_ANSWER, serveReads } from './session-api.js';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['POOL_SIZE'] ?? 20),
});

const SELECT_SESSIONS = `select ${selectList(sessionsTable, 'session')} from read_model.sessions session`;

function jsonOf(row: SessionRow): AnswerJson {
  return {
    ...REST_OF_ANSWER,
    id: row.id,
    coach_hash_id: row.coachHashId,
    client_hash_id: row.clientHashId,
    start: timeOf(row.start),
    duration: row.duration,
    state: 'SESSION_STATE_SCHEDULED',
    created_at: timeOf(row.scheduledAt),
    updated_at: timeOf(row.updatedAt),
    etag: String(row.revision),
  };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

async function get(id: string): Promise<AnswerJson | undefined> {
  const { rows } = await pool.query<SessionRow>({
    name: 'get',
    text: `${SELECT_SESSIONS} where id = $1`,
    values: [id],
  });
  return rows[0] && jsonOf(rows[0]);
}

async function list(coachHashId: string, limit: number): Promise<AnswerJson[]> {
  const { rows } = await pool.query<SessionRow>({
    name: 'list',
    text: `${SELECT_SESSIONS} where coach_hash_id = $1 order by start, id limit $2`,
    values: [coachHashId, limit],
  });
  return rows.map(jsonOf);
}

const app = createApp();
serveReads(app, get, list);
await listen(app);
