import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dchat, jsonLines } from '../support/cli.ts'
import { network } from '../support/network.ts'
import { smallDisk } from '../support/small-disk.ts'

const net = network()
const disk = await smallDisk(1024)

afterAll(async () => {
  if (typeof disk !== 'string') await disk.remove()
})

const FULL = /^dchat: The disk of [^\n]+ is full; nothing was changed\.\nFree some space[^\n]*\.\n$/

describe('a disk without one free byte', () => {
  test('init and send say so in one sentence with the remedy (1); what is stored is still shown', async (context) => {
    if (typeof disk === 'string') return context.skip(disk)
    const alice = join(disk.folder, 'alice')
    await disk.fill()
    const refused = await dchat(alice, ['init', '--relay', net.relay])
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(FULL) })

    await disk.free()
    expect((await dchat(alice, ['init', '--relay', net.relay])).code).toBe(0)
    const { link } = await net.init('bob')
    expect(await dchat(alice, ['send', link, 'while there was room'])).toMatchObject({ code: 0, err: '' })

    await disk.fill()
    const unsent = await dchat(alice, ['send', link, 'without room'])
    expect(unsent).toMatchObject({ code: 1, out: '', err: expect.stringMatching(FULL) })
    const [chat] = jsonLines((await dchat(alice, ['chats', '--json'])).out)
    const unread = await dchat(alice, ['read', String(chat?.id)])
    expect(unread).toMatchObject({ code: 1, out: '', err: expect.stringMatching(FULL) })
    expect(unread.err).toContain('--offline')
    const shown = await dchat(alice, ['read', String(chat?.id), '--offline', '--json'])
    expect(shown).toMatchObject({ code: 0, err: '' })
    expect(jsonLines(shown.out)).toMatchObject([{ text: 'while there was room' }, { type: 'end' }])

    await disk.free()
    expect(await dchat(alice, ['send', link, 'with room again'])).toMatchObject({ code: 0, err: '' })
    const read = await dchat(alice, ['read', String(chat?.id), '--json'])
    expect(jsonLines(read.out)).toMatchObject([
      { text: 'while there was room' },
      { text: 'with room again' },
      { type: 'end' },
    ])
  })
})
