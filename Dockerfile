# The compiler's own packages are for glibc; what it makes is JavaScript, which runs on the smaller system below.
FROM node:22.14.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22.14.0-alpine3.21
ENV NODE_ENV=production
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
