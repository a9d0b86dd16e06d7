import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProtoPath } from 'grpc-health-check';

/** The reflection service (v1 and v1alpha) over files and all that they import, and over the health service. */
export function reflectionOf(files: Iterable<DescFile>): ReflectionService {
  const fileDescriptorProtos = [...withImports(files)].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  // The library takes what the proto loader makes, of which it reads only the file descriptors.
  const loaded = { ...loadSync(healthProtoPath), files: { fileDescriptorProtos } };
  return new ReflectionService(loaded as unknown as ConstructorParameters<typeof ReflectionService>[0]);
}

function withImports(files: Iterable<DescFile>, seen = new Set<DescFile>()): Set<DescFile> {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    withImports(file.dependencies, seen);
  }
  return seen;
}
