/**
 * What `npm start` and the image give to Node.js, and so the gateway gets here, and every other contender that runs on it. A young
 * generation of this size, in MiB, holds what waits for the upstream until it is done with.
 */
export const nodeFlags = ['--max-semi-space-size=64'] as const
