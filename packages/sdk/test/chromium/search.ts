import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTable, tableContents } from './leveldb.ts'

/** Something that must not be found, or must: a text of at least 12 characters, or bytes. */
export interface Wanted {
  readonly name: string
  readonly content: string | Uint8Array
  /** Counts only as a whole: its pieces stand elsewhere too, as any two words of a phrase may. */
  readonly whole?: true
}

/** A log may cut what it holds in two, by a header in between; one of the pieces is whole in each case. */
const PIECE = 12

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16()

/** A Base64 text shifts with where its content began, so its edges do not count. */
const base64 = (bytes: Buffer): readonly Buffer[] =>
  [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(4, -4)
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')].map((written) => Buffer.from(written))
  })

/** A way to write it down, and how many bytes of it a piece has: fewer characters than twelve are a word of anybody's. */
interface Form {
  readonly written: Buffer
  readonly piece: number
}

/** Every way in which programs write it down. */
const forms = ({ content }: Wanted): readonly Form[] => {
  const bytes = Buffer.from(content)
  if (bytes.length < PIECE) throw new Error('too short to be told from chance')
  const narrow = [bytes, Buffer.from(bytes.toString('hex')), ...base64(bytes)].map((written) => ({
    written,
    piece: PIECE,
  }))
  if (typeof content !== 'string') return narrow
  // Two bytes each: the names of our own tables stand on disk like this, and some are words of recovery phrases.
  const wide = Buffer.from(content, 'utf16le')
  return [...narrow, ...[wide, swapped(wide)].map((written) => ({ written, piece: 2 * PIECE }))]
}

const cut = ({ written, piece }: Form): readonly Buffer[] =>
  Array.from({ length: Math.floor(written.length / piece) }, (_, i) => written.subarray(i * piece, (i + 1) * piece))

const piecesOf = (wanted: Wanted): readonly Buffer[] =>
  forms(wanted).flatMap((form) => (wanted.whole ? [form.written] : cut(form)))

/** A search for many things at once; `look` yields the names of those that are in there. */
const searchFor = (wanted: readonly Wanted[]): { look(bytes: Uint8Array): ReadonlySet<string> } => {
  const byStart = new Map<number, { readonly piece: Buffer; readonly name: string }[]>()
  for (const each of wanted)
    for (const piece of piecesOf(each)) {
      const start = piece.readUInt16LE()
      byStart.set(start, [...(byStart.get(start) ?? []), { piece, name: each.name }])
    }
  const look = (bytes: Uint8Array): ReadonlySet<string> => {
    const found = new Set<string>()
    for (let at = 0; at + PIECE <= bytes.length; at++) {
      const candidates = byStart.get((bytes[at] as number) | ((bytes[at + 1] as number) << 8))
      for (const { piece, name } of candidates ?? [])
        if (piece.equals(bytes.subarray(at, at + piece.length))) found.add(name)
    }
    return found
  }
  return { look }
}

/** Searches every file below a folder, and opens LevelDB's packed tables; the names of what was found, with the file. */
export const searchFiles = async (
  folder: string,
  wanted: readonly Wanted[],
): Promise<{ readonly found: ReadonlySet<string>; readonly places: readonly string[]; readonly tables: number }> => {
  const search = searchFor(wanted)
  const found = new Set<string>()
  const places: string[] = []
  let tables = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    const names = new Set(search.look(bytes))
    if (isTable(bytes)) {
      tables += 1
      for (const name of search.look(tableContents(bytes))) names.add(name)
    }
    for (const name of names) {
      found.add(name)
      places.push(`${name} in ${entry.name}`)
    }
  }
  return { found, places, tables }
}
