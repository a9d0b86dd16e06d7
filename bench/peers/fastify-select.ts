/** Reads as a team would write them: one SELECT on the table that the service's read model has too, behind Fastify. */
import pg from 'pg';
import { createApp, listen, type SessionJson, serveReads } from './session-api.js';

interface Row {
  readonly id: string;
  readonly coach_hash_id: string;
  readonly client_hash_id: string;
  readonly start: Date;
  readonly duration: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'id, coach_hash_id, client_hash_id, start, duration, created_at, updated_at';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['POOL_SIZE'] ?? 20),
});

function jsonOf(row: Row): SessionJson {
  return {
    ...row,
    start: row.start.toISOString(),
    state: 'SESSION_STATE_SCHEDULED',
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

async function get(id: string): Promise<SessionJson | undefined> {
  const { rows } = await pool.query<Row>({
    name: 'get',
    text: `select ${COLUMNS} from read_model.sessions where id = $1`,
    values: [id],
  });
  return rows[0] && jsonOf(rows[0]);
}

async function list(coachHashId: string, limit: number): Promise<SessionJson[]> {
  const { rows } = await pool.query<Row>({
    name: 'list',
    text: `select ${COLUMNS} from read_model.sessions where coach_hash_id = $1 order by start, id limit $2`,
    values: [coachHashId, limit],
  });
  return rows.map(jsonOf);
}

const app = createApp();
serveReads(app, get, list);
await listen(app);
