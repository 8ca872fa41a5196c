/** The 27 operations of the REST API; `:tag` stands for 32 hexadecimal characters. */
const operations = [
  'GET /accounts',
  'GET /accounts/:tag',
  'GET /accounts/:tag/members',
  'GET /accounts/:tag/members/:tag',
  'GET /accounts/:tag/iam/permission_groups',
  'GET /accounts/:tag/iam/permission_groups/:tag',
  'GET,POST /accounts/:tag/iam/resource_groups',
  'GET,PUT,DELETE /accounts/:tag/iam/resource_groups/:tag',
  'GET,POST /accounts/:tag/iam/user_groups',
  'GET,PUT,DELETE /accounts/:tag/iam/user_groups/:tag',
  'GET,POST,PUT /accounts/:tag/iam/user_groups/:tag/members',
  'GET,DELETE /accounts/:tag/iam/user_groups/:tag/members/:tag',
  'GET,POST /accounts/:tag/sso_connectors',
  'GET,PATCH,DELETE /accounts/:tag/sso_connectors/:tag',
  'POST /accounts/:tag/sso_connectors/:tag/begin_verification',
]

const patterns = operations.map((operation) => {
  const [methods = '', path = ''] = operation.split(' ')
  // A query has names of the API, and values that are escaped.
  const query = '(\\?([a-zA-Z_]+=[A-Za-z0-9%._*-]*&?)+)?'
  return new RegExp(
    `^(${methods.replaceAll(',', '|')}) ${path.replaceAll(':tag', '[0-9a-fA-F]{32}')}${query}$`,
  )
})

/** Whether a request, as `GET /accounts?page=1`, is one of the API's own. */
export function isContracted(line: string): boolean {
  return patterns.some((pattern) => pattern.test(line))
}
