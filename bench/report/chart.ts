import { figure } from '../harness/figures.js';
import type { Row } from '../harness/scenario.js';
import { comparedRows, type Results, type ScenarioResults } from './report.js';

const WIDTH = 820;
const LEFT = 270;
const RIGHT = 80;
const BAR = 16;
const GAP = 6;
const HEADING = 32;
const AFTER_BLOCK = 14;
const LEGEND = 34;

/** With a background of its own: a page may be dark on a system that is light, and the other way round. */
const STYLE = `
  .card { fill: #ffffff; stroke: #d1d9e0 } text { fill: #1f2328 }
  .service { fill: #1f6feb } .peer { fill: #9aa4b2 } .limit { fill: #dfe3e8 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d } text { fill: #e6edf3 }
    .service { fill: #4493f8 } .peer { fill: #6e7681 } .limit { fill: #30363d }
  }`;

const LEGEND_TEXTS = {
  service: 'the service',
  peer: 'what teams use instead',
  limit: 'a limit: a part of the work only',
};

/**
 * The results as an SVG of bars, for light and dark: a block for each scenario that has others than the service, with
 * the fastest variant of each peer.
 */
export function chartOf({ scenarios }: Results): string {
  const blocks: string[] = [];
  let y = LEGEND;
  for (const scenario of scenarios) {
    const rows = comparedRows(scenario.rows);
    if (rows.every((row) => kindOf(row) === 'service')) continue;
    blocks.push(blockOf(scenario, rows, y));
    y += HEADING + rows.length * (BAR + GAP) + AFTER_BLOCK;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">
<title>How much each does in a second</title>
<style>${STYLE}
</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="6"/>
${legend()}
${blocks.join('\n')}
</svg>
`;
}

function legend(): string {
  return Object.entries(LEGEND_TEXTS)
    .map(([kind, text], nr) => {
      const x = 12 + nr * 180;
      return `<rect class="${kind}" x="${x}" y="12" width="12" height="12"/><text x="${x + 18}" y="22">${text}</text>`;
    })
    .join('');
}

function blockOf({ title, unit }: ScenarioResults, rows: readonly Row[], top: number): string {
  const most = Math.max(...rows.map(({ perSecond }) => perSecond));
  const bars = rows.map((row, index) => {
    const y = top + HEADING + index * (BAR + GAP);
    const length = Math.max(1, ((WIDTH - LEFT - RIGHT) * row.perSecond) / most);
    return [
      `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escaped(row.subject)}</text>`,
      `<rect class="${kindOf(row)}" x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}"/>`,
      `<text x="${(LEFT + length + 6).toFixed(1)}" y="${y + 12}">${figure(row.perSecond)}</text>`,
    ].join('');
  });
  const heading = escaped(`${title} (${unit}/s)`);
  return [`<text x="12" y="${top + 20}" font-weight="bold">${heading}</text>`, ...bars].join('\n');
}

function kindOf({ subject, isLimit }: Row): keyof typeof LEGEND_TEXTS {
  if (isLimit) return 'limit';
  return subject.startsWith('service') ? 'service' : 'peer';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
