import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Relay } from '@dchat/relay'
import { createRelay } from '@dchat/relay'
import { createClient, createIdentity } from '@dchat/sdk'
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
  linkOf(someone: Pick<Someone, 'owner'>): Promise<string>
  addressOf(someone: Pick<Someone, 'owner'>): Promise<string>
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

  return {
    person: async (name, url = relay.url) => {
      const identity = createIdentity()
      const client = await createClient({ identity, relays: [url], store: ':memory:' })
      const socket = { paths: [join(root, 'run', `${name}.sock`)], store: name, uid: process.getuid?.() }
      const owner = await createOwner(client, { socket, note: () => {}, detail: () => {} })
      closing.push(() => owner.close())
      const guest = await attach(socket)
      if (guest === undefined) throw new Error('nobody answers')
      closing.push(() => guest.close())
      return { owner, guest }
    },
    linkOf: async ({ owner }) => (await owner.call('invite', {})).link,
    addressOf: async ({ owner }) => (await owner.call('whoami', {})).address,
  }
}

export const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
