// Prints what a supergraph composes from. Plain JavaScript over the built gateway, so that it needs no TypeScript runner.
import { buildSchema, printAPI, printSubgraph } from '../dist/schema/schema.js'

const print = process.env.SUBGRAPH_NODE === 'true' ? printAPI : printSubgraph
process.stdout.write(`${print(buildSchema())}\n`)
