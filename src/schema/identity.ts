import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { PricedField, Site } from '../cost/estimate.ts'
import { accountKind } from './account.ts'
import { type GlobalId, type NodeType, nodeTypes, readId } from './global-id.ts'
import { memberKind } from './member.ts'
import { type NodeKind, type NodeOf, priceNode, resolveNode } from './node.ts'
import { permissionGroupKind } from './permission-group.ts'
import { resourceGroupKind } from './resource-group.ts'
import { ssoConnectorKind } from './sso-connector.ts'
import { userGroupKind } from './user-group.ts'

type Identities = {
  readonly resolve: (
    id: GlobalId,
    context: Context,
    info: GraphQLResolveInfo,
  ) => Promise<NodeOf<NodeType, unknown> | null>
  readonly price: (id: GlobalId, field: PricedField) => readonly Site[]
}

const kinds: Readonly<Record<NodeType, Identities>> = {
  Account: identitiesOf(accountKind),
  PermissionGroup: identitiesOf(permissionGroupKind),
  ResourceGroup: identitiesOf(resourceGroupKind),
  UserGroup: identitiesOf(userGroupKind),
  Member: identitiesOf(memberKind),
  SSOConnector: identitiesOf(ssoConnectorKind),
}

function identitiesOf<Row extends { readonly id: string }>(kind: NodeKind<NodeType, Row>): Identities {
  return {
    resolve: (id, context, info) => resolveNode(kind, id, context, info),
    price: (id, field) => priceNode(kind, id, field),
  }
}

/** The object of any type that an identity stands for; see `resolveNode`. */
export function resolveIdentity(id: GlobalId, context: Context, info: GraphQLResolveInfo) {
  return kinds[id.type].resolve(id, context, info)
}

/** Prices the object of any type that an identity stands for. */
export function priceIdentity(id: GlobalId, field: PricedField): readonly Site[] {
  return kinds[id.type].price(id, field)
}

/**
 * Reads the identity out of an entity representation of a router: `id`, or the account's tag with the
 * object's own. On failure, says in words what is wrong with it.
 */
export function readRepresentation(representation: unknown): GlobalId | string {
  const { __typename, id, tag, account } = fieldsOf(representation)
  const type = nodeTypes.find((name) => name === __typename)
  if (type === undefined) return `a representation must name one of the types ${nodeTypes.join(', ')}`
  if (typeof id === 'string') return named('id', readId(id, { type }))
  const owner = fieldsOf(account).tag
  if (typeof tag !== 'string' || (type !== 'Account' && typeof owner !== 'string')) {
    return `a representation of ${type} must have id, or ${type === 'Account' ? 'tag' : 'account { tag } and tag'}`
  }
  if (typeof owner !== 'string') return named('tag', readId(tag, { type }))
  const read = readId(owner, { type: 'Account' })
  if (typeof read === 'string') return named('account.tag', read)
  return named('tag', readId(tag, { type, accountTag: read.accountTag }))
}

function named(field: string, read: GlobalId | string): GlobalId | string {
  return typeof read === 'string' ? `${field} ${read}` : read
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
