/** A table for people: a line for the headings and one for each row, columns padded to the widest cell. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** How long something has lasted, in its largest unit: `2 h`. @param ms milliseconds */
export function lastingOf(ms: number): string {
  const [size, unit] = UNITS.find(([one]) => ms >= one) ?? [1_000, 's'];
  return `${Math.max(0, ms / size).toFixed(unit === 's' ? 1 : 0)} ${unit}`;
}
