import { type DescMethod, getOption } from '@bufbuild/protobuf';
import { Access_Role, access } from '../../../gen/aceup/scheduler/v1/access_pb.js';

/** Who may call a method of a service that authenticates callers, in a sentence: its option `(access)` in words. */
export function whoMayCall(method: DescMethod): string {
  const { anybody, own } = getOption(method, access);
  const ofAll = ['services', 'admins', ...anybody.map(plural)];
  const ofOwn = own.length > 0 ? `, and for ${own.map(plural).join(' and ')} about themselves` : '';
  return `With authentication, this is for ${ofAll.join(', ').replace(/, (\w+)$/, ' and $1')}${ofOwn}.`;
}

function plural(role: Access_Role): string {
  const name = Access_Role[role]!.toLowerCase();
  return name === 'coach' ? 'coaches' : `${name}s`;
}
