/** A number for people, with three figures at least: `12,345`, `12.3`, `1.23`, `0.123`. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value >= 1 ? 2 : 3);
}
