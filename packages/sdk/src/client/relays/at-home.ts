import { isDchatError } from '../../errors.ts'
import type { Abortable } from '../../util/abort.ts'
import { announceLog, knowsUs } from '../announce-log.ts'
import type { Core } from '../core.ts'
import { certifySelf } from '../devices/certify.ts'
import { refreshOwnLog } from '../devices/refresh-own-log.ts'
import { refusesUs } from '../home-admission.ts'
import { addJob } from '../jobs.ts'
import { planSelf } from '../personal/entered.ts'
import { stockKeyPackages } from './stock.ts'

/** What stands between a first home relay that is ready and everything else: who this device is, here and there. */
export const settleAtHome = async (core: Core, options: Abortable): Promise<void> => {
  await certify(core, options)
  await announce(core)
  await planSelf(core)
}

/** A restored device is certified; any other one learns what other own devices made of the identity meanwhile. */
const certify = async (core: Core, options: Abortable): Promise<void> => {
  const { self, store, clock, links } = core
  if (self.record.certificate === undefined) return certifySelf(core, options)
  const ready = self.relays.filter((relay) => links.get(relay).state.state === 'ready')
  await refreshOwnLog(core, { ...options, relays: ready }).catch((error: unknown) => {
    if (!isDchatError(error) || !error.retryable) throw error
  })
  if (self.record.linked) await addJob(store, 'read-archive', { kind: 'read-archive' }, clock.now())
}

/**
 * Home relays hold the newest own log before anything else is asked of them. One that takes people by invitation, and not
 * this one, is done without; where all are such, there is no home.
 */
const announce = async (core: Core): Promise<void> => {
  const { self, store } = core
  const announced = self.relays.map((relay) => announceLog(core, relay))
  let refusal: unknown
  for (const each of await Promise.allSettled(announced))
    if (each.status === 'fulfilled') continue
    else if (isDchatError(each.reason, 'relay/not-invited')) refusal = each.reason
    else await later(core, each.reason)
  if (refusal === undefined) return
  const known = await store.read((tx) => Promise.all(self.relays.map((relay) => knowsUs(tx, relay))))
  if (!known.includes(true)) throw refusal
}

/** A home relay that is away gets log and key packages when it comes back. */
const later = async ({ store, clock }: Core, error: unknown): Promise<void> => {
  if (!isDchatError(error) || !error.retryable) throw error
  await addJob(store, 'publish-log', { kind: 'publish-log' }, clock.now())
}

/** The first time a relay gets key packages before `connect` resolves: who connected can be written to. */
export const stockAtHome = async (core: Core, spawn: (work: Promise<void>) => void): Promise<void> => {
  const { self, store, links } = core
  for (const relay of self.relays) {
    const key = `stocked/${relay}`
    if (await store.read((tx) => refusesUs(tx, relay))) continue
    const known = await store.read((tx) => tx.get<boolean>('meta', key))
    const stock = stockKeyPackages(core, relay).then(() =>
      store.write(async (tx) => tx.put('meta', { key, value: true })),
    )
    if (known || links.get(relay).state.state !== 'ready') spawn(stock.catch((error: unknown) => later(core, error)))
    else await stock
  }
}
