// What the compiled service reads at run time and the compiler does not copy: SQL and descriptors, to the same places under dist/.
import { cpSync, globSync } from 'node:fs';
