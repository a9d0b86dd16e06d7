import { readFileSync } from 'node:fs';
import { attackOf } from './attacks.js';
import { carryOut } from './carry-out.js';
import { faultsOf } from './judge.js';
import { populate } from './populate.js';
import { startAttackedService } from './service.js';

const [seed = 1, first = 0, count = 500] = process.argv.slice(2).map(Number);
const service = await startAttackedService();
const cpu = () =>
  Number(readFileSync(`/proc/${service.pid}/task/${service.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
const kinds = new Map<string, { n: number; max: number; sum: number; nr: number; held: number; faults: Set<string> }>();
try {
  const world = await populate(service);
  let lines = (await service.warnings()).length;
  for (let nr = first; nr < first + count; nr += 1) {
    const attack = attackOf(seed, nr, world);
    const short = attack.patience && attack.patience > 500 ? { ...attack, patience: 400 } : attack;
    const before = cpu();
    const outcome = await carryOut(short, service);
    await new Promise((r) => setTimeout(r, 45));
    const used = cpu() - before;
    const kind = `${attack.layer}/${attack.door}/${attack.what.replace(/^\w+(?=[: ])/, (m) => (/^[A-Z]\w+[a-z][A-Z]/.test(m) ? '*' : m))}`;
    const k = kinds.get(kind) ?? { n: 0, max: 0, sum: 0, nr: 0, held: 0, faults: new Set<string>() };
    k.n += 1;
    k.sum += used;
    if (used > k.max) Object.assign(k, { max: used, nr });
    for (const f of faultsOf(attack, outcome)) k.faults.add(`${nr}: ${f}`);
    const now = await service.warnings();
    for (const line of now.slice(lines)) {
      if (line.msg === 'the event loop was held') {
        k.held = Math.max(k.held, Number(line['ms']));
        console.log(
          nr,
          kind,
          attack.requests,
          attack.writes.reduce((s, w) => s + w.length, 0),
          JSON.stringify(line),
        );
      } else if (line.level >= 50) console.log('LOG', nr, kind, JSON.stringify(line).slice(0, 500));
    }
    lines = now.length;
    kinds.set(kind, k);
  }
} finally {
  await service.stop();
}
console.log('---');
for (const [kind, k] of [...kinds].sort(([, a], [, b]) => b.max - a.max).slice(0, 60))
  console.log(
    kind,
    `n=${k.n} max=${k.max.toFixed(0)} mean=${(k.sum / k.n).toFixed(1)} held=${k.held} nr=${k.nr}`,
    [...k.faults].slice(0, 3).join(' | '),
  );
console.log('--- faults');
for (const [kind, k] of kinds) if (k.faults.size) console.log(kind, [...k.faults].slice(0, 3).join(' | '));
