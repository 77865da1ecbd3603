import { startTestRelay } from '@dchat/relay/testing'
import { shortAddress } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { People } from '../../src/renderer/state/people.svelte.ts'
import { person, until } from './people.ts'

test('what was done in a group is told with names where they are known', async () => {
  await using relay = await startTestRelay()
  const [ann, bob, carla] = await Promise.all([person(relay), person(relay), person(relay)])
  try {
    await ann.contacts.add(bob.invite(), { name: 'Bob' })
    const failures: unknown[] = []
    const people = new People(ann, new AbortController().signal, (error) => failures.push(error))
    await until(() => people.title(bob.address) === 'Bob')
    const [me, him, her] = [ann, bob, carla].map(({ address }) => shortAddress(address))
    expect(people.named(`${me} added ${him}, ${her}.`)).toBe(`You added Bob, ${her}.`)
    expect(people.named(`${him} made ${me} admin.`)).toBe('Bob made you admin.')
    expect(people.named('dchat1 is free… as ever')).toBe('dchat1 is free… as ever')
    expect(failures).toEqual([])
  } finally {
    await Promise.all([ann.close(), bob.close(), carla.close()])
  }
})
