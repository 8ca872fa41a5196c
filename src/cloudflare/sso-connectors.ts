import type { RestClient, RestPage } from './client.ts'
import { nullIfNotFound } from './errors.ts'
import { detail, fields, flag, record, text } from './record-shape.ts'
import { type Route, route } from './route.ts'

/** An SSO connector. `verification.code` is the whole DNS TXT value; its status changes by itself (quirk 43). */
export type SSOConnectorRecord = {
  readonly id: string
  readonly email_domain?: string | null
  readonly enabled?: boolean | null
  readonly use_fedramp_language?: boolean | null
  readonly created_on?: string | null
  readonly updated_on?: string | null
  readonly verification?: { readonly code?: string | null; readonly status?: string | null } | null
}

const shape = record({
  email_domain: detail(text),
  enabled: detail(flag),
  use_fedramp_language: detail(flag),
  created_on: detail(text),
  updated_on: detail(text),
  verification: detail(fields({ code: detail(text), status: detail(text) })),
})

/** The domain cannot be changed later; verification begins at once unless told otherwise (quirk 44). */
export type SSOConnectorBody = {
  readonly email_domain: string
  readonly begin_verification?: boolean
  readonly use_fedramp_language?: boolean
}

/** Only what is named changes (quirk 45). */
export type SSOConnectorPatch = { readonly enabled?: boolean; readonly use_fedramp_language?: boolean }

/** Every SSO connector in one answer: this endpoint has no pages (quirk 18). */
export function listSSOConnectors(
  rest: RestClient,
  accountTag: string,
): Promise<RestPage<SSOConnectorRecord>> {
  return rest.list(listRoute(accountTag), {}, shape)
}

/** Null where the account has no such connector. */
export function getSSOConnector(
  rest: RestClient,
  accountTag: string,
  ssoConnectorTag: string,
): Promise<SSOConnectorRecord | null> {
  return nullIfNotFound(rest.get(oneRoute(accountTag, ssoConnectorTag), {}, shape))
}

/** The new connector, disabled as yet (quirk 44). */
export function createSSOConnector(
  rest: RestClient,
  accountTag: string,
  body: SSOConnectorBody,
): Promise<SSOConnectorRecord | null> {
  return rest.post(listRoute(accountTag), body, shape)
}

/** A real partial update; enabling applies to every user of the domain (quirk 45). */
export function updateSSOConnector(
  rest: RestClient,
  accountTag: string,
  ssoConnectorTag: string,
  body: SSOConnectorPatch,
): Promise<SSOConnectorRecord | null> {
  return rest.patch(oneRoute(accountTag, ssoConnectorTag), body, shape)
}

/** Ends the connector. */
export async function deleteSSOConnector(
  rest: RestClient,
  accountTag: string,
  ssoConnectorTag: string,
): Promise<void> {
  await rest.delete(oneRoute(accountTag, ssoConnectorTag))
}

/** Starts the upstream's polling of the TXT record, which takes up to two days; it answers nothing (quirk 43). */
export async function beginVerification(
  rest: RestClient,
  accountTag: string,
  ssoConnectorTag: string,
): Promise<void> {
  const begin = route('/accounts/{account_id}/sso_connectors/{sso_connector_id}/begin_verification', {
    account_id: accountTag,
    sso_connector_id: ssoConnectorTag,
  })
  await rest.post(begin)
}

function listRoute(accountTag: string): Route {
  return route('/accounts/{account_id}/sso_connectors', { account_id: accountTag })
}

function oneRoute(accountTag: string, ssoConnectorTag: string): Route {
  return route('/accounts/{account_id}/sso_connectors/{sso_connector_id}', {
    account_id: accountTag,
    sso_connector_id: ssoConnectorTag,
  })
}
