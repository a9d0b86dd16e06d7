/** What a PostgreSQL program complains of in its output, in one line without the full stop: the first error and its detail. */
export function complaintIn(output: string): string {
  const lines = output.trim().split('\n');
  const found = lines.findIndex((line) => /\b(FATAL|PANIC|error): /.test(line));
  const complaint = lines.at(found) ?? '';
  const detail = found >= 0 ? lines.slice(found + 1).find((line) => /\bDETAIL: /.test(line)) : undefined;
  return [complaint, detail]
    .filter((line) => line !== undefined)
    .map((line) => line.replace(/^.*?\b(FATAL|PANIC|error|DETAIL): +/, '').replace(/\.?\s*$/, ''))
    .join('; ');
}
