// The image's HEALTHCHECK: exits with 0 if the service in this container is ready, else with 1.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT || 3000}/readyz`).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
