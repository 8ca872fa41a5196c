type Example = { readonly title: string; readonly document: string }

/** Queries that neither subgraph could answer alone. */
export const queries: readonly [Example, ...Example[]] = [
  {
    title: 'Which user groups a department is in',
    document: `{
  department(name: "Security") {
    head { displayName email }
    people {
      displayName
      status
      userGroups(first: 50) { nodes { name } }
    }
  }
}`,
  },
  {
    title: 'Who is in a user group, by department, and who can vouch for them',
    document: `{
  accounts(first: 1) {
    nodes {
      name
      costCenter
      userGroups(first: 1, filter: { name: "Security Operations" }) {
        nodes {
          members(first: 30) {
            nodes { displayName department { name } manager { displayName email } }
          }
        }
      }
    }
  }
}`,
  },
  {
    title: 'Members whom the company does not know',
    document: `{
  accounts(first: 1) {
    nodes { members(first: 50) { nodes { email status department { name } } } }
  }
}`,
  },
]
