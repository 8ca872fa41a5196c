/** What a person needs to know once the gateway listens. */
export type Start = {
  /** Of the GraphQL endpoint. */
  readonly url: string
  readonly graphiql: boolean
  readonly serving:
    | { readonly sandboxAccount: string }
    | { readonly baseUrl: string; readonly ownCredentials: boolean; readonly provenCallers: boolean }
  /** The command that serves the other of the two, the sandbox or the real API. */
  readonly switchBy: string
}

/** The first lines on the terminal. */
export function startText({ url, graphiql, serving, switchBy }: Start): string {
  const [first, second] = servingText(serving, graphiql)
  return `
Cloudflare IAM as GraphQL

  ${graphiql ? `GraphiQL  ${url}` : `GraphQL   ${url} (GraphiQL is off)`}
  Serving   ${first}
            ${second}
  Switch    ${switchBy}
  Stop      Ctrl+C

`
}

function servingText(serving: Start['serving'], graphiql: boolean): readonly [string, string] {
  if ('sandboxAccount' in serving) {
    const filledIn = graphiql ? ': GraphiQL opens with queries that are ready to run' : ''
    return [
      'the sandbox, an invented company: no Cloudflare account and no token needed',
      `account id ${serving.sandboxAccount}${filledIn}`,
    ]
  }
  return [`the REST API at ${serving.baseUrl}`, credentialsText(serving)]
}

function credentialsText({
  ownCredentials,
  provenCallers,
}: {
  ownCredentials: boolean
  provenCallers: boolean
}) {
  if (!ownCredentials)
    return 'with the credentials of each caller: `Authorization: Bearer <token>`, in GraphiQL under Headers'
  return provenCallers
    ? "with the gateway's own credentials, for callers with a JWT: `Authorization: Bearer <token>`"
    : "with the gateway's own credentials, whoever calls"
}
