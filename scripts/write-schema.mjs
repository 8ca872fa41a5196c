// Prints the API to schema.graphql. Plain JavaScript over the built gateway, so that it needs no TypeScript runner.
import { writeFileSync } from 'node:fs'
import { printAPI } from '../dist/schema/print-api.js'
import { buildSchema } from '../dist/schema/schema.js'

writeFileSync(new URL('../schema.graphql', import.meta.url), printAPI(buildSchema()))
