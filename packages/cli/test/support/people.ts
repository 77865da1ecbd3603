import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Relay } from '@dchat/relay'
import { createRelay } from '@dchat/relay'
import { type ClientOptions, createClient, createIdentity, restoreIdentity } from '@dchat/sdk'
import { afterEach, beforeEach } from 'vitest'
import { attach } from '../../src/session/attach.ts'
import { createOwner } from '../../src/session/owner.ts'
import type { Peer } from '../../src/session/peer.ts'

export interface Someone {
  readonly owner: Peer
  readonly guest: Peer
}

export interface People {
  /** An owner in this process, and somebody who attached to it: everything is tried through both. */
  person(name: string, url?: string): Promise<Someone>
  /** The same person on another device, which has the phrase. */
  another(someone: Someone, name: string): Promise<Someone>
  /** The same as people are by default: strangers have to ask. */
  careful(name: string): Promise<Someone>
  linkOf(someone: Pick<Someone, 'owner'>): Promise<string>
  addressOf(someone: Pick<Someone, 'owner'>): Promise<string>
  /** Persons who know each other by these names, and can be found. */
  friends<Name extends string>(...names: readonly Name[]): Promise<Record<Name, Someone>>
}

/** A relay and any number of people for each test, in this process. */
export const people = (): People => {
  let root: string
  let relay: Relay
  let closing: (() => Promise<unknown>)[]

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'dchat-cli-'))
    relay = await createRelay()
    closing = [() => relay.close(), () => rm(root, { recursive: true, force: true })]
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  const phrases = new Map<Someone, string>()

  const make = async (
    name: string,
    options: Pick<ClientOptions, 'strangers'>,
    url = relay.url,
    phrase?: string,
  ): Promise<Someone> => {
    const identity = phrase === undefined ? createIdentity() : restoreIdentity(phrase)
    const client = await createClient({ identity, relays: [url], store: ':memory:', ...options })
    const socket = { paths: [join(root, 'run', `${name}.sock`)], store: name, uid: process.getuid?.() }
    const owner = await createOwner(client, { socket, note: () => {}, detail: () => {} })
    closing.push(() => owner.close())
    const guest = await attach(socket)
    if (guest === undefined) throw new Error('nobody answers')
    closing.push(() => guest.close())
    const someone = { owner, guest }
    if ('recoveryPhrase' in identity) phrases.set(someone, identity.recoveryPhrase)
    return someone
  }
  const person: People['person'] = (name, url) => make(name, { strangers: 'allow' }, url)
  const linkOf: People['linkOf'] = async ({ owner }) => (await owner.call('invite', {})).link

  return {
    person,
    another: (someone, name) => make(name, { strangers: 'allow' }, relay.url, phrases.get(someone)),
    careful: (name) => make(name, {}),
    linkOf,
    addressOf: async ({ owner }) => (await owner.call('whoami', {})).address,
    friends: async (...names) => {
      const everyone = new Map<string, Someone>()
      for (const name of names) everyone.set(name, await person(name))
      await met(...everyone.values())
      for (const [name, { owner }] of everyone)
        for (const [other, someone] of everyone)
          if (other !== name) await owner.call('contacts.add', { peer: await linkOf(someone), name: other })
      return Object.fromEntries(everyone) as Record<(typeof names)[number], Someone>
    },
  }
}

/** At the relay once, so that others find them. */
export const met = async (...everyone: readonly Someone[]): Promise<void> => {
  for (const { owner } of everyone) await all(owner.stream('group.invitations', {}))
}

export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
