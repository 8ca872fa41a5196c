import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import invented from './staff.json' with { type: 'json' }

/** What the directory knows; accounts and people by Cloudflare's tags. */
export type Staff = {
  readonly accounts: Readonly<Record<string, { readonly costCenter: string }>>
  readonly departments: readonly Department[]
}

type Department = {
  readonly name: string
  /** Tag of the account that its people are members of. */
  readonly account: string
  /** Tag of the one whom the others report to. */
  readonly head: string
  readonly people: readonly { readonly tag: string; readonly name: string }[]
}

type Member = { readonly account: { readonly tag: string }; readonly tag: string }

// Of Account and Member it holds the keys alone, and adds fields of its own.
const typeDefs = parse(/* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

  type Query {
    "Every department of the company; the first is led by whoever leads the company."
    departments: [Department!]!
    "One department; null where there is none of that name."
    department(name: String!): Department
  }

  type Department {
    name: String!
    head: Member!
    people: [Member!]!
  }

  "An account member. The fields below are null for one who is not on the company's staff."
  type Member @key(fields: "account { tag } tag") {
    account: Account!
    tag: ID!
    displayName: String
    department: Department
    "Whom this person reports to; null for whoever leads the company."
    manager: Member
  }

  type Account @key(fields: "tag") {
    tag: ID!
    "Who pays for it; null where the company does not."
    costCenter: String
  }
`)

/** A company directory as a subgraph: who the people are of whom the gateway knows what they may do. */
export function createDirectory(staff: Staff = invented) {
  const schema = buildSubgraphSchema({ typeDefs, resolvers: createResolvers(staff) })
  return createYoga({ schema, graphiql: false, logging: false })
}

function createResolvers({ accounts, departments }: Staff) {
  const people = new Map(
    departments.flatMap((department) =>
      department.people.map(({ tag, name }) => [tag, { name, department }] as const),
    ),
  )
  const [management] = departments
  const memberOf = ({ account }: Department, tag: string): Member => ({ account: { tag: account }, tag })
  const keysAlone = <Keys>(keys: Keys) => keys
  return {
    Query: {
      departments: () => departments,
      department: (_root: unknown, { name }: { readonly name: string }) =>
        departments.find((department) => department.name === name),
    },
    Department: {
      head: (department: Department) => memberOf(department, department.head),
      people: (department: Department) => department.people.map(({ tag }) => memberOf(department, tag)),
    },
    Member: {
      __resolveReference: keysAlone,
      displayName: ({ tag }: Member) => people.get(tag)?.name,
      department: ({ tag }: Member) => people.get(tag)?.department,
      manager({ tag }: Member) {
        const department = people.get(tag)?.department
        const leads = department?.head === tag ? management : department
        return leads === undefined || leads.head === tag ? null : memberOf(leads, leads.head)
      },
    },
    Account: {
      __resolveReference: keysAlone,
      costCenter: ({ tag }: { readonly tag: string }) => accounts[tag]?.costCenter,
    },
  }
}
