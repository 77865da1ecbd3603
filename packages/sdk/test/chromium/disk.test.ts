import { mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { expect, test } from 'vitest'
import { startTestRelay } from '../../../relay/src/testing.ts'
import { createClient, createIdentity } from '../../src/index.ts'
import type { People } from './pages/people/page.ts'
import { searchFiles, type Wanted } from './search.ts'
import { caller, describeInChromium, openBrowser, openSite, temporaryFolder } from './support.ts'

/** A text that stands nowhere else, and that no compression makes shorter. */
const mark = (): string => Array.from(crypto.getRandomValues(new Uint8Array(48)), letter).join('')
const letter = (byte: number): string => String.fromCharCode(97 + (byte % 26))

const ask = caller<People>('people')

const named = (contents: Readonly<Record<string, string>>): readonly Wanted[] =>
  Object.entries(contents).map(([name, content]) => ({ name, content }))
const namesOf = (wanted: readonly Wanted[]) => new Set(wanted.map(({ name }) => name))

/** Four words in a row, as people and as careless programs join them: two of them may stand in any text of the browser's. */
const runs = (name: string, phrase: string): readonly Wanted[] => {
  const words = phrase.split(' ')
  return words.slice(3).flatMap((_, i) =>
    ['', ' ', '-', '","'].map((between) => ({
      name,
      content: words.slice(i, i + 4).join(between),
      whole: true,
    })),
  )
}

describeInChromium('what stands on disk', () => {
  test('neither the browser nor the relay keeps anything that can be read', async () => {
    await using profile = await temporaryFolder()
    await using relayFolder = await temporaryFolder()
    await using relay = await startTestRelay({ store: { directory: relayFolder.path } })
    await using site = await openSite('people')
    const carol = await createClient({
      identity: createIdentity(),
      relays: [relay.url],
      store: ':memory:',
      strangers: 'allow',
    })
    await carol.connect()

    const device = mark()
    const said = {
      contact: mark(),
      group: mark(),
      message: mark(),
      edited: mark(),
      inGroup: mark(),
      queued: mark(),
    }
    const inTheClear = { key: mark(), text: mark(), wide: mark(), bytes: mark() }
    const phraseInTheClear = createIdentity().recoveryPhrase
    const browser = await openBrowser(profile.path)
    const page = await browser.newPage()
    await page.goto(site.url)
    const { phrases, kept } = await ask(page, 'live', relay.url, carol.address, { device, ...said })
    expect(kept).toEqual([said.queued, said.edited])
    const storeKeys = await ask(page, 'storeKeys')
    expect(storeKeys).toHaveLength(2)
    const drawn = await ask(page, 'drawn')
    await ask(page, 'writeInTheClear', { ...inTheClear, phrase: phraseInTheClear })
    await browser.close()
    await carol.close()
    await relay.close()

    const everywhere: readonly Wanted[] = [
      ...named(said),
      ...phrases.flatMap((phrase) => runs('phrase', phrase)),
      ...phrases.map((phrase) => ({ name: 'entropy', content: mnemonicToEntropy(phrase, wordlist) })),
      ...storeKeys.map((key) => ({ name: 'store key', content: Buffer.from(key, 'hex') })),
    ]
    const written = [...named(inTheClear), ...runs('phrase in the clear', phraseInTheClear)]
    // What everybody may know of a person; all addresses begin alike.
    const known = named({ device, address: carol.address.slice(-40) })
    const inBrowser = [
      ...everywhere,
      ...known,
      ...drawn.map((bytes) => ({ name: 'what was drawn', content: Buffer.from(bytes, 'hex') })),
      ...written,
    ]
    const found = namesOf(written)

    // As it was written: the database's log.
    const inLog = await searchFiles(profile.path, inBrowser)
    expect(inLog.found, inLog.places.join(', ')).toEqual(found)

    // And packed: a database that has grown puts everything into tables.
    const later = await openBrowser(profile.path)
    const filling = await later.newPage()
    await filling.goto(site.url)
    await ask(filling, 'fill')
    await later.close()
    const inTables = await searchFiles(profile.path, inBrowser)
    expect(inTables.found, inTables.places.join(', ')).toEqual(found)
    expect(inTables.tables).toBeGreaterThan(0)

    // The relay serves them, so they prove that the search sees into this database too.
    expect((await searchFiles(relayFolder.path, [...everywhere, ...known])).found).toEqual(namesOf(known))
  })
})
