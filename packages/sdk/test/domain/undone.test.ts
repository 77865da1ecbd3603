import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ChangeMark, type Done, isDue, noted, stateOf, undoneOf } from '../../src/domain/rooms/undone.ts'
import type { ControlChange } from '../../src/protocol/messages/control-change.ts'
import type { Snapshot } from '../../src/protocol/messages/snapshot.ts'
import { ROLES } from '../../src/records/group.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { actor, group, person } from './control-support.ts'

const [ann, ben, cat] = ['ann', 'ben', 'cat'].map(actor) as [
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
  ReturnType<typeof actor>,
]
const start = group([person(ann, 'owner'), person(ben, 'member')])
const pin = '01'.repeat(32) as MessageId

/** What a commit of an epoch makes of a state, where it may be made at all. */
const changed = (state: Snapshot, change: ControlChange, epoch: number): Snapshot => {
  switch (change.kind) {
    case 'name':
      return { ...state, name: change.name }
    case 'timer':
      return { ...state, timer: change.seconds }
    case 'role':
      return {
        ...state,
        people: state.people.map((one) => (one.address === change.address ? { ...one, role: change.role } : one)),
      }
    case 'pin':
      return state.pins.includes(change.message) ? state : { ...state, pins: [...state.pins, change.message] }
    case 'unpin':
      return { ...state, pins: state.pins.filter((id) => id !== change.message) }
    case 'add': {
      if (state.people.some(({ address }) => address === change.address)) return state
      const { log } = [ann, ben, cat].find(({ address }) => address === change.address) as typeof ann
      const added = { address: change.address, role: 'member', since: epoch + 1, log: log.entries.length } as const
      return group([...state.people, added], state.pins.length > 0 ? { ...rest(state) } : rest(state))
    }
    case 'remove':
      return { ...state, people: state.people.filter(({ address }) => address !== change.address) }
    default:
      throw new Error(`no ${change.kind} here`)
  }
}

const rest = ({ people: _, ...more }: Snapshot): Partial<Snapshot> => more

/** Marks of changes that follow each other from the epoch 10 on, and the state after them. */
const history = (changes: readonly (readonly [ChangeMark['by'], ControlChange])[], from = start) => {
  let state = from
  let marks: readonly ChangeMark[] = []
  changes.forEach(([by, what], at) => {
    marks = noted(marks, [{ ended: 10 + at, by, what, before: stateOf(state, what) }])
    state = changed(state, what, 10 + at)
  })
  return { marks, last: state }
}

const name = (text: string): ControlChange => ({ kind: 'name', name: text })
const kinds = (all: readonly { readonly what: Done }[]) => all.map(({ what }) => what.kind)

describe('what is made again', () => {
  test('of several changes of one thing the last one, where nobody changed it elsewhere', () => {
    const { marks, last } = history([
      ['device', name('one')],
      ['device', { kind: 'timer', seconds: 60 }],
      ['device', name('two')],
    ])
    const undone = undoneOf(marks, last)
    expect(undone.map(({ what }) => what)).toEqual([{ kind: 'timer', seconds: 60 }, name('two')])
    expect(undone.every((item) => isDue(start, item))).toBe(true)
    expect(undone.filter((item) => isDue({ ...start, name: 'else' }, item)).map(({ what }) => what.kind)).toEqual([
      'timer',
    ])
  })

  test('nothing that others changed after, that led back to what it was, or that is over with its person', () => {
    const role = { kind: 'role', address: ben.address, role: 'admin' } as const
    expect(kinds(undoneOf(...of(['device', name('one')], ['others', name('two')])))).toEqual([])
    expect(kinds(undoneOf(...of(['device', name('one')], ['device', name(start.name)])))).toEqual([])
    expect(kinds(undoneOf(...of(['device', role], ['others', { kind: 'remove', address: ben.address }])))).toEqual([
      'remove',
    ])
  })

  test('who was added is asked in again, unless they were a member before, and were taken out meanwhile', () => {
    const added = undoneOf(...of(['device', { kind: 'add', address: cat.address }]))
    expect(added.map((item) => isDue(start, item))).toEqual([true])
    const back = undoneOf(
      ...of(['device', { kind: 'remove', address: ben.address }], ['device', { kind: 'add', address: ben.address }]),
    )
    const without = changed(start, { kind: 'remove', address: ben.address }, 20)
    expect(back.map((item) => isDue(without, item))).toEqual([false])
    expect(
      kinds(
        undoneOf(
          ...of(
            ['device', { kind: 'add', address: cat.address }],
            ['others', { kind: 'remove', address: cat.address }],
          ),
        ),
      ),
    ).toEqual([])
  })

  test('what an earlier handover has undone, too, from where that began', () => {
    const first = undoneOf(...of(['device', name('one')]))
    const { marks, last } = history([['device', name('two')]], { ...start, name: 'one' })
    const undone = undoneOf(marks, last, first)
    expect(undone).toMatchObject([{ what: name('two'), base: start.name }])
  })
})

const of = (...changes: Parameters<typeof history>[0]): [readonly ChangeMark[], Snapshot] => {
  const { marks, last } = history(changes)
  return [marks, last]
}

const anyChange = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map(name),
  fc.constantFrom(0, 60, 3_600).map((seconds) => ({ kind: 'timer', seconds }) as const),
  fc.constantFrom(...ROLES).map((role) => ({ kind: 'role', address: ben.address, role }) as const),
  fc.constantFrom('pin' as const, 'unpin' as const).map((kind) => ({ kind, message: pin }) as const),
  fc.constantFrom('add' as const, 'remove' as const).map((kind) => ({ kind, address: cat.address }) as const),
) satisfies fc.Arbitrary<ControlChange>

test('where nobody else changed anything, all is as it was, whenever the conversation went on', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), fc.nat(12), (changes, from) => {
      const kept = history(changes.slice(0, from).map((change) => ['device', change] as const)).last
      const { marks, last } = history(changes.map((change) => ['device', change] as const))
      const undone = undoneOf(
        marks.filter(({ ended }) => ended >= 10 + from),
        last,
      )
      const again = undone.reduce(
        (state, item) => (isDue(state, item) ? changed(state, item.what as ControlChange, 99) : state),
        kept,
      )
      const facts = ({ name: called, timer, pins, people }: Snapshot) => ({
        called,
        timer,
        pins,
        people: people.map(({ address, role }) => `${address} ${role}`),
      })
      expect(facts(again)).toEqual(facts(last))
      // Made twice, it is made once.
      expect(undone.filter((item) => isDue(again, item) && stateOf(again, item.what) !== item.base)).toEqual([])
    }),
  )
})
