import { type Chunk, loadedWith } from './browser-bundle.ts'

/** Parts of the SDK by where their files lie; the first that fits counts. */
const PARTS: readonly (readonly [name: string, files: RegExp])[] = [
  ['MLS: `ts-mls`, repaired', /node_modules\/ts-mls\//],
  ['root keys and rows at rest: `tweetnacl`', /node_modules\/tweetnacl\//],
  ['post-quantum key agreement: `mlkem`', /node_modules\/mlkem\//],
  ['addresses: `@scure/base`', /node_modules\/@scure\//],
  ['hashes: `@noble/hashes`', /node_modules\/@noble\/hashes\//],
  ['dchat: rooms and their groups', /src\/(client\/rooms|domain\/rooms|protocol\/mls)\//],
  ['dchat: one store in many tabs', /src\/client\/shared\//],
  ['dchat: the rest of the client', /src\/(client|domain|platform)\//],
  ['dchat: formats and errors', /src\/(protocol|records|util|errors|index)/],
  ['dchat: platform (crypto, link, locks)', /src\/(adapters|ports)\//],
]
const OTHER = 'anything else'

/** Chunks that a page loads for a reason of its own, by the module that it asks for. */
const LATER: readonly (readonly [name: string, entry: RegExp])[] = [
  ['groups, people, devices, history, offers, search, presence, while it connects', /\/client\/later|\/later-\w+\.js$/],
  ['linking a device, reading a backup', /browser\/later/],
  ['Dexie and the IndexedDB store, with the first named store', /dexie-database/],
  ['argon2id, with a passphrase', /\/argon2[-.]/],
  ['Ed25519 and X25519, in browsers without them', /curves-noble/],
  ['the store that keeps nothing, with `":memory:"`', /storage\/memory|\/memory-/],
]

const isLater = (chunk: Chunk): boolean => LATER.some(([, entry]) => entry.test(chunk.entry ?? ''))

/** What a page loads until its client is open: the program and all that it may ask for later, without the chunks above. */
export const untilOpen = (chunks: readonly Chunk[]): readonly Chunk[] => {
  const first = chunks.filter((chunk) => chunk.entry !== undefined && !isLater(chunk))
  return [...new Set(first.flatMap((chunk) => [...loadedWith(chunks, chunk)]))]
}

/** What comes with the program itself, before anything is asked for. */
export const atOnce = (chunks: readonly Chunk[]): readonly Chunk[] => {
  const program = chunks.find(({ entry }) => entry?.endsWith('page.js'))
  if (program === undefined) throw new Error('the program is in no chunk')
  return [...loadedWith(chunks, program)]
}

const kilobytes = (bytes: number): number => Math.round(bytes / 1000)

export const gzipOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { gzip }) => sum + gzip, 0)

const minifiedOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, chunk) => sum + chunk.minified, 0)

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

/** The table of docs/browser.md; in KB of 1000 bytes. `more` is the bundle of a page that also makes identities. */
export const sizeTable = (chunks: readonly Chunk[], more: readonly Chunk[]): readonly string[] => {
  const loaded = untilOpen(chunks)
  const sums = new Map<string, number>()
  for (const [file, bytes] of loaded.flatMap(({ inputs }) => [...inputs])) {
    const name = PARTS.find(([, files]) => files.test(file))?.[0] ?? OTHER
    sums.set(name, (sums.get(name) ?? 0) + bytes)
  }
  const minified = minifiedOf(loaded)
  const phrases = untilOpen(more)
  const parts = [...PARTS.map(([name]) => name), OTHER].map((name) => row(name, kilobytes(sums.get(name) ?? 0), ''))
  // What is small may stand in the chunk of something else.
  const later = LATER.flatMap(([name, entry]) => {
    const chunk = chunks.find((candidate) => entry.test(candidate.entry ?? ''))
    if (chunk === undefined) return []
    const more = [...loadedWith(chunks, chunk)].filter((part) => !loaded.includes(part))
    return [row(`later: ${name}`, kilobytes(minifiedOf(more)), kilobytes(gzipOf(more)))]
  })
  return [
    row('what', 'minified, KB', 'gzip, KB'),
    '|---|---|---|',
    ...parts,
    row('**until the client is open**', `**${kilobytes(minified)}**`, `**${kilobytes(gzipOf(loaded))}**`),
    row(
      'and with `createIdentity` or `restoreIdentity`: `@scure/bip39` and its words',
      kilobytes(minifiedOf(phrases) - minified),
      kilobytes(gzipOf(phrases) - gzipOf(loaded)),
    ),
    ...later,
  ]
}
