import type { Action, Schedule, Step } from '../../src/testing/schedule/step.ts'

/** Steps by hand: what happens, and the ms that pass then. */
export type Line = readonly [action: Action, then?: number]

export const scene = (
  seed: string,
  people: readonly string[],
  lines: readonly Line[],
  hostile: readonly string[] = [],
): Schedule => ({
  seed,
  people,
  clocks: {},
  hostile,
  steps: lines.map(([action, then = 500], id): Step => ({ ...action, id, then })),
})

const CAST = ['ann', 'ben', 'cid', 'mal'] as const

/** The first asks the others into a group; they say yes, and everybody says something. */
const meetingOf = ([first = '', ...others]: readonly string[]): Line[] => [
  [{ do: 'group', by: `${first}/1`, chat: 'g1', people: others }, 4_000],
  ...others.map((name): Line => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, 1_500]),
  ...saidByAll(),
]

const saidByAll = (count = 1): Line[] =>
  CAST.slice(0, 3).map((name): Line => [{ do: 'send', by: `${name}/1`, chat: 'g1', count }, 300])

const attack = (act: string, then = 5_000): Line => [{ do: 'attack', by: 'mal/1', chat: 'g1', act }, then]

/** What has to come before some acts, so that they hurt most. */
const BEFORE: Readonly<Record<string, readonly Line[]>> = {
  // Out, and does not care.
  'writing with old keys': [attack('hold', 500), [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['mal'] }, 3_000]],
  'changing with old keys': [attack('hold', 500), [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['mal'] }, 3_000]],
  // 65 entries after the end of its epoch, which ended by no removal.
  'let go': [attack('hold', 500), [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 2_000], ...saidByAll(30)],
}

/** The group meets, talks, is attacked, and goes on: a rename shows that commits still work. */
export const attackScene = (act: string, seed: string = act): Schedule =>
  scene(
    seed,
    CAST,
    [
      ...meetingOf(CAST),
      ...(BEFORE[act] ?? []),
      attack(act),
      ...saidByAll(2),
      [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'after' }, 3_000],
      ...saidByAll(2),
    ],
    ['mal'],
  )

/** Two people change the group at the same moment over slow links; then everybody goes on. */
export const race = (seed: string): Schedule =>
  scene(seed, CAST.slice(0, 3), [
    ...meetingOf(CAST.slice(0, 3)),
    [{ do: 'role', by: 'ann/1', chat: 'g1', person: 'ben', role: 'admin' }, 2_000],
    [{ do: 'faults', faults: { delay: [200, 300] } }, 0],
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'one' }, 0],
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'two' }, 3_000],
    ...saidByAll(),
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'three' }, 3_000],
  ])

/** Somebody writes while the link is cut, and the device dies before it heals. */
export const lostWords = (seed: string): Schedule =>
  scene(seed, CAST.slice(0, 3), [
    ...meetingOf(CAST.slice(0, 3)),
    [{ do: 'cut', device: 'ann/1' }, 1_000],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 3 }, 1_000],
    [{ do: 'crash', device: 'ann/1', silent: false }, 60_000],
    [{ do: 'heal', device: 'ann/1' }, 0],
    [{ do: 'start', device: 'ann/1' }, 5_000],
  ])

const TRIO = CAST.slice(0, 3)

/** A backup, ten messages in both directions, a reaction and a change; then the store is lost. */
export const backupScene = (seed: string, { breaks = false } = {}): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'direct', by: 'ann/1', to: 'ben' }, 3_000],
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 5 }, 500],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 5 }, 500],
    [{ do: 'direct', by: 'ben/1', to: 'ann' }, 500],
    [{ do: 'react', by: 'ben/1', chat: 'g1', message: 3, emoji: '🎉' }, 500],
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'meanwhile' }, 3_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 2_000],
    [{ do: 'restore', device: 'ben/1', breaks }, 0],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 3 }, 0],
    [{ do: 'direct', by: 'ben/1', to: 'ann' }, 8_000],
    ...saidByAll(2),
    // And once more from the same backup: the leaf that came of the first time is lost as well.
    [{ do: 'restore', device: 'ben/1', breaks: false }, 100],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 8_000],
    ...saidByAll(),
  ])

/** What the lost device had sent is still on its way when its successor, over a quick link, has read everything. */
export const lateWords = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ann/1' }, 500],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [20_000, 20_000] } }, 0],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 1 }, 200],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [5, 10] } }, 0],
    [{ do: 'restore', device: 'ann/1', breaks: false }, 0],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 30_000],
    ...saidByAll(),
  ])

