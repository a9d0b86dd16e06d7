import type pg from 'pg';
import { isRefusal } from '../../application/refusal.js';
import {
  type CommandOn,
  MAX_WEBHOOKS,
  type Webhook,
  type WebhookCommand,
  type WebhookRefusal,
  type Webhooks,
  type WebhookTarget,
  type WithSecret,
} from '../../application/webhooks.js';
import { isWanted } from '../../domain/coach/etag.js';
import { brokenUrl, type OutboundRules } from '../../outbound/outbound-url.js';
import { inTransaction } from '../../postgres/in-transaction.js';
import { whenAvailable } from '../../read-model-errors.js';
import type { Poster } from './post-event.js';
import { type Done, once } from './remembered.js';
import { newSecret } from './signature.js';
import { postTest } from './test-delivery.js';
import { deliveriesOf, stateOf, statesAfter } from './webhook-queries.js';
import { type WebhookRow, webhookOf } from './webhook-rows.js';

/** What the webhooks need. */
export interface WebhookStoreParts {
  /** Of the database that has the schema `feeds`. */
  readonly pool: pg.Pool;
  readonly rules: OutboundRules;
  /** Posts tests. */
  readonly poster: Poster;
  /** The `source` of the CloudEvents. */
  readonly source: string;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The channel on which the process that delivers learns that webhooks have changed. */
export const CHANNEL = 'feeds_webhooks';

/** Milliseconds for which a former secret is of use, when nothing else is asked for. */
export const DEFAULT_OVERLAP = 24 * 3_600_000;

/** What a change of a webhook sets, as SQL and its values from $2 on. */
type Change = readonly [sql: string, ...values: unknown[]];

/** The webhooks in Postgres. */
export function createWebhookStore({ pool, rules, poster, source, now, newId }: WebhookStoreParts): Webhooks {
  /** Carries a command out once, in a transaction that takes effect unless the command is refused. */
  function onceInTransaction<Answer>(
    command: WebhookCommand,
    carryOut: (client: pg.ClientBase) => Promise<Done<Answer> | WebhookRefusal>,
  ): Promise<Answer | WebhookRefusal> {
    return inTransaction(
      pool,
      (client) => once(client, command, now(), () => carryOut(client)),
      (answer) => !isRefusal(answer),
    );
  }

  /** Changes a webhook that has the etag which the command wants. */
  function change<Answer>(
    command: CommandOn,
    carryOut: (client: pg.ClientBase, row: WebhookRow) => Promise<Done<Answer>>,
  ): Promise<Answer | WebhookRefusal> {
    return onceInTransaction(command, async (client) => {
      const { rows } = await client.query<WebhookRow>('select * from feeds.webhooks where id = $1 for update', [
        command.id,
      ]);
      const [row] = rows;
      if (!row) return { refused: 'not-found' };
      const etag = String(row.version);
      return isWanted(command.etag, etag) ? carryOut(client, row) : { refused: 'stale-etag', etag };
    });
  }

  /** Sets columns, unless there is nothing to set. */
  async function set(client: pg.ClientBase, row: WebhookRow, what: Change | undefined): Promise<WebhookRow> {
    if (!what) return row;
    const [sql, ...values] = what;
    const { rows } = await client.query<WebhookRow>(
      `update feeds.webhooks set ${sql}, version = version + 1, updated_at = $2 where id = $1 returning *`,
      [row.id, new Date(now()), ...values],
    );
    await client.query('select pg_notify($1, $2)', [CHANNEL, row.id]);
    return rows[0]!;
  }

  /** Changes columns of a webhook. */
  function changeColumns(
    command: CommandOn,
    what: (row: WebhookRow) => Change | undefined,
  ): Promise<Webhook | WebhookRefusal> {
    return change(command, async (client, row) => {
      return { answer: webhookOf(await set(client, row, what(row))), webhookId: row.id };
    });
  }

  const store: Webhooks = {
    brokenUrl: (url) => brokenUrl(url, rules),

    create: (command, target, after) =>
      onceInTransaction<WithSecret>(command, async (client) => {
        // One after the other: each counts those before.
        await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', ['feeds.webhooks']);
        const { rows: counted } = await client.query<{ count: bigint }>('select count(*) from feeds.webhooks');
        if (counted[0]!.count >= MAX_WEBHOOKS) return { refused: 'quota' };
        const { rows } = await client.query<WebhookRow>(
          `insert into feeds.webhooks
             (id, url, coach_hash_id, client_hash_id, types, description, secret, start_after, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning *`,
          [newId(), ...columnsOf(target), newSecret(), after, new Date(now())],
        );
        const row = rows[0]!;
        await client.query('select pg_notify($1, $2)', [CHANNEL, row.id]);
        return { answer: { webhook: webhookOf(row), secret: row.secret }, webhookId: row.id };
      }),

    update: (command, target) =>
      changeColumns(command, () => [
        'url = $3, coach_hash_id = $4, client_hash_id = $5, types = $6, description = $7',
        ...columnsOf(target),
      ]),

    delete: (command) =>
      change(command, async (client, { id }) => {
        await client.query('delete from feeds.webhook_requests where webhook_id = $1', [id]);
        await client.query('delete from feeds.webhooks where id = $1', [id]);
        await client.query('delete from feeds.cursors where feed = $1', [id]);
        await client.query('select pg_notify($1, $2)', [CHANNEL, id]);
        return { answer: 'deleted' as const, webhookId: undefined };
      }),

    pause: (command, detail) =>
      changeColumns(command, ({ pause_reason }) =>
        pause_reason === null ? ["pause_reason = 'by_admin', pause_detail = $3", detail] : undefined,
      ),

    resume: (command) =>
      change(command, async (client, row) => {
        const isPaused = row.pause_reason !== null;
        if (isPaused) {
          await client.query('update feeds.webhook_held_up set next_attempt_at = $2 where webhook_id = $1', [
            row.id,
            new Date(now()),
          ]);
          await client.query('update feeds.cursors set failing_since = null where feed = $1', [row.id]);
        }
        const resumed = await set(client, row, isPaused ? ["pause_reason = null, pause_detail = ''"] : undefined);
        return { answer: webhookOf(resumed), webhookId: row.id };
      }),

    replay: (command, after) =>
      change(command, async (client, row) => {
        const replayed = await set(client, row, ['start_after = $3, generation = generation + 1', after]);
        await client.query('delete from feeds.webhook_held_up where webhook_id = $1', [row.id]);
        await client.query('delete from feeds.cursors where feed = $1', [row.id]);
        return { answer: webhookOf(replayed), webhookId: row.id };
      }),

    rotateSecret: (command, overlap) =>
      change(command, async (client, row) => {
        const until = new Date(now() + overlap);
        const rotated = await set(client, row, [
          'former_secret = $3, former_secret_until = $4, secret = $5',
          ...(overlap > 0 ? [row.secret, until] : [null, null]),
          newSecret(),
        ]);
        return { answer: { webhook: webhookOf(rotated), secret: rotated.secret }, webhookId: row.id };
      }),

    skip: (command, coachHashId, changeId) =>
      change(command, async (client, { id }) => {
        const { rowCount } = await client.query(
          `update feeds.webhook_held_up set skip = true
           where webhook_id = $1 and coach_hash_id = $2 and change_id = $3 and attempts > 0`,
          [id, coachHashId, changeId],
        );
        if (rowCount === 1) await client.query('select pg_notify($1, $2)', [CHANNEL, id]);
        return { answer: rowCount === 1, webhookId: id };
      }),

    test: (id, signal) => postTest({ pool, poster, source, now, newId }, id, signal),
    get: (id) => stateOf(pool, id),
    list: (after, limit) => statesAfter(pool, after, limit),
    deliveries: (query, before, limit) => deliveriesOf(pool, query, before, limit),
  };
  return whenStoreAvailable(store);
}

function columnsOf({ url, coachHashId, clientHashId, types, description }: WebhookTarget): unknown[] {
  return [url, coachHashId ?? null, clientHashId ?? null, [...types], description];
}

/** The same, but for what Postgres throws when it is unavailable. */
function whenStoreAvailable({ brokenUrl, ...calls }: Webhooks): Webhooks {
  const checked = Object.entries(calls).map(([name, call]) => {
    const calling = (...args: unknown[]) => whenAvailable((call as (...all: unknown[]) => Promise<unknown>)(...args));
    return [name, calling];
  });
  return { brokenUrl, ...(Object.fromEntries(checked) as typeof calls) };
}
