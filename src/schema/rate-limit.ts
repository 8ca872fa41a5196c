import type { RateLimit as RateLimitReport } from '../cloudflare/client.ts'
import { builder } from './builder.ts'

const RateLimit = builder.objectRef<RateLimitReport>('RateLimit').implement({
  description:
    "The caller's upstream REST budget, as the upstream last reported it (`Ratelimit`, `Ratelimit-Policy`).",
  fields: (t) => ({
    limit: t.exposeInt('limit', {
      description: 'REST calls allowed in a window; null where the upstream did not say.',
    }),
    remaining: t.exposeInt('remaining', { nullable: false, description: 'REST calls left in this window.' }),
    resetAt: t.expose('resetAt', {
      type: 'DateTime',
      nullable: false,
      description: 'When the window is full again.',
    }),
  }),
})

builder.queryField('rateLimit', (t) =>
  t.field({
    type: RateLimit,
    description:
      "What the upstream last said about the caller's REST budget; costs no REST call. Null before the first call.",
    resolve: (_root, _args, { rest }) => rest.rateLimit(),
  }),
)