/** Its own commit after the backup is one that the restored device cannot follow: it asks to be let in. */
export const restoredWhileChanging = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'role', by: 'ann/1', chat: 'g1', person: 'ben', role: 'admin' }, 2_000],
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'by the lost one' }, 3_000],
    ...saidByAll(),
    [{ do: 'rename', by: 'ben/1', chat: 'g1', name: 'on its way' }, 20],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 0],
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'at the same time' }, 5_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 60_000],
    ...saidByAll(),
  ])

/** What it was asked into after the backup, and did not answer, is known from the archive alone. */
export const invitedSince = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'group', by: 'ann/1', chat: 'g2', people: ['ben', 'cid'] }, 4_000],
    [{ do: 'accept', by: 'cid/1', chat: 'g2' }, 20_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 20_000],
    [{ do: 'accept', by: 'ben/1', chat: 'g2' }, 60_000],
    [{ do: 'send', by: 'ben/1', chat: 'g2', count: 2 }, 5_000],
    [{ do: 'send', by: 'ann/1', chat: 'g2', count: 2 }, 5_000],
  ])

/** What the lost device entered after the backup is known from the archive alone; its leaf stands there. */
export const enteredSince = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'group', by: 'ann/1', chat: 'g2', people: ['ben', 'cid'] }, 4_000],
    [{ do: 'accept', by: 'ben/1', chat: 'g2' }, 1_500],
    [{ do: 'accept', by: 'cid/1', chat: 'g2' }, 1_500],
    [{ do: 'send', by: 'ben/1', chat: 'g2', count: 2 }, 20_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 60_000],
    [{ do: 'send', by: 'ben/1', chat: 'g2', count: 2 }, 5_000],
    [{ do: 'send', by: 'ann/1', chat: 'g2', count: 2 }, 5_000],
  ])

/** The backup holds a commit on its way; the lost device saw it through, and its words in the new epoch come late. */
export const lateWordsOfAnEpoch = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    // Until nobody reports anything any more: what is read tells a device that its store is old.
    [{ do: 'faults', device: 'ann/1', faults: { delay: [100, 100] } }, 20_000],
    [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 120],
    [{ do: 'backup', device: 'ann/1' }, 2_000],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [20_000, 20_000] } }, 0],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 1 }, 200],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [5, 10] } }, 0],
    [{ do: 'restore', device: 'ann/1', breaks: false }, 0],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 30_000],
    ...saidByAll(),
  ])

/** It was taken out and asked in again after the backup: the restored device reads the one, and learns of the other. */
export const backSince = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
    [{ do: 'add', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
    [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 3_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 20_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 60_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 5_000],
    ...saidByAll(),
  ])

/** A device is handed the past long before anybody lets it into the group: whose turn it is has no power. People go on. */
export const whileADeviceComes = (seed: string): Schedule => {
  const deed = { by: 'cid/1', chat: 'g1', message: 0 } as const
  return scene(seed, TRIO, [
    ...meetingOf(['ben', 'ann', 'cid']),
    [{ do: 'react', ...deed, emoji: 'taken back' }, 500],
    [{ do: 'stop', device: 'ben/1' }, 0],
    [{ do: 'device', person: 'ann', name: '2' }, 0],
    ...Array.from({ length: 12 }, (_, index): Line => {
      return [index % 3 === 2 ? { do: 'edit', ...deed } : { do: 'react', ...deed, emoji: `${index}` }, 1_000]
    }),
    [{ do: 'unreact', ...deed, emoji: 'taken back' }, 1_000],
    // Once it is in, it meets what takes back what it does not know of yet.
    ...Array.from({ length: 12 }, (_, index): Line => [{ do: 'unreact', ...deed, emoji: `${index}` }, 1_000]),
    [{ do: 'start', device: 'ben/1' }, 0],
  ])
}

/** It was taken out and asked in again after the backup, and has not answered: what it had of the invitation is lost. */
export const askedInSince = (seed: string, answer: 'accept' | 'decline'): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ben/1' }, 500],
    [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
    [{ do: 'add', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 30_000],
    [{ do: answer, by: 'ben/1', chat: 'g1' }, 30_000],
    ...(answer === 'decline' ? [] : saidByAll()),
  ])

/** The backup knows of a conversation that is still to be opened; the lost device opened it. */
export const openedSince = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'cut', device: 'ann/1' }, 500],
    [{ do: 'direct', by: 'ann/1', to: 'ben' }, 1_000],
    [{ do: 'backup', device: 'ann/1' }, 500],
    [{ do: 'heal', device: 'ann/1' }, 30_000],
    [{ do: 'direct', by: 'ben/1', to: 'ann' }, 5_000],
    [{ do: 'restore', device: 'ann/1', breaks: false }, 20_000],
    [{ do: 'direct', by: 'ann/1', to: 'ben' }, 5_000],
    [{ do: 'direct', by: 'ben/1', to: 'ann' }, 5_000],
  ])

