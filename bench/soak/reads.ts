import type { Ask, Asked, Tally } from './ask.ts'
import type { Caller } from './callers.ts'
import type { Random } from './random.ts'
import { userGroupState } from './truth.ts'
import type { Supplies, UserGroupModel } from './worker.ts'

type Node = { readonly tag: string; readonly name?: string | null }
type Nodes = { readonly nodes: readonly Node[] } | null | undefined
type Read = (groups: readonly UserGroupModel[], connectors: readonly string[]) => Promise<Asked>

const group = `tag name policies { access permissionGroups { tag } resourceGroups { tag } } members(first: 500) { nodes { tag } }`

/** How one caller reads: what comes back is held against what the worker has written. */
export function createReads(options: {
  readonly name: string
  readonly caller: Caller
  readonly ask: Ask
  readonly random: Random
  readonly supplies: Supplies
  readonly foreignAccount: string
  readonly tally: Tally
}): Read {
  const { name, caller, ask, random, supplies, foreignAccount, tally } = options
  const account = supplies.accountTag
  const find = (what: string, asked: unknown) =>
    tally.findings.push(`${name}: ${what}: ${JSON.stringify(asked).slice(0, 600)}`)
  const maybeLeaving = () => (random.chance(0.04) ? random.below(30) : undefined)

  async function inAccount<Data>(selection: string, variables: Readonly<Record<string, unknown>> = {}) {
    const parameters = Object.keys(variables).map(
      (key) => `, $${key}: ${key === 'ids' ? '[ID!]!' : key === 'after' ? 'String' : 'ID!'}`,
    )
    const document = `query ($account: ID!${parameters.join('')}) { account(id: $account) { ${selection} } }`
    const asked = await ask(document, { account, ...variables }, maybeLeaving())
    // Read as what was selected.
    return { asked, account: asked.data?.account as Data | null | undefined }
  }

  async function ownGroup(groups: readonly UserGroupModel[]): Promise<Asked> {
    const own = random.pick(groups)
    type Found = {
      policies: { access: string; permissionGroups: Node[]; resourceGroups: Node[] }[]
      members: Nodes
      name: string
    }
    const { asked, account: found } = await inAccount<{ one: Found | null }>(
      `one: userGroup(id: $id) { ${group} }`,
      { id: own.tag },
    )
    if (asked.errors.length > 0 || found === undefined) return asked
    const one = found?.one
    if (!one?.members) {
      find('its own group is not there', asked)
      return asked
    }
    const policies = one.policies.map((policy) => ({
      access: policy.access.toLowerCase(),
      permissionGroups: policy.permissionGroups.map(({ tag }) => tag),
      resourceGroups: policy.resourceGroups.map(({ tag }) => tag),
    }))
    const state = userGroupState({
      name: one.name,
      policies,
      members: one.members.nodes.map(({ tag }) => tag),
    })
    if (state !== userGroupState(own))
      find(`its own group is not as it wrote it (${userGroupState(own)})`, asked)
    return asked
  }

  async function ownGroupsByName(groups: readonly UserGroupModel[]): Promise<Asked> {
    const { asked, account: found } = await inAccount<{ userGroups: Nodes }>(
      `userGroups(first: 100, filter: { nameContains: "${name} " }) { nodes { tag name } }`,
    )
    if (!found?.userGroups) return asked
    const names = found.userGroups.nodes.map((node) => node.name)
    const expected = groups.map((own) => own.name).toSorted()
    if (JSON.stringify(names.toSorted()) !== JSON.stringify(expected))
      find(`a search does not give ${expected}`, asked)
    return asked
  }

  async function walk(groups: readonly UserGroupModel[]): Promise<Asked> {
    const size = 3 + random.below(40)
    const tags: string[] = []
    const pages: unknown[] = []
    type Page = {
      userGroups: { edges: { cursor: string; node: Node }[]; pageInfo: { hasNextPage: boolean } } | null
    }
    for (let after: string | undefined; ; ) {
      const { asked, account: found } = await inAccount<Page>(
        `userGroups(first: ${size}, after: $after) { edges { cursor node { tag name } } pageInfo { hasNextPage } }`,
        { after },
      )
      if (!found?.userGroups) return asked
      const { edges, pageInfo } = found.userGroups
      tags.push(...edges.map(({ node }) => node.tag))
      pages.push({ after, pageInfo, rows: edges.map(({ node }) => node.name) })
      after = edges.at(-1)?.cursor
      if (pageInfo.hasNextPage && after !== undefined) continue
      if (new Set(tags).size !== tags.length) find('a walk gives a row twice', tags)
      const missing = groups.filter(({ tag }) => !tags.includes(tag))
      tally.walks += 1
      if (missing.length > 0) {
        tally.gaps.push(`${name}: a walk misses rows: ${JSON.stringify({ missing, pages })}`)
      }
      return asked
    }
  }

  async function batch(groups: readonly UserGroupModel[]): Promise<Asked> {
    const others = random.some(supplies.members, 8).map((tag) => `me_${account}${tag}`)
    const ids = [...groups.map(({ tag }) => `ug_${account}${tag}`), ...others]
    const asked = await ask(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on UserGroup { name } ... on Member { email } } }',
      { ids },
      maybeLeaving(),
    )
    const nodes = asked.data?.nodes
    if (!Array.isArray(nodes) || asked.errors.length > 0) return asked
    if (JSON.stringify(nodes.map((node) => node?.id)) !== JSON.stringify(ids))
      find('nodes are not those asked for', asked)
    return asked
  }

  async function join(groups: readonly UserGroupModel[]): Promise<Asked> {
    const member = random.pick(supplies.members)
    const { asked, account: found } = await inAccount<{ member: { userGroups: Nodes } | null }>(
      'member(id: $id) { userGroups(first: 500, allowIncomplete: true) { nodes { tag } } }',
      { id: member },
    )
    const nodes = found?.member?.userGroups?.nodes
    if (nodes === undefined || asked.extensions.incomplete !== undefined) return asked
    const tags = new Set(nodes.map(({ tag }) => tag))
    for (const own of groups) {
      if (own.members.includes(member) !== tags.has(own.tag)) find(`a join is wrong about ${own.name}`, asked)
    }
    return asked
  }

  async function lists(_: readonly UserGroupModel[], connectors: readonly string[]): Promise<Asked> {
    type Lists = { permissionGroups: Nodes; resourceGroups: Nodes; ssoConnectors: Nodes; userGroups: Nodes }
    const { asked, account: found } = await inAccount<Lists>(
      `permissionGroups(first: 100) { nodes { tag } } resourceGroups(first: 500) { nodes { tag } }
       ssoConnectors(first: 500) { nodes { tag } } userGroups(last: 30) { nodes { tag } }`,
    )
    for (const list of Object.values(found ?? {})) {
      const tags = list?.nodes.map(({ tag }) => tag) ?? []
      if (new Set(tags).size !== tags.length) find('a list gives a row twice', asked)
    }
    if (!caller.seesUserGroups && found?.userGroups) find('it sees user groups', asked)
    if (!caller.seesConnectors && found?.ssoConnectors) find('it sees SSO connectors', asked)
    const seen = found?.ssoConnectors?.nodes.map(({ tag }) => tag)
    if (seen && connectors.some((tag) => !seen.includes(tag)))
      find('its own SSO connector is not there', asked)
    return asked
  }

  async function foreign(): Promise<Asked> {
    const asked = await ask(
      `query ($account: ID!) { account(id: $account) { name userGroups { nodes { name } } members { nodes { email } } resourceGroups { nodes { name } } } }`,
      { account: foreignAccount },
    )
    if (JSON.stringify(asked.data ?? null).match(/"nodes"|"email"|"name":"/))
      find('it sees another account', asked)
    const accounts = await ask('{ accounts(first: 50) { nodes { tag } } }', {})
    return accounts
  }

  async function forbiddenWrite(): Promise<Asked> {
    const asked = await ask(
      'mutation ($input: CreateResourceGroupInput!) { createResourceGroup(input: $input) { resourceGroup { tag } userErrors { code } } }',
      {
        input: {
          accountId: account,
          name: `${name} forbidden`,
          scope: { key: `com.cloudflare.api.account.${account}`, objects: [{ key: '*' }] },
        },
      },
    )
    const { resourceGroup } = Object(asked.data?.createResourceGroup)
    if (resourceGroup) find('it wrote what it must not', asked)
    return asked
  }

  return (groups, connectors) => {
    const others: readonly Read[] = [
      lists,
      batch,
      walk,
      ...(caller.isStranger ? [foreign] : []),
      ...(caller.writes ? [] : [forbiddenWrite]),
      ...(random.chance(0.2) && caller.seesUserGroups ? [join] : []),
    ]
    const own: readonly Read[] = groups.length > 0 ? [ownGroup, ownGroup, ownGroupsByName] : []
    return random.pick([...own, ...others])(groups, connectors)
  }
}
