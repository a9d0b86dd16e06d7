// Copies the files that the service reads at run time and the compiler ignores (SQL, descriptors, zone rules) to dist/.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

for (const folder of ['src', 'projections']) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(sql|binpb|zi)$/.test(file)) continue;
    const target = join('dist', folder, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(folder, file), target);
  }
}
