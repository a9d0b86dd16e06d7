/**
 * Computes the tables of docs/scale.md from the figures in scale/figures.ts, prints them, and writes them into the page,
 * each between its marks.
 *
 * npm run bench:scale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './harness/subject.js';
import { FIGURES } from './scale/figures.js';
import { bookingTable, limitsTable, monthTable, pricesLine, simulationTable } from './scale/tables.js';

const PAGE = join(ROOT, 'docs/scale.md');

const parts = {
  measured: `Measured: ${FIGURES.measured}.`,
  booking: bookingTable(),
  limits: limitsTable(),
  prices: pricesLine(),
  month: monthTable(),
  simulation: simulationTable(),
};

let page = readFileSync(PAGE, 'utf8');
for (const [name, text] of Object.entries(parts)) {
  console.log(`${text}\n`);
  const [begin, end] = [`<!-- bench:scale ${name} -->`, '<!-- end -->'];
  const [before, rest] = page.split(begin) as [string, string?];
  if (!rest?.includes(end)) throw new Error(`docs/scale.md has no place for ${name}`);
  page = `${before}${begin}\n\n${text}\n\n${rest.slice(rest.indexOf(end))}`;
}
writeFileSync(PAGE, page);
