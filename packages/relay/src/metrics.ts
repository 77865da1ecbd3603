import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { StoreUsage } from './store/store.ts'

/** What `/metrics` tells. Labels are method names and error codes: nothing of topics, addresses or content. */
export interface Metrics {
  readonly registry: Registry
  readonly connections: Gauge
  readonly subscriptions: Gauge
  /** Counts a request; `outcome` is 'ok' or an error code. */
  readonly answered: (method: string, outcome: string) => void
  readonly entries: Counter
  readonly delivered: Counter
  readonly signals: Counter
  readonly receivedBytes: Counter
  readonly sentBytes: Counter
  readonly commitSeconds: Histogram
  readonly commitWrites: Histogram
  readonly trimmed: Counter
  readonly restored: Counter
  /** By `reason`. */
  readonly closed: Counter<'reason'>
  /** Connections that were not taken, by `reason`. */
  readonly refused: Counter<'reason'>
  /** What was told to come back later, by the name of the `limit`. */
  readonly rateLimited: Counter<'limit'>
  /** Jobs that wait for a group commit, or are in one. */
  readonly queue: Gauge
  readonly deliverySeconds: Histogram
  readonly sweepSeconds: Histogram
  /** That newcomers have shown, by `outcome`: used or refused. */
  readonly invitations: Counter<'outcome'>
}

/** A registry of its own for each relay, so that several can live in one process. `usage` of a store on a disk. */
export const createMetrics = (usage?: () => Promise<StoreUsage>): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'dchat_relay_resident_bytes',
    help: 'Resident memory of the process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  registerUsage(registers, usage)
  const requests = new Counter({
    name: 'dchat_relay_requests_total',
    help: 'Requests by method and outcome',
    labelNames: ['method', 'outcome'],
    registers,
  })
  // To find a counter by its labels costs more than to count, and there are few.
  const known = new Map<string, ReturnType<typeof requests.labels>>()
  return {
    registry,
    connections: new Gauge({ name: 'dchat_relay_connections', help: 'Open links', registers }),
    subscriptions: new Gauge({ name: 'dchat_relay_subscriptions', help: 'Open subscriptions', registers }),
    answered: (method, outcome) => {
      const name = `${method} ${outcome}`
      const counter = known.get(name) ?? requests.labels(method, outcome)
      known.set(name, counter)
      counter.inc()
    },
    entries: new Counter({ name: 'dchat_relay_entries_total', help: 'Entries made durable', registers }),
    delivered: new Counter({ name: 'dchat_relay_delivered_total', help: 'Items sent to subscribers', registers }),
    signals: new Counter({ name: 'dchat_relay_signals_total', help: 'Signals fanned out', registers }),
    receivedBytes: new Counter({
      name: 'dchat_relay_received_bytes_total',
      help: 'Bytes of frames received',
      registers,
    }),
    sentBytes: new Counter({ name: 'dchat_relay_sent_bytes_total', help: 'Bytes of frames sent', registers }),
    commitSeconds: new Histogram({
      name: 'dchat_relay_commit_seconds',
      help: 'Duration of a group commit',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
      registers,
    }),
    commitWrites: new Histogram({
      name: 'dchat_relay_commit_writes',
      help: 'Writes in one group commit',
      buckets: [1, 2, 5, 10, 20, 50, 100],
      registers,
    }),
    restored: new Counter({
      name: 'dchat_relay_entries_restored_total',
      help: 'Entries that clients gave back after a start from a copy',
      registers,
    }),
    trimmed: new Counter({ name: 'dchat_relay_trimmed_total', help: 'Rows that retention trimmed', registers }),
    closed: new Counter({
      name: 'dchat_relay_links_closed_total',
      help: 'Links that the relay closed, by reason',
      labelNames: ['reason'],
      registers,
    }),
    refused: new Counter({
      name: 'dchat_relay_connections_refused_total',
      help: 'Connections that were not taken, by reason',
      labelNames: ['reason'],
      registers,
    }),
    queue: new Gauge({ name: 'dchat_relay_queue_length', help: 'Jobs that wait for a group commit', registers }),
    deliverySeconds: new Histogram({
      name: 'dchat_relay_delivery_seconds',
      help: 'From the arrival of a write until it is durable and handed to who listens',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    sweepSeconds: new Histogram({
      name: 'dchat_relay_sweep_seconds',
      help: 'Duration of a round of retention',
      buckets: [0.01, 0.1, 1, 10, 60, 600],
      registers,
    }),
    invitations: new Counter({
      name: 'dchat_relay_invitations_total',
      help: 'Invitations that newcomers have shown, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    rateLimited: new Counter({
      name: 'dchat_relay_rate_limited_total',
      help: 'Requests that were told to come back later, by limit',
      labelNames: ['limit'],
      registers,
    }),
  }
}

/** Looked at when somebody asks for the metrics. */
const registerUsage = (registers: Registry[], usage: (() => Promise<StoreUsage>) | undefined): void => {
  const gauge = (name: string, help: string, of: (usage: StoreUsage) => number) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        if (usage !== undefined) this.set(of(await usage()))
      },
    })
  gauge('dchat_relay_database_bytes', 'Size of the database', ({ bytes }) => bytes)
  gauge('dchat_relay_wal_bytes', 'Size of the write-ahead log', ({ wal }) => wal)
  gauge('dchat_relay_disk_free_bytes', 'What the disk of the database has left', ({ free }) => free)
}
