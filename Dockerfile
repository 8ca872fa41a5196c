# syntax=docker/dockerfile:1

# The line of Node.js under long-term support, on the smaller Debian image. For a build that can be repeated, pin it by digest.
ARG NODE_IMAGE=node:26-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs scripts/
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts/prune-production.mjs scripts/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
RUN node scripts/prune-production.mjs node_modules

FROM ${NODE_IMAGE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cloudflare-iam-graphql" \
      org.opencontainers.image.description="A GraphQL gateway over Cloudflare's IAM REST API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
# In production GraphiQL and introspection are off unless GRAPHIQL=true and INTROSPECTION=true are given.
# SANDBOX=true lets a container that is told nothing serve the sandbox; CLOUDFLARE_BASE_URL wins over it.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 SANDBOX=true
WORKDIR /app
# All of it belongs to root, and the process writes nothing: the file system may be mounted read-only.
COPY package.json LICENSE ./
COPY examples/*.graphql examples/*.json examples/
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# By number, so that Kubernetes can see that it is not root. It is the user `node` of the image.
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node is the first process, so that it gets SIGTERM and finishes what is in flight.
# What waits for the upstream fits into a young generation of this size, in MiB, and is not moved to the old one; that may grow by so many
# percent before it is collected; and nothing is made in it from the first (docs/performance.md).
CMD ["node", "--max-semi-space-size=64", "--heap-growing-percent=200", "--no-allocation-site-pretenuring", "dist/main.js"]
