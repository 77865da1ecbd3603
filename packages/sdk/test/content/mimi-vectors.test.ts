import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { messageIdOf } from '../../src/protocol/content/message-id.ts'
import { EXTENSIONS, type MimiContent } from '../../src/protocol/content/mimi.ts'
import { decodeMimi, encodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import { decodeStatusReport, encodeStatusReport } from '../../src/protocol/content/status.ts'
import { toHex } from '../../src/util/bytes.ts'

const vectors = join(import.meta.dirname, '../../vectors')
const content = join(vectors, 'mimi-content')
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(content, `${name}.cbor`)))
const diagnostic = (name: string): string => readFileSync(join(content, `${name}.edn`), 'utf8')
/** The id that the comment at the top of an example names. */
const namedId = (name: string): string => {
  const lines = /# message ID = h'([0-9a-f]+)\n#\s+([0-9a-f]+)'/.exec(diagnostic(name))
  return `${lines?.[1]}${lines?.[2]}`
}

const names = readdirSync(content)
  .filter((file) => file.endsWith('.cbor') && !file.startsWith('implied'))
  .map((file) => file.replace('.cbor', ''))

test('all five examples of the draft are here', () => {
  expect(names).toEqual(['attachment', 'delete', 'multipart-1', 'original', 'reply'])
})

test.each(names)('draft-ietf-mimi-content-08 %s: decoded and encoded again, it has the same bytes', (name) => {
  expect(toHex(encodeMimi(decodeMimi(read(name)) as MimiContent))).toBe(toHex(read(name)))
})

test.each(names)('draft-ietf-mimi-content-08 %s: its message id is the one that the draft names', (name) => {
  const mimi = decodeMimi(read(name))
  const id = messageIdOf({
    senderUri: mimi.extensions.get(EXTENSIONS.senderUri) as string,
    roomUri: mimi.extensions.get(EXTENSIONS.roomUri) as string,
    content: read(name),
    salt: mimi.salt,
  })
  expect(namedId(name)).toMatch(/^01[0-9a-f]{62}$/)
  expect(toHex(id)).toBe(namedId(name))
})

test('the examples are read as records', () => {
  expect(readContent(read('original'))).toMatchObject({
    kind: 'message',
    senderUri: 'mimi://example.com/u/alice-smith',
    roomUri: 'mimi://example.com/r/engineering_team',
    content: { type: 'markdown', markdown: 'Hi everyone, we just shipped release 2.0. __Good  work__!' },
  })
  expect(readContent(read('reply'))).toMatchObject({
    content: { type: 'markdown', markdown: "Right on! _Congratulations_ 'all!", replyTo: namedId('original') },
  })
  expect(readContent(read('multipart-1'))).toMatchObject({
    content: {
      type: 'unknown',
      mediaType: 'application/vnd.examplevendor-fancy-im-message',
      fallback: '# Welcome!',
      bytes: read('multipart-1'),
    },
  })
  expect(readContent(read('attachment'))).toMatchObject({
    content: {
      type: 'unknown',
      mediaType: 'video/mp4',
      fallback: '2 hours of key signing video (an attachment, video/mp4, which this version cannot open)',
    },
  })
  expect(readContent(read('delete'))).toMatchObject({
    kind: 'action',
    action: { type: 'retract', target: namedId('reply') },
  })
})

test('draft-mahy-mimi-message-status-01: the report is read and written byte for byte', () => {
  const bytes = new Uint8Array(readFileSync(join(vectors, 'mimi-status/status.cbor')))
  const items = decodeStatusReport(bytes)
  expect(items.map(({ status }) => status)).toEqual(['read', 'read', 'unread', 'expired'])
  expect(items[0]?.id).toBe(namedId('original'))
  expect(items[1]?.id).toBe(namedId('reply'))
  expect(toHex(encodeStatusReport(items))).toBe(toHex(bytes))
})
