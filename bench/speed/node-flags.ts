/**
 * What `npm start` and the image give to Node.js, and so the gateway gets here, and every other contender that runs on it. A young
 * generation of this size, in MiB, holds what waits for the upstream until it is done with; an old one that may grow by so many percent is not
 * collected all the time where load comes in bursts; and no object is made in the old one because others of its place lived long.
 */
export const nodeFlags = [
  '--max-semi-space-size=64',
  '--heap-growing-percent=200',
  '--no-allocation-site-pretenuring',
] as const
