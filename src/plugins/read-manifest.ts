import { readFile } from 'node:fs/promises'
import { GraphQLError, parse } from 'graphql'
import { z } from 'zod'
import { unusableManifest } from '../config.ts'

const apolloManifest = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string() })),
})
const plainManifest = z.record(z.string().min(1), z.string())

/**
 * The documents of a manifest by hash: Apollo's format, or an object with a document for each hash.
 * @throws InvalidConfig with the place where it is no manifest, or where a document of it is no GraphQL.
 */
export async function readManifest(path: string): Promise<ReadonlyMap<string, string>> {
  const entries = entriesOf(path, await readJson(path))
  const documents = new Map<string, string>()
  for (const { place, hash, document } of entries) {
    checkDocument(path, place, document)
    if (documents.has(hash)) throw unusableManifest(path, `${place} has the hash of an operation before it`)
    documents.set(hash, document)
  }
  return documents
}

type Entry = { readonly place: string; readonly hash: string; readonly document: string }

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw unusableManifest(
      path,
      error instanceof SyntaxError ? `no JSON (${error.message})` : 'it cannot be read',
    )
  }
}

function entriesOf(path: string, json: unknown): readonly Entry[] {
  if (typeof json === 'object' && json !== null && 'format' in json) {
    const { operations } = checked(path, apolloManifest, json)
    return operations.map(({ id, body }, index) => ({
      place: `operations.${index}`,
      hash: id,
      document: body,
    }))
  }
  return Object.entries(checked(path, plainManifest, json)).map(([hash, document]) => ({
    place: hash,
    hash,
    document,
  }))
}

function checked<Shape>(path: string, schema: z.ZodType<Shape>, json: unknown): Shape {
  const { data, error } = schema.safeParse(json)
  if (data !== undefined) return data
  const [issue] = error?.issues ?? []
  throw unusableManifest(path, `${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`)
}

function checkDocument(path: string, place: string, document: string): void {
  try {
    parse(document)
  } catch (error) {
    throw unusableManifest(path, `${place}: ${error instanceof GraphQLError ? error.message : 'no GraphQL'}`)
  }
}
