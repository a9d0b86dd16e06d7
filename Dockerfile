# The compiler's own packages are for glibc; what it makes is JavaScript, which runs on the smaller system below.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24.21.0-alpine
# In a container, only a service that listens on all addresses can be reached by a published port. Such a service starts
# only with AUTH_TOKENS_FILE or AUTH_JWKS, or with ALLOW_UNAUTHENTICATED=true.
ENV NODE_ENV=production HOST=0.0.0.0
# A new volume takes over the owner of the directory where it is mounted: so the service's user can write the tokens file.
RUN mkdir -m 700 /tokens && chown node:node /tokens
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are the embedded PostgreSQL: in a container the databases are given by URL.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY --from=build /app/dist ./dist
COPY build/healthcheck.mjs ./
USER node
EXPOSE 3000 50051
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["node", "healthcheck.mjs"]
CMD ["node", "--max-semi-space-size=64", "dist/src/cli.js", "start"]
