import { createSchema } from 'graphql-yoga'
import { getAccount } from '../../src/cloudflare/accounts.ts'
import type { Context } from '../../src/context.ts'

/** A schema of one field that makes one REST call, one that makes none, and one that reports a gap. */
export function accountSchema() {
  return createSchema<Context>({
    typeDefs: /* GraphQL */ `
      type Query {
        accountName(tag: String!): String
        free: String
        gap: String
      }
    `,
    resolvers: {
      Query: {
        accountName: async (_, { tag }: { tag: string }, { rest }) => (await getAccount(rest, tag))?.name,
        free: () => 'of charge',
        gap(_, _args, { incomplete }) {
          incomplete.push({ path: ['gap'], message: 'a group could not be read', missing: 'group-1' })
          return 'the rest'
        },
      },
    },
  })
}
