import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { buildSchema } from 'graphql'
import { createYoga } from 'graphql-yoga'

// The least that serves a schema of this size: no resolver, no plugin.
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'), { assumeValidSDL: true })
const yoga = createYoga({ schema, logging: false })
const server = createServer(yoga).listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, msg: 'listening' })}\n`)
})
