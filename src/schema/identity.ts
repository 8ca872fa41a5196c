import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import type { PricedField, Site } from '../cost/estimate.ts'
import { accountKind } from './account.ts'
import { decodeGlobalId, type GlobalId, type NodeType, nodeTypes, readId } from './global-id.ts'
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
 * Reads the identity out of an entity representation of a router: `id`, or the account's tag with the object's own. On failure, says in
 * words what is wrong with it.
 */
export function readRepresentation(representation: unknown): GlobalId | string {
  const { __typename, id, tag, account } = fieldsOf(representation)
  const type = nodeTypes.find((name) => name === __typename)
  if (type === undefined) return `a representation must name one of the types ${nodeTypes.join(', ')}`
  if (typeof id === 'string') {
    const read =
      type === 'Account'
        ? readId(id, { type })
        : (decodeGlobalId(id) ?? `id must be the global id of ${type}`)
    return typeof read === 'string' || read.type === type
      ? read
      : `id must be the global id of ${type}, not of ${read.type}`
  }
  if (typeof tag !== 'string') return `a representation of ${type} must have id, or ${keysInWords(type)}`
  if (type === 'Account') return readId(tag, { type })
  const accountTag = fieldsOf(account).tag
  if (typeof accountTag !== 'string')
    return `a representation of ${type} must have id, or ${keysInWords(type)}`
  const read = readId(accountTag, { type: 'Account' })
  return typeof read === 'string' ? `account.tag ${read}` : readId(tag, { type, accountTag: read.accountTag })
}

function keysInWords(type: NodeType): string {
  return type === 'Account' ? 'tag' : 'account { tag } and tag'
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
