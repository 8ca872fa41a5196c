import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadOpenAPISubgraph } from '@omnigraph/openapi'

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph('IAM', {
        source: './openapi.json',
        endpoint: process.env.CLOUDFLARE_BASE_URL,
        operationHeaders: { authorization: '{context.headers.authorization}' },
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type UserGroup {
      members(account_id: String!, page: Int, per_page: Int): MemberPage
        @resolveTo(
          sourceName: "IAM"
          sourceTypeName: "Query"
          sourceFieldName: "userGroupMembers"
          requiredSelectionSet: "{ id }"
          sourceArgs: {
            account_id: "{args.account_id}"
            user_group_id: "{root.id}"
            page: "{args.page}"
            per_page: "{args.per_page}"
          }
        )
    }
  `,
})
