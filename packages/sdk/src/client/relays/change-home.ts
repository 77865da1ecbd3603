import { DchatError, isDchatError } from '../../errors.ts'
import { appendEntry, encodedLog, type IdentityLog } from '../../protocol/identity/log.ts'
import { rootsOf } from '../../protocol/identity/phrase.ts'
import { parseRelayUrl } from '../../protocol/wire/relay-url.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { HomeOptions, HomeRelays } from '../api/home-relays.ts'
import type { Core } from '../core.ts'
import { appendToOwnLog } from '../devices/append-log.ts'
import { signerFor } from '../devices/signer.ts'
import { putJob } from '../jobs.ts'

/** More of them cost everybody who writes to this person, and help no further. */
const MOST = 3
const TIMEOUT = 15_000
/** ms after which it is looked whether a change that was cut off reached a relay. */
const LATER = 60_000

const refuse = (reason: string) => new DchatError('usage/invalid-argument', { name: 'relay', reason })

/** The list after a change; refused where it would be empty or too long. */
const CHANGES: Readonly<
  Record<keyof HomeRelays, (relays: readonly RelayUrl[], relay: RelayUrl) => readonly RelayUrl[]>
> = {
  add: (relays, relay) => (relays.includes(relay) ? relays : bounded([...relays, relay])),
  use: (relays, relay) => bounded([relay, ...relays.filter((other) => other !== relay)], relays),
  remove: (relays, relay) => {
    if (!relays.includes(relay)) throw refuse('it is no home relay of this identity')
    if (relays.length === 1) throw refuse('it is the only home relay; add another one first')
    return relays.filter((other) => other !== relay)
  },
}

/** A log from before may name more: they may be put into another order, and become fewer. */
const bounded = (relays: readonly RelayUrl[], before: readonly RelayUrl[] = []): readonly RelayUrl[] => {
  if (relays.length > Math.max(MOST, before.length))
    throw refuse(`an identity has at most ${MOST} home relays; remove one first`)
  return relays
}

const isSame = (a: readonly RelayUrl[], b: readonly RelayUrl[]): boolean =>
  a.length === b.length && a.every((relay, at) => relay === b[at])

/**
 * Changes where this identity is at home; resolves with the list when a relay holds the entry. What follows (the log to all
 * old and new relays, the archive to new ones, a word to those this person talks with) is durable work.
 */
export const changeHome = async (
  core: Core,
  verb: keyof HomeRelays,
  given: RelayUrl,
  { phrase, lost = false, signal = core.signal }: HomeOptions,
): Promise<readonly RelayUrl[]> => {
  const { self, store, clock } = core
  const relay = parseRelayUrl(given)
  const change = CHANGES[verb]
  const isNew = change(self.relays, relay).includes(relay) && !self.relays.includes(relay)
  if (isNew) await takesUs(core, relay, signal)
  const plan = (after: number) =>
    store.write(async (tx) => {
      if (isNew) await putJob(tx, `copy-archive/${relay}`, { kind: 'copy-archive', relay }, clock.now(), after)
      await putJob(tx, 'tell-log', { kind: 'tell-log' }, clock.now(), after)
    })
  const build = async (log: IdentityLog): Promise<Uint8Array[] | undefined> => {
    const relays = change(log.relays, relay)
    if (isSame(relays, log.relays)) return undefined
    const archiveKey = log.archiveKey ?? (await archiveKeyOf(core, phrase))
    const signer = signerFor(self, log, phrase, { first: lost ? 'recovery' : 'root' })
    const longer = appendEntry(log, { kind: 'set-relays', relays: [...relays], archiveKey }, signer)
    // Before the entry leaves: the relay may have it when this process ends.
    await plan(LATER)
    return longer
  }
  try {
    await appendToOwnLog(core, build, { signal, ...(lost && isNew && { instead: [relay] }) })
  } catch (error) {
    if (!isDchatError(error, 'transport/unreachable')) throw error
    throw new DchatError('relay/no-home', { relay: error.details.relay }, { cause: error })
  }
  await plan(0)
  return self.relays
}

/** A relay that is asked to be a home must answer and take this identity: one by invitation may refuse it. */
const takesUs = async ({ links, self }: Core, relay: RelayUrl, signal: AbortSignal): Promise<void> => {
  await links.get(relay).ready({ signal, timeout: TIMEOUT })
  await links.get(relay).request('identity.put', { log: encodedLog(self.log) }, { signal, timeout: TIMEOUT })
}

/** The log names the key together with the relays; one without it gets it from the phrase. */
const archiveKeyOf = async ({ crypto, self }: Core, phrase: string | undefined): Promise<Uint8Array> => {
  const seed = self.record.archiveSeed ?? (phrase === undefined ? undefined : rootsOf(phrase).archiveSeed)
  if (seed === undefined) throw new DchatError('identity/needs-phrase', {})
  return crypto.box.publicKey(seed)
}
