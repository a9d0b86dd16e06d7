/** A number that is watched, in each of its dimensions. */
export interface Metric {
  /** In snake case, with its unit at the end: `scheduler_feed_lag_seconds`. */
  readonly name: string;
  /** What it says, in a sentence. */
  readonly help: string;
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Asks for metrics. Rejects when they cannot be had now. */
export type Metrics = () => Promise<readonly Metric[]>;

/** The metrics in the text format of Prometheus, all of them gauges. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(linesOf)
    .map((line) => `${line}\n`)
    .join('');
}

/** The media type of that format. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function linesOf({ name, help, samples }: Metric): string[] {
  const values = samples.map(({ labels = {}, value }) => `${name}${labelsOf(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...values];
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return pairs.length > 0 ? `{${pairs.join()}}` : '';
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}
