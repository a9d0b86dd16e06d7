import pg from 'pg';
import type { Logger } from 'pino';

/** Logs what a database refuses: each SQLSTATE once, until a statement that it was the answer to succeeds. */
export interface RefusalLog {
  /** @param statement its name or its text */
  succeeded(statement: string): void;
  failed(statement: string, error: unknown): void;
}

/**
 * A log of refusals that has logged none.
 * @param isRefusal which errors are meant: those that nobody but an operator of the database can help
 */
export function createRefusalLog(log: Logger, isRefusal: (error: unknown) => boolean): RefusalLog {
  /** The statements that are refused now, by SQLSTATE. */
  const refused = new Map<string, Set<string>>();
  return {
    succeeded(statement) {
      for (const [sqlstate, statements] of refused) {
        if (!statements.has(statement)) continue;
        refused.delete(sqlstate);
        log.info({ sqlstate }, 'Postgres takes again what it refused');
      }
    },

    failed(statement, error) {
      if (!(error instanceof pg.DatabaseError) || !isRefusal(error)) return;
      const { code: sqlstate = '', message: why } = error;
      const statements = refused.get(sqlstate);
      if (statements) return void statements.add(statement);
      refused.set(sqlstate, new Set([statement]));
      // Without the other fields of the error: they may have a row.
      log.error({ sqlstate, why }, 'Postgres refuses what the service needs: the database was changed, or is damaged');
    },
  };
}

/** Has the log told of all statements of a pool but those in transactions. */
export function watchStatements(pool: pg.Pool, refusals: RefusalLog): void {
  const query: (asked: string | pg.QueryConfig, values?: unknown[]) => Promise<pg.QueryResult> = pool.query.bind(pool);
  pool.query = ((asked: string | pg.QueryConfig, values?: unknown[]) => {
    const statement = typeof asked === 'string' ? asked : (asked.name ?? asked.text);
    const answer = query(asked, values);
    answer.then(
      () => refusals.succeeded(statement),
      (error) => refusals.failed(statement, error),
    );
    return answer;
  }) as typeof pool.query;
}