/** Nobody else is in the group who could let a restored device in, and no leaf beside which it could enter anew. */
export const aloneWithABackup = (seed: string): Schedule =>
  scene(
    seed,
    ['ann'],
    [
      [{ do: 'group', by: 'ann/1', chat: 'g1', people: [] }, 2_000],
      [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 2_000],
      [{ do: 'backup', device: 'ann/1' }, 500],
      [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 2_000],
      [{ do: 'restore', device: 'ann/1', breaks: false }, 100],
      [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 10_000],
    ],
  )

/** The one leaf is one that it made when it came back before: it reads what it could, and waits for nobody in particular. */
export const aloneTwice = (seed: string): Schedule => {
  const { people, steps } = aloneWithABackup(seed)
  const lines = steps.map(({ then, id: _, ...action }): Line => [action as Action, then])
  return scene(seed, people, [...lines, [{ do: 'restore', device: 'ann/1', breaks: false }, 10_000]])
}

/** Of those who were there at the time of the backup nobody is left; who came since is known from the archive. */
export const amongOthers = (seed: string): Schedule =>
  scene(seed, TRIO, [
    [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben'] }, 4_000],
    [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 3_000],
    [{ do: 'backup', device: 'ann/1' }, 2_000],
    [{ do: 'add', by: 'ann/1', chat: 'g1', people: ['cid'] }, 3_000],
    [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 3_000],
    [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 5_000],
    [{ do: 'restore', device: 'ann/1', breaks: false }, 60_000],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 5_000],
    [{ do: 'send', by: 'cid/1', chat: 'g1', count: 2 }, 5_000],
  ])

/**
 * The backup has the name of a conversation that is still to be opened. Its device opens it, each frame taking a second, is
 * lost after `ms`, and the restored one comes over a quick link.
 */
const lostWhileOpening = (seed: string, opens: Line, ms: number, then: readonly Line[]): Schedule =>
  scene(seed, TRIO, [
    [{ do: 'direct', by: 'ann/1', to: 'cid' }, 3_000],
    [{ do: 'relay-crash', silent: false }, 500],
    opens,
    [{ do: 'backup', device: 'ann/1' }, 500],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [1_000, 1_000] } }, 0],
    [{ do: 'relay-start' }, ms],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [5, 10] } }, 0],
    [{ do: 'restore', device: 'ann/1', breaks: false }, 20_000],
    ...then,
  ])

/** Whoever is asked into the group holds on to what the lost device opened. */
export const groupOpenedSince = (seed: string): Schedule =>
  lostWhileOpening(seed, [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben'] }, 1_000], 19_500, [
    [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 5_000],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 5_000],
    [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 5_000],
  ])

/** Nobody was asked in yet, and the archive names nobody. */
export const groupOpenedAlone = (seed: string): Schedule =>
  lostWhileOpening(seed, [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben'] }, 1_000], 15_500, [
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 5_000],
  ])

/** What the lost device told the archive of a direct message that it had opened is still on its way. */
export const directOpenedSince = (seed: string): Schedule =>
  lostWhileOpening(seed, [{ do: 'direct', by: 'ann/1', to: 'ben' }, 1_000], 17_000, [
    [{ do: 'direct', by: 'ann/1', to: 'ben' }, 5_000],
    [{ do: 'direct', by: 'ben/1', to: 'ann' }, 5_000],
  ])

/** What others said late, behind the commit by which it came back the first time, is there when it comes back again. */
export const backTwice = (seed: string): Schedule =>
  scene(seed, TRIO, [
    ...meetingOf(TRIO),
    [{ do: 'backup', device: 'ben/1' }, 2_000],
    [{ do: 'faults', device: 'ann/1', faults: { delay: [2_000, 2_000] } }, 5_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 0],
    [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 10_000],
    [{ do: 'restore', device: 'ben/1', breaks: false }, 20_000],
    ...saidByAll(),
  ])

/**
 * Its topic ended since, and it had come back in the one after that. It goes through both at once, and what was done to
 * messages there, in epochs whose keys went with the lost store, is a gap (backup.md).
 */
export const backInALaterTopic = (seed: string): Schedule =>
  scene(
    seed,
    CAST,
    [
      ...meetingOf(CAST),
      [{ do: 'backup', device: 'ben/1' }, 2_000],
      attack('commit with custom', 20_000),
      ...saidByAll(2),
      [{ do: 'restore', device: 'ben/1', breaks: false }, 20_000],
      ...[0, 1, 2, 3].map((message): Line => [{ do: 'react', by: 'cid/1', chat: 'g1', message, emoji: '🎉' }, 1_000]),
      [{ do: 'restore', device: 'ben/1', breaks: false }, 0],
    ],
    ['mal'],
  )
