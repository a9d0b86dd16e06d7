import type { Results, ScenarioResults } from './report.js';

const WIDTH = 760;
const LEFT = 190;
const RIGHT = 90;
const BAR = 18;
const GAP = 6;
const HEADING = 34;

/** The results as an SVG of bars, a block for each scenario whose rows count the same thing. */
export function chartOf({ scenarios }: Results): string {
  const blocks: string[] = [];
  let y = 10;
  for (const scenario of scenarios) {
    if (scenario.rows.length < 2) continue;
    blocks.push(blockOf(scenario, y));
    y += HEADING + scenario.rows.length * (BAR + GAP) + 14;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">
<title>How much each does in a second</title>
<rect width="100%" height="100%" fill="#fff"/>
${blocks.join('\n')}
</svg>
`;
}

function blockOf({ title, unit, rows }: ScenarioResults, top: number): string {
  const most = Math.max(...rows.map(({ perSecond }) => perSecond));
  const bars = rows.map(({ subject, perSecond }, index) => {
    const y = top + HEADING + index * (BAR + GAP);
    const length = Math.max(1, ((WIDTH - LEFT - RIGHT) * perSecond) / most);
    const fill = subject.startsWith('service') ? '#1f6feb' : '#b8c0cc';
    return [
      `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(subject)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${fill}"/>`,
      `<text x="${(LEFT + length + 6).toFixed(1)}" y="${y + 13}">${rounded(perSecond)}</text>`,
    ].join('');
  });
  return `<text x="10" y="${top + 18}" font-weight="bold">${escaped(title)} (${escaped(unit)}/s)</text>\n${bars.join('\n')}`;
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
