/** What the sandbox remembers. Names follow the wire where the wire carries the value as it is. */
export type Account = {
  readonly id: string
  readonly name: string
  readonly type: 'standard' | 'enterprise'
  readonly created_on: string
  readonly settings: {
    readonly abuse_contact_email: string | null
    readonly enforce_twofactor: boolean | null
  }
  readonly managed_by?: { readonly parent_org_id: string; readonly parent_org_name: string }
}

export type PermissionGroup = {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly description: string
  readonly scopes: string
  readonly created_on: string
  readonly modified_on: string
}

export type Scope = { readonly key: string; readonly objects: readonly { readonly key: string }[] }

export type ResourceGroup = {
  readonly id: string
  /** Undefined for the anonymous groups that an inline scope makes (quirk 32). */
  readonly name: string | undefined
  readonly scope: Scope
  readonly editable: boolean
  /** Kept by the upstream itself: cannot be changed or deleted (quirk 26). */
  readonly system: boolean
}

export type Policy = {
  readonly id: string
  readonly access: 'allow' | 'deny'
  readonly permissionGroupIds: readonly string[]
  readonly resourceGroupIds: readonly string[]
}

export type UserGroup = {
  readonly id: string
  readonly name: string
  readonly created_on: string
  readonly modified_on: string
  readonly policies: readonly Policy[]
  /** When each member joined, in milliseconds since 1970, by membership id. */
  readonly members: ReadonlyMap<string, number>
}

export type Role = {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly permissions: Readonly<Record<string, { readonly read: boolean; readonly write: boolean }>>
}

export type MemberUser = {
  /** Undefined for somebody invited who has no user yet (quirk 48). */
  readonly id: string | undefined
  readonly first_name: string | null
  readonly last_name: string | null
  readonly two_factor_authentication_enabled: boolean
}

export type Member = {
  readonly id: string
  readonly email: string
  readonly status: 'accepted' | 'pending' | 'rejected'
  readonly user: MemberUser | undefined
  readonly roles: readonly Role[]
  readonly policies: readonly Policy[]
  /** Without domain scoped roles a member cannot join a user group; no endpoint shows the flag (quirk 39). */
  readonly domainScopedRoles: boolean
}

export type SsoConnector = {
  readonly id: string
  readonly email_domain: string
  readonly enabled: boolean
  readonly use_fedramp_language: boolean
  readonly verification: {
    readonly code: string
    readonly status: 'awaiting' | 'pending' | 'failed' | 'verified'
  }
  readonly created_on: string
  readonly updated_on: string
}
