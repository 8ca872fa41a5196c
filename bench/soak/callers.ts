/** One of the ten credentials, and what the upstream lets it do. */
export type Caller = {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** The account that it works in. */
  readonly account: 'first' | 'second'
  readonly writes: boolean
  readonly seesUserGroups: boolean
  readonly seesConnectors: boolean
  /** Whether the first account is none of its business. */
  readonly isStranger: boolean
}

const usual = {
  account: 'first',
  writes: true,
  seesUserGroups: true,
  seesConnectors: true,
  isStranger: false,
} as const

/** `mark` is part of every secret. */
export function tenCallers(mark: string): readonly Caller[] {
  const token = (kind: string) => ({ authorization: `Bearer ${kind}-${mark}` })
  const stranger = { ...usual, account: 'second', isStranger: true } as const
  return [
    ...['one', 'two', 'three', 'four'].map((name) => ({ ...usual, name, headers: token(name) })),
    {
      ...usual,
      name: 'key',
      headers: { 'x-auth-email': `${mark}@example.com`, 'x-auth-key': `key-${mark}` },
    },
    { ...stranger, name: 'stranger', headers: token('other-account-token-a') },
    { ...stranger, name: 'another', headers: token('other-account-token-b') },
    { ...usual, name: 'reader', headers: token('read-only-token'), writes: false },
    { ...usual, name: 'blind', headers: token('user-groups-forbidden-token'), seesUserGroups: false },
    { ...usual, name: 'outsider', headers: token('sso-forbidden-token'), seesConnectors: false },
  ]
}
