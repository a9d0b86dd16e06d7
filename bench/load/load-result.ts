/** What a load generator counted. */
export interface LoadResult {
  /** Requests answered. */
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by HTTP status or gRPC code. wrk reports only how many were 400 or more: those are under `4xx/5xx`. */
  readonly statuses: Readonly<Record<string, number>>;
  /** The first answers that were neither accepted nor a plain refusal, for people. */
  readonly surprises: readonly string[];
  /** The generator's own. */
  readonly cpuSeconds: number;
}
