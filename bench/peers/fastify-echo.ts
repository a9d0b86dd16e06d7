/** A limit: Fastify that books nothing and answers as if it had. */
import { createApp, listen, serveBooking } from './session-api.js';

const app = createApp();
serveBooking(app, async () => {});
await listen(app);
