import fastify from 'fastify'
import mercurius from 'mercurius'
import { announce, resolvers, typeDefs } from './resolvers.mjs'

const app = fastify()
await app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  // Compiles a query that comes a second time.
  jit: 1,
  context: (request) => ({ authorization: request.headers.authorization }),
})
announce(await app.listen({ port: 0, host: '127.0.0.1' }))
