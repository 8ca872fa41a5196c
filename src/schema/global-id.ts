import { isTag } from '../cloudflare/route.ts'
import { InvalidArgument } from '../paging/invalid-argument.ts'

/** The types that have a global id. */
export const nodeTypes = [
  'Account',
  'PermissionGroup',
  'ResourceGroup',
  'UserGroup',
  'Member',
  'SSOConnector',
] as const
export type NodeType = (typeof nodeTypes)[number]

/** What a global id stands for. An account's `tag` is its `accountTag`. */
export type GlobalId = { readonly type: NodeType; readonly accountTag: string; readonly tag: string }

const prefixes: Readonly<Record<NodeType, string>> = {
  Account: 'ac',
  PermissionGroup: 'pg',
  ResourceGroup: 'rg',
  UserGroup: 'ug',
  Member: 'me',
  SSOConnector: 'sc',
}
const types = new Map(nodeTypes.map((type) => [prefixes[type], type]))
const pattern = /^([a-z]{2})_([0-9a-f]{32})([0-9a-f]{32})?$/

/** Writes a global id: opaque to clients, and no longer than it has to be. */
export function encodeGlobalId(type: NodeType, accountTag: string, tag: string): string {
  return type === 'Account' ? `ac_${tag}` : `${prefixes[type]}_${accountTag}${tag}`
}

/** Reads a global id of any type; undefined where the text is none. */
export function decodeGlobalId(id: string): GlobalId | undefined {
  const [, prefix = '', accountTag = '', tag] = pattern.exec(id) ?? []
  const type = types.get(prefix)
  if (type === undefined || (type === 'Account') !== (tag === undefined)) return undefined
  return { type, accountTag, tag: tag ?? accountTag }
}

/** What an id has to be at one place of the API. */
export type ExpectedId = {
  readonly type: NodeType
  /**
   * The account that is known from the place; then Cloudflare's bare tag does too. Null where the place tells
   * the account and could not be read: no fault of this id.
   */
  readonly accountTag?: string | null | undefined
}

/** Reads an id of a known type; on failure, says in words what is wrong with it. */
export function readId(id: string, expected: ExpectedId): GlobalId | string {
  const { type, accountTag } = expected
  const decoded = decodeGlobalId(id)
  if (decoded === undefined) {
    if (!isTag(id)) return `must be the id of ${article(type)}${bareTagHint(expected)}`
    const tag = id.toLowerCase()
    if (type === 'Account') return { type, accountTag: tag, tag }
    if (accountTag === undefined)
      return `must be the global id of ${article(type)}: a bare tag does not tell the account`
    return { type, accountTag: accountTag ?? '', tag }
  }
  if (decoded.type !== type) return `must be the id of ${article(type)}, not of ${article(decoded.type)}`
  if (typeof accountTag === 'string' && decoded.accountTag !== accountTag)
    return `must be an id of account ${accountTag}`
  return decoded
}

/** Reads an ID argument. @throws InvalidArgument naming it. */
export function idArgument(id: string, argument: string, expected: ExpectedId): GlobalId {
  const read = readId(id, expected)
  if (typeof read === 'string') throw new InvalidArgument(argument, `${argument} ${read}`)
  return read
}

function bareTagHint({ type, accountTag }: ExpectedId): string {
  return type === 'Account' || accountTag !== undefined ? ', or its tag of 32 hexadecimal characters' : ''
}

function article(type: NodeType): string {
  return type === 'Account' || type === 'SSOConnector' ? `an ${type}` : `a ${type}`
}
