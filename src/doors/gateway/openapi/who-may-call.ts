import { type DescMethod, getOption } from '@bufbuild/protobuf';
import { access } from '../../../gen/aceup/scheduler/v1/access_pb.js';
import { roleNamed, rolesForAnybody } from '../../../handlers/access/access-rules.js';
import type { Role } from '../../../handlers/access/principal.js';

/** Who may call a method of a service that authenticates callers, in a sentence: its option `(access)` in words. */
export function whoMayCall(method: DescMethod): string {
  const { own, byLink } = getOption(method, access);
  const ofAll = rolesForAnybody(method).map(plural);
  const ofOwn = own.length > 0 ? `, and for ${own.map(roleNamed).map(plural).join(' and ')} about themselves` : '';
  const orLink = byLink ? ', and for whoever has a secret link' : '';
  return `With authentication, this is for ${ofAll.join(', ').replace(/, (\w+)$/, ' and $1')}${ofOwn}${orLink}.`;
}

function plural(role: Role): string {
  return role === 'coach' ? 'coaches' : `${role}s`;
}
