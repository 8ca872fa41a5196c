import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { TracingSettings } from '../config/tracing-settings.ts'

/** Says which traces are made. `parentbased_…` does as the caller's trace does, where a request is a part of one. */
export function createSampler({ sampler, sampledShare }: TracingSettings): Sampler {
  const [, ofParent, root] = /^(parentbased_)?(.+)$/.exec(sampler) ?? []
  const own =
    root === 'traceidratio'
      ? new TraceIdRatioBasedSampler(sampledShare)
      : root === 'always_off'
        ? new AlwaysOffSampler()
        : new AlwaysOnSampler()
  return ofParent === undefined ? own : new ParentBasedSampler({ root: own })
}
