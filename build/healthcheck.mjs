// The image's HEALTHCHECK: exits with 0 if the service in this container is ready, else with 1.
const { HOST, PORT } = process.env;
const everywhere = !HOST || HOST === '0.0.0.0' || HOST === '::';
const host = everywhere ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST;
const answer = await fetch(`http://${host}:${PORT || 3000}/readyz`).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
