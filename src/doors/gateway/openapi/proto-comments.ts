import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/**
 * The comments in the protos by full name: `aceup.scheduler.v1.Session.start`. Values of enums stand below their enum:
 * `aceup.scheduler.v1.Obstacle.Code.GAP`.
 */
export type ProtoComments = ReadonlyMap<string, string>;

/** Reads the comments that the generated code leaves out from the descriptors beside it. */
export async function readProtoComments(): Promise<ProtoComments> {
  const bytes = await readFile(new URL('../../../gen/descriptors.binpb', import.meta.url));
  return new Map(fromBinary(FileDescriptorSetSchema, bytes).file.flatMap(commentsIn));
}

/**
 * https://protobuf.com/docs/descriptors#source-code-info: a path is field numbers of descriptor.proto and indexes in
 * turn.
 */
function commentsIn(file: FileDescriptorProto): [string, string][] {
  const parents = [
    ...file.messageType.map(({ name, field }, i) => ({ path: [4, i], name, children: field })),
    ...file.messageType.flatMap((message, i) =>
      message.enumType.map(({ name, value }, j) => {
        return { path: [4, i, 4, j], name: `${message.name}.${name}`, children: value };
      }),
    ),
    ...file.enumType.map(({ name, value }, i) => ({ path: [5, i], name, children: value })),
    ...file.service.map(({ name, method }, i) => ({ path: [6, i], name, children: method })),
  ];
  const names = new Map<string, string>();
  for (const { path, name, children } of parents) {
    names.set(path.join(), `${file.package}.${name}`);
    for (const [j, child] of children.entries())
      names.set([...path, 2, j].join(), `${file.package}.${name}.${child.name}`);
  }
  return (file.sourceCodeInfo?.location ?? []).flatMap(({ path, leadingComments }) => {
    // Of thousands of places few have a comment.
    const name = leadingComments && names.get(path.join());
    return name ? [[name, unwrapped(leadingComments)]] : [];
  });
}

/** One line for each paragraph, with an empty one between them. */
function unwrapped(comment: string): string {
  return comment
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*/g, ' '))
    .join('\n\n');
}
