/** Prints the OpenAPI document of the service. Needs `npm run build`. */
import { openApiOf } from '../../dist/src/doors/gateway/openapi/openapi.js';
import { readProtoComments } from '../../dist/src/doors/gateway/openapi/proto-comments.js';
import { restRoutesOf } from '../../dist/src/doors/gateway/rest/rest-routes.js';
import { SessionService } from '../../dist/src/gen/aceup/scheduler/v1/session_service_pb.js';

const routes = restRoutesOf(SessionService.methods.map((method) => ({ method })));
process.stdout.write(JSON.stringify(openApiOf(routes, await readProtoComments()), undefined, 2));
