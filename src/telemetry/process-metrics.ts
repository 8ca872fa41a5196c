import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

/** What is read of a process. */
export type Runtime = Pick<NodeJS.Process, 'memoryUsage' | 'cpuUsage'>

const lagResolutionMs = 20

/**
 * Adds figures of this process under the names that Prometheus clients have agreed on; those of several processes are summed up, but
 * their event loops' lag and load are those of the worst. The answer stops measuring.
 */
export function addProcessMetrics(registry: Registry, runtime: Runtime): () => void {
  const registers = [registry]
  addUsage(registry, runtime)
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs })
  lag.enable()
  const lagSeconds = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `nodejs_eventloop_lag_${name}_seconds`,
      help,
      aggregator: 'max',
      registers,
      collect() {
        // The timer's own rhythm is part of what is measured. Nothing was measured yet: no number.
        const seconds = read() / 1e9 - lagResolutionMs / 1000
        this.set(Number.isFinite(seconds) ? Math.max(0, seconds) : 0)
      },
    })
  lagSeconds('p50', 'Event loop lag since figures were last asked for: the median', () => lag.percentile(50))
  lagSeconds('p99', 'Event loop lag since figures were last asked for: one in a hundred is longer', () =>
    lag.percentile(99),
  )
  lagSeconds('max', 'Event loop lag since figures were last asked for: the longest', () => {
    const { max } = lag
    lag.reset()
    return max
  })
  let before = performance.eventLoopUtilization()
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of the time that the event loop was busy since figures were last asked for, from 0 to 1',
    aggregator: 'max',
    registers,
    collect() {
      const now = performance.eventLoopUtilization()
      this.set(performance.eventLoopUtilization(now, before).utilization)
      before = now
    },
  })
  return () => void lag.disable()
}

function addUsage(registry: Registry, runtime: Runtime): void {
  const registers = [registry]
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, in seconds since 1970',
    aggregator: 'min',
    registers,
  }).set(performance.timeOrigin / 1000)
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time that was used',
    registers,
    collect() {
      const { user, system } = runtime.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process holds',
    registers,
    collect() {
      this.set(runtime.memoryUsage.rss())
    },
  })
  new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory of objects, garbage that was not collected yet included',
    registers,
    collect() {
      this.set(runtime.memoryUsage().heapUsed)
    },
  })
  new Gauge({
    name: 'process_open_fds',
    help: 'Open files and connections; 0 where the system does not tell as Linux does',
    registers,
    async collect() {
      const open = await readdir('/proc/self/fd').catch(() => [])
      this.set(open.length)
    },
  })
}
