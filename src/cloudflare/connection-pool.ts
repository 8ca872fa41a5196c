import { buildConnector, Client, type Dispatcher } from 'undici'

/** Bounds of its connections. */
export type ConnectionOptions = { readonly connectTimeoutMs: number; readonly maxResponseSize: number }

/**
 * Connections to one origin, as many as are needed at a time, each for one request at a time. The pools of undici look through all of their
 * connections for a free one with each request, which under load was a hundredth of a query of 21 calls. Here a connection tells when it is
 * free, and the one that was last goes first, so that few calls keep few of them open.
 */
export class ConnectionPool {
  private readonly origin: string
  private readonly options: Client.Options
  private readonly connections = new Set<Connection>()
  private readonly free: Connection[] = []
  private isDestroyed = false

  constructor(origin: string, { connectTimeoutMs, maxResponseSize }: ConnectionOptions) {
    this.origin = origin
    this.options = {
      // One for all, since it keeps the sessions of TLS.
      connect: buildConnector({ timeout: connectTimeoutMs }),
      // `exchange` has the one clock that counts.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize,
    }
  }

  /** Sends a request over a free connection, or a new one. The handler hears what becomes of it. */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const connection = this.free.pop() ?? this.open()
    connection.isFree = false
    // It is free at once where nothing of the request was sent.
    if (connection.client.dispatch(request, handler)) this.release(connection)
  }

  /** Closes every connection; requests under way fail, and those to come. */
  async destroy(): Promise<void> {
    this.isDestroyed = true
    await Promise.all([...this.connections].map(({ client }) => client.destroy()))
  }

  private open(): Connection {
    const connection = { client: new Client(this.origin, this.options), isFree: false }
    this.connections.add(connection)
    // Requests are refused by undici, as by the others.
    if (this.isDestroyed) void connection.client.destroy()
    connection.client.on('drain', () => this.release(connection))
    // The next request tries with a new one.
    connection.client.on('connectionError', () => this.connections.delete(connection))
    return connection
  }

  private release(connection: Connection): void {
    if (connection.isFree || !this.connections.has(connection)) return
    connection.isFree = true
    this.free.push(connection)
  }
}

type Connection = { readonly client: Client; isFree: boolean }
