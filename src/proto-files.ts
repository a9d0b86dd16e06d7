import { cp, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Correctable } from './correctable.js';

/** The protos of the service and all that they import, where the build puts them: `dist/proto`. */
const PROTOS = fileURLToPath(new URL('../proto', import.meta.url));

/** No protos were written. The message says why. */
export class CannotWriteProtos extends Correctable {
  override readonly name = 'CannotWriteProtos';
}

/**
 * The command `proto`: writes the protos of the service and all that they import into the folder that `--out` names,
 * for tools that generate code. Makes the folder if need be, replaces files of the same names, and leaves others alone.
 * Throws `CannotWriteProtos`.
 */
export async function writeProtos(args: readonly string[], writeLine: (line: string) => void): Promise<void> {
  const folder = folderFrom(args);
  try {
    await cp(PROTOS, folder, { recursive: true });
  } catch (error) {
    throw new CannotWriteProtos(`The protos cannot be written: ${(error as Error).message}`, { cause: error });
  }
  const files = await readdir(PROTOS, { recursive: true });
  writeLine(`${folder}: ${files.filter((file) => file.endsWith('.proto')).length} files. For example:

  python -m grpc_tools.protoc -I ${folder} --python_out=. --grpc_python_out=. ${folder}/aceup/scheduler/v1/*.proto`);
}

function folderFrom(args: readonly string[]): string {
  const { out } = parsed(args);
  if (!out) throw new CannotWriteProtos('Name the folder to write to: proto --out DIR');
  return out;
}

function parsed(args: readonly string[]): { out?: string } {
  try {
    return parseArgs({ args: [...args], options: { out: { type: 'string' } } }).values;
  } catch (error) {
    throw new CannotWriteProtos((error as Error).message, { cause: error });
  }
}
