import { readFileSync } from 'node:fs'

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>
  readonly size?: number
  readonly offset?: string
}

const filesIn = (entry: Entry, path = ''): readonly (readonly [string, Entry])[] =>
  entry.files === undefined
    ? [[path, entry]]
    : Object.entries(entry.files).flatMap(([name, inner]) => filesIn(inner, path === '' ? name : `${path}/${name}`))

/** Electron's archive: sizes, then a table as JSON, then the files one after the other. */
export const readAsar = (file: string): ReadonlyMap<string, string> => {
  const bytes = readFileSync(file)
  const table = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Entry
  const begin = 8 + bytes.readUInt32LE(4)
  const content = ({ offset = '0', size = 0 }: Entry): string =>
    bytes.toString('utf8', begin + Number(offset), begin + Number(offset) + size)
  return new Map(filesIn(table).map(([path, entry]) => [path, content(entry)]))
}
