import type { Address, Message } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { withOverlays } from '../../src/renderer/lib/overlay.ts'

const [me, ann] = ['me', 'ann'] as Address[] as [Address, Address]
const message = { id: '1', content: { type: 'text', text: 'old', replyTo: '0' } } as unknown as Message

test('a reaction joins those of others, once, and the last one that is taken back goes', () => {
  const seen = { ...message, reactions: [{ emoji: '👍', from: [ann] }] }
  const reacted = withOverlays(
    seen,
    [
      { type: 'react', emoji: '👍' },
      { type: 'react', emoji: '👍' },
    ],
    me,
    1,
  )
  expect(reacted.reactions).toEqual([{ emoji: '👍', from: [ann, me] }])
  const own = withOverlays(
    message,
    [
      { type: 'react', emoji: '🙏' },
      { type: 'unreact', emoji: '🙏' },
    ],
    me,
    1,
  )
  expect(own).toEqual(message)
})

test('an edit keeps what is answered, and nothing is done to what is deleted', () => {
  const edited = withOverlays(message, [{ type: 'edit', content: { type: 'text', text: 'new' } }], me, 7)
  expect(edited).toMatchObject({ content: { text: 'new', replyTo: '0' }, editedAt: 7 })
  const gone = withOverlays(edited, [{ type: 'delete' }, { type: 'react', emoji: '👍' }], me, 7)
  expect(gone.content).toEqual({ type: 'deleted', by: me })
  expect(gone.reactions).toBeUndefined()
})
