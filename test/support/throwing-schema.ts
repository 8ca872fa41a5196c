import { GraphQLScalarType } from 'graphql'
import { createSchema } from 'graphql-yoga'

/** A schema with a field that throws `error`, one that stands beside it, and some that go wrong by themselves. */
export function throwingSchema(error?: unknown) {
  const fail = () => {
    throw error
  }
  return createSchema({
    typeDefs: /* GraphQL */ `
      type Query {
        fails: String
        rejects: String
        failsWhole: String!
        stands: String
        echo(text: String!): String
        even(number: Even): String
        paint(color: Color): String
        notNull: String!
        color: Color
        count: Int
        unprintable: Unprintable
      }
      type Mutation {
        change: String
      }
      scalar Even
      scalar Unprintable
      enum Color {
        RED
      }
    `,
    resolvers: {
      Query: {
        fails: fail,
        rejects: async () => fail(),
        failsWhole: fail,
        stands: () => 'still here',
        echo: (_, { text }: { text: string }) => text,
        notNull: () => null,
        color: () => 'secret green',
        count: () => 'secret number',
        unprintable: () => ({
          toJSON() {
            throw new Error('secret detail')
          },
        }),
      },
      Even: new GraphQLScalarType({
        name: 'Even',
        parseValue(value) {
          if (value === 2) return value
          throw new TypeError(`${value} is not even`)
        },
      }),
      Mutation: { change: fail },
    },
  })
}
