import {
  create,
  createFileRegistry,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  setExtension,
} from '@bufbuild/protobuf';
import {
  type FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { Access_Role, AccessSchema, access } from '../../../src/gen/aceup/scheduler/v1/access_pb.js';
import { RestOptionsSchema, rest } from '../../../src/gen/aceup/scheduler/v1/rest_pb.js';
import { http } from '../../../src/gen/google/api/annotations_pb.js';
import { HttpRuleSchema } from '../../../src/gen/google/api/http_pb.js';

type Field = MessageInitShape<typeof FieldDescriptorProtoSchema>;

const field = (number: number, name: string, type: Type, more: Field = {}): Field => ({
  number,
  name,
  jsonName: name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  type,
  label: Label.OPTIONAL,
  ...more,
});

/** The messages of a service that the gateway has never seen. */
const MESSAGES = [
  {
    name: 'Note',
    field: [field(1, 'id', Type.STRING), field(2, 'text', Type.STRING), field(3, 'line_count', Type.INT32)],
  },
  {
    name: 'Request',
    field: [
      field(1, 'id', Type.STRING),
      field(2, 'note', Type.MESSAGE, { typeName: '.fabricated.Note' }),
      field(3, 'tags', Type.STRING, { label: Label.REPEATED }),
      field(4, 'dry_run', Type.BOOL),
      field(5, 'size', Type.INT64),
      field(6, 'notes', Type.MESSAGE, { typeName: '.fabricated.Note', label: Label.REPEATED }),
    ],
  },
  {
    name: 'Response',
    field: [
      field(1, 'note', Type.MESSAGE, { typeName: '.fabricated.Note' }),
      field(2, 'tags', Type.STRING, { label: Label.REPEATED }),
    ],
  },
];

/** What google.api.http says of a method. */
export type Rule = MessageInitShape<typeof HttpRuleSchema>;

/**
 * A unary method of Request and Response.
 * @param rule its google.api.http option, if it has one
 * @param created its option for 201
 */
export function fabricatedMethod(rule?: Rule, created = '', name = 'Do'): DescMethodUnary {
  return fabricated({ name, options: optionsOf(rule, created) }).methods[0] as DescMethodUnary;
}

/**
 * A service whose only method, Watch, answers a Request with a stream of Responses.
 * @param rule its google.api.http option, if it has one
 */
export function fabricatedStream(rule?: Rule): DescService {
  return fabricated({ name: 'Watch', options: optionsOf(rule), serverStreaming: true });
}

/** A service whose only method answers a stream of Requests with a Response. */
export function fabricatedUpload(): DescService {
  return fabricated({ name: 'Upload', clientStreaming: true });
}

function optionsOf(rule?: Rule, created = '') {
  const options = create(MethodOptionsSchema);
  setExtension(options, access, create(AccessSchema, { own: [Access_Role.CLIENT] }));
  if (rule) setExtension(options, http, create(HttpRuleSchema, rule));
  if (created) setExtension(options, rest, create(RestOptionsSchema, { created }));
  return options;
}

function fabricated(method: MessageInitShape<typeof MethodDescriptorProtoSchema>): DescService {
  const file = create(FileDescriptorProtoSchema, {
    name: 'fabricated.proto',
    package: 'fabricated',
    syntax: 'proto3',
    messageType: MESSAGES,
    service: [
      { name: 'Notes', method: [{ ...method, inputType: '.fabricated.Request', outputType: '.fabricated.Response' }] },
    ],
  });
  return createFileRegistry(file, () => undefined).getService('fabricated.Notes') as DescService;
}
