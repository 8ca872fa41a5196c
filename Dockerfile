# Each step also works by hand, in this order, in a folder with the files that .dockerignore lets through.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-slim
# In production GraphiQL and introspection are off unless GRAPHIQL=true and INTROSPECTION=true are given.
# SANDBOX=true lets a container that is told nothing serve the sandbox; CLOUDFLARE_BASE_URL wins over it.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 SANDBOX=true
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/examples examples
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node is the first process, so that it gets SIGTERM and finishes what is in flight.
CMD ["node", "dist/main.js"]
