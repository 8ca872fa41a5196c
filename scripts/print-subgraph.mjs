// Prints what a supergraph composes from. Plain JavaScript over the built gateway, so that it needs no TypeScript runner.
import { printAPI, printSubgraph } from '../dist/schema/print-api.js'
import { buildSchema } from '../dist/schema/schema.js'

const print = process.env.SUBGRAPH_NODE === 'true' ? printAPI : printSubgraph
process.stdout.write(`${print(buildSchema())}\n`)
