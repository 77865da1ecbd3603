import { describe, expect, test } from 'vitest'
import type { IdentityRecord, NewInvitation, Outcome, Write } from '../store/store.ts'
import { disposable, type RelayStoreFactory } from './factory.ts'
import { random } from './fixtures.ts'

const invitation = (over: Partial<NewInvitation> = {}): NewInvitation => ({
  hash: random(32),
  note: 'for a friend',
  uses: 1,
  createdAt: 100,
  expiresAt: 200,
  ...over,
})

const newcomer = (address: string, by?: { hash: Uint8Array; time: number }): Write => {
  const record: IdentityRecord = { address, branches: [[random(40)]], keys: [], devices: [] }
  return { type: 'identity.put', record, ...(by && { invitation: by }) }
}

const said = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.message.replace(/^.*: /, '')))

export const invitationConformance = (name: string, { open, reopen }: RelayStoreFactory): void => {
  describe(`${name}: invitations`, () => {
    test('an invitation admits as many identities as it has uses, each of them once, also after a reopen', async () => {
      const first = await open()
      const two = invitation({ uses: 2 })
      const by = { hash: two.hash, time: 150 }
      const outcomes = await first.commit([
        { type: 'invitation.put', invitation: two },
        newcomer('a', by),
        newcomer('a', by),
      ])
      expect(said(outcomes)).toEqual(['ok', 'ok', 'ok'])
      await using store = disposable(await reopen(first))
      expect(await store.invitation(two.hash)).toEqual({ ...two, used: 1, revokedAt: null })
      expect(said(await store.commit([newcomer('b', by), newcomer('c', by), newcomer('b', by)]))).toEqual([
        'ok',
        'this one is used up.',
        'ok',
      ])
      expect(await store.identity('c')).toBeUndefined()
      expect(await store.invitation(two.hash)).toMatchObject({ used: 2 })
    })

    test('one that is unknown, late or taken back admits nobody, and says which it is', async () => {
      await using store = disposable(await open())
      const [late, endless, revoked] = [invitation(), invitation({ expiresAt: null }), invitation()]
      await store.commit([
        ...[late, endless, revoked].map((each): Write => ({ type: 'invitation.put', invitation: each })),
        { type: 'invitation.revoke', hash: revoked.hash, time: 120 },
        { type: 'invitation.revoke', hash: revoked.hash, time: 130 },
        { type: 'invitation.revoke', hash: random(32), time: 130 },
      ])
      const outcomes = await store.commit([
        newcomer('a', { hash: random(32), time: 150 }),
        newcomer('a', { hash: late.hash, time: 200 }),
        newcomer('a', { hash: revoked.hash, time: 150 }),
        newcomer('a', { hash: endless.hash, time: 1e13 }),
      ])
      expect(said(outcomes)).toEqual([
        'this one is not known here.',
        'this one has expired.',
        'this one was taken back.',
        'ok',
      ])
      expect(await store.invitation(revoked.hash)).toMatchObject({ used: 0, revokedAt: 120 })
    })

    test('they are listed oldest first, and no secret stands twice', async () => {
      await using store = disposable(await open())
      const [older, newer] = [invitation({ createdAt: 1 }), invitation({ createdAt: 2, note: '' })]
      const put = (each: NewInvitation): Write => ({ type: 'invitation.put', invitation: each })
      expect((await store.commit([put(newer), put(older), put(older)])).map(({ ok }) => ok)).toEqual([
        true,
        true,
        false,
      ])
      expect((await store.invitations()).map(({ createdAt }) => createdAt)).toEqual([1, 2])
      expect(await store.invitation(random(32))).toBeUndefined()
    })
  })
}
