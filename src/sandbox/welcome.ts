import { accountTokenPrefix, magicTokens } from './auth.ts'
import type { Sandbox } from './server.ts'

/** What `npm run sandbox` says when it is ready: what this is, and how to use it by hand. */
export function welcome({ url, controlUrl, landmarks }: Sandbox): string {
  const width = Math.max(...Object.keys(magicTokens).map((name) => name.length))
  const tokens = Object.entries(magicTokens).map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`)
  return `
A stand-in for Cloudflare's IAM REST API, with an invented company. Nothing here reaches Cloudflare.

  API       ${url}
  accounts  ${landmarks.account}  Quayline Freight
            ${landmarks.otherAccount}  Quayline Labs (small)

curl:
  curl ${url}/accounts/${landmarks.account}/iam/user_groups

The official package (npm install cloudflare):
  const client = new Cloudflare({ apiToken: 'anything', baseURL: '${url}' })
  for await (const group of client.iam.userGroups.list({ account_id: '${landmarks.account}' })) console.log(group.name)

Any token is taken, and none too. Some have a meaning, also with something behind a dash (read-only-token-2):
${tokens.join('\n')}
  ${`${accountTokenPrefix}...`.padEnd(width)}  an account's own token: GET /accounts is refused with 400, code 1001

Let things go wrong, once for each step:
  curl -X POST ${controlUrl}/faults -d '{ "faults": [{ "path": "*/user_groups*", "respond": [429, { "delayMs": 3000 }, { "reset": true }] }] }'

What was asked, how the API differs from its description, and back to the start:
  curl ${controlUrl}/requests
  curl ${controlUrl}
  curl -X POST ${controlUrl}/reset

Ctrl+C ends it.
`
}
