import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, createIdentity } from '../../../src/index.ts'

test('no file of a store holds a word that search finds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dchat-search-'))
  try {
    const store = join(folder, 'store')
    const client = await createClient({ identity: createIdentity(), relays: ['ws://127.0.0.1:9'], store })
    const chat = await client.conversations.dm(createIdentity().address)
    const words = ['periwinkle', 'telescope', 'marzipan']
    for (const word of words) await chat.send(`${word} said here`)
    await client.search.ready()
    for (const word of words) expect((await client.search.messages({ text: word })).hits).toHaveLength(1)
    const texts: string[] = []
    const look = async () => {
      for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
        if (file.isFile())
          texts.push((await readFile(join(file.parentPath, file.name))).toString('latin1').toLowerCase())
    }
    await look()
    await client.close()
    await look()
    expect(texts.join('').length).toBeGreaterThan(20_000)
    for (const word of [...words, 'said here', chat.id]) expect(texts.filter((text) => text.includes(word))).toEqual([])
    const again = await createClient({ store })
    await again.search.ready()
    expect((await again.search.messages({ text: 'peri' })).hits).toHaveLength(1)
    await again.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
