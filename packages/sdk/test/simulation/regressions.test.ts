import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import type { Schedule } from '../../src/testing/schedule/step.ts'
import { run } from './check.ts'
import { directOpenedSince, groupOpenedAlone, groupOpenedSince, type Line, scene } from './scenes.ts'

/** Ann, Ben and Cid in a group, and what Ben had then. */
const withABackupOfBen = (): Line[] => [
  [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben', 'cid'] }, 4_000],
  [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
  [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 3_000],
  [{ do: 'backup', device: 'ben/1' }, 500],
]

/** What random schedules have found, as they were after shrinking. */
const FOUND: readonly [what: string, schedule: Schedule][] = [
  [
    'a change that is asked for while a room waits to be entered again does not keep the client busy for ever',
    scene(
      '1047',
      ['ann', 'ben', 'cid'],
      [
        [{ do: 'group', by: 'cid/1', chat: 'g1', people: ['ann', 'ben'] }, 4_000],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'send', by: 'ann/1', chat: 'g1', count: 59 }, 0],
        [{ do: 'faults', device: 'cid/1', faults: { delay: [20, 400], loss: 0.05, reordering: 0.05 } }, 19_224],
        [{ do: 'attack', by: 'cid/1', chat: 'g1', act: 'evil path keys' }, 3_000],
        [{ do: 'pin', by: 'cid/1', chat: 'g1', message: 873 }, 724],
      ],
      ['cid'],
    ),
  ],
  [
    'what waits behind a commit goes out, though its publisher heard nothing but a broken link',
    scene(
      '1257',
      ['ann', 'ben'],
      [
        [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben'] }, 4_000],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 3_000],
        [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 24],
        [{ do: 'send', by: 'ann/1', chat: 'g1', count: 5 }, 0],
        [{ do: 'break', device: 'ann/1' }, 20_000],
      ],
    ),
  ],
  [
    'who is taken out and asked in again while away, behind the removal of somebody else, is invited',
    scene(
      '3073',
      ['ann', 'ben', 'cid', 'dee', 'eve'],
      [
        [{ do: 'group', by: 'dee/1', chat: 'g1', people: ['cid', 'eve', 'ben', 'ann'] }, 4_000],
        [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'eve/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'stop', device: 'ann/1' }, 0],
        [{ do: 'pass', ms: 120_000 }, 1_000],
        [{ do: 'role', by: 'dee/1', chat: 'g1', person: 'cid', role: 'admin' }, 435],
        [{ do: 'remove', by: 'dee/1', chat: 'g1', people: ['ben', 'cid'] }, 1_873],
        [{ do: 'add', by: 'dee/1', chat: 'g1', people: ['cid'] }, 0],
        [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 2_106],
        [{ do: 'remove', by: 'dee/1', chat: 'g1', people: ['ann'] }, 12_764],
        [{ do: 'add', by: 'dee/1', chat: 'g1', people: ['ann'] }, 3_000],
      ],
    ),
  ],
  [
    'who followed a commit that others could not, and was away meanwhile, is not split from them',
    scene(
      '3318',
      ['ann', 'ben', 'cid'],
      [
        [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['ann', 'cid'] }, 4_000],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 300],
        [{ do: 'crash', device: 'ann/1', silent: true }, 0],
        [{ do: 'attack', by: 'cid/1', chat: 'g1', act: 'corrupted path' }, 3_000],
        [{ do: 'pass', ms: 900_000 }, 0],
      ],
      ['cid'],
    ),
  ],
  [
    'a dead link is found out though the clock was put back',
    scene(
      '3446',
      ['ann', 'ben', 'cid', 'dee', 'eve', 'fay'],
      [
        [{ do: 'group', by: 'cid/1', chat: 'g1', people: ['dee', 'ann', 'fay', 'eve', 'ben'] }, 4_000],
        [{ do: 'accept', by: 'dee/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'send', by: 'cid/1', chat: 'g1', count: 1 }, 1_714],
        [{ do: 'relay-crash', silent: true }, 75],
        [{ do: 'clock', device: 'dee/1', error: -7_638_352 }, 12_491],
      ],
    ),
  ],
  [
    'what a device read in a topic that nobody else was seen in is known to stand there',
    scene(
      '951388',
      ['ann', 'ben', 'cid', 'dee', 'eve', 'fay'],
      [
        [{ do: 'faults', faults: { delay: [200, 3_000], loss: 0.01, duplication: 0.1, reordering: 0 } }, 13_128],
        [{ do: 'group', by: 'fay/1', chat: 'g2', people: ['ann', 'cid', 'eve', 'ben', 'dee'] }, 518],
        [{ do: 'pass', ms: 120_000 }, 4_829],
        [{ do: 'attack', by: 'fay/1', chat: 'g2', act: 'device that is not certified' }, 3_000],
        [{ do: 'send', by: 'fay/1', chat: 'g2', count: 2 }, 9_390],
        [{ do: 'accept', by: 'eve/1', chat: 'g2' }, 538],
      ],
      ['fay'],
    ),
  ],
  [
    'a message that disappears between two looks at its author is not lost, though another device still shows it',
    scene(
      '952116',
      ['ann', 'ben', 'cid', 'dee', 'eve'],
      [
        [{ do: 'clock', device: 'eve/1', error: -98_122 }, 0],
        [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['cid', 'dee', 'ann', 'eve'] }, 4_000],
        [{ do: 'accept', by: 'eve/1', chat: 'g1' }, 300],
        [{ do: 'timer', by: 'ben/1', chat: 'g1', seconds: 5 }, 0],
        [{ do: 'device', person: 'eve', name: '2' }, 0],
        [{ do: 'pass', ms: 30_000 }, 0],
        [{ do: 'send', by: 'eve/2', chat: 'g1', count: 2 }, 10],
      ],
    ),
  ],
  [
    'a device whose clock is put back looks for the successor of its topic all the same',
    scene(
      '951518',
      ['ann', 'ben', 'cid', 'dee'],
      [
        [{ do: 'group', by: 'dee/1', chat: 'g1', people: ['cid', 'ben', 'ann'] }, 4_000],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 650],
        [{ do: 'attack', by: 'dee/1', chat: 'g1', act: 'wrong HMAC' }, 3_000],
        [{ do: 'clock', device: 'ben/1', error: -6_597_877 }, 803],
      ],
      ['dee'],
    ),
  ],
  [
    'a device whose clock is put back opens the successor in its turn, though the owner is away',
    scene(
      '951617',
      ['ann', 'ben', 'cid', 'dee', 'eve'],
      [
        [{ do: 'group', by: 'ben/1', chat: 'g1', people: ['cid', 'ann', 'dee', 'eve'] }, 4_000],
        [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'eve/1', chat: 'g1' }, 300],
        [{ do: 'stop', device: 'ben/1' }, 0],
        [{ do: 'attack', by: 'eve/1', chat: 'g1', act: 'garbage commit' }, 3_000],
        [{ do: 'clock', device: 'cid/1', error: -5_403_147 }, 5_481],
      ],
      ['eve'],
    ),
  ],
  [
    'a device whose clock is put back opens the successor in its turn, though the owner is down',
    scene(
      '951657',
      ['ann', 'ben', 'cid', 'dee', 'eve', 'fay'],
      [
        [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['eve', 'cid', 'fay', 'ben', 'dee'] }, 4_000],
        [{ do: 'accept', by: 'eve/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'fay/1', chat: 'g1' }, 300],
        [{ do: 'crash', device: 'ann/1', silent: false }, 0],
        [{ do: 'attack', by: 'fay/1', chat: 'g1', act: 'device that is not certified' }, 3_000],
        [{ do: 'clock', device: 'eve/1', error: -10_732_181 }, 0],
      ],
      ['fay'],
    ),
  ],
  [
    'who was away while the topic ended, and was taken out and asked in again in its successor, is invited',
    scene(
      '951728',
      ['ann', 'ben', 'cid', 'dee', 'eve'],
      [
        [{ do: 'group', by: 'dee/1', chat: 'g1', people: ['ben', 'ann', 'eve', 'cid'] }, 4_000],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'eve/1', chat: 'g1' }, 300],
        [{ do: 'send', by: 'eve/1', chat: 'g1', count: 1 }, 0],
        [{ do: 'crash', device: 'ben/1', silent: false }, 99],
        [{ do: 'attack', by: 'eve/1', chat: 'g1', act: "message in another's name" }, 3_000],
        [{ do: 'send', by: 'ann/1', chat: 'g1', count: 3 }, 0],
        [{ do: 'attack', by: 'eve/1', chat: 'g1', act: 'message framed as a commit' }, 3_000],
        [{ do: 'remove', by: 'dee/1', chat: 'g1', people: ['ann', 'ben'] }, 53],
        [{ do: 'add', by: 'dee/1', chat: 'g1', people: ['ben'] }, 1_255],
      ],
      ['eve'],
    ),
  ],
  [
    'a restored device whose connection breaks just then does not wait for what it will never read',
    scene(
      '55',
      ['ann', 'ben', 'cid'],
      [
        [{ do: 'group', by: 'cid/1', chat: 'g1', people: ['ann', 'ben'] }, 4_000],
        [{ do: 'accept', by: 'ann/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
        [{ do: 'faults', device: 'ben/1', faults: { delay: [5, 40], loss: 0.01, duplication: 0.02 } }, 0],
        [{ do: 'send', by: 'ann/1', chat: 'g1', count: 2 }, 0],
        [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 256],
        [{ do: 'cut', device: 'cid/1' }, 0],
        [{ do: 'backup', device: 'ben/1' }, 43],
        [{ do: 'restore', device: 'ben/1', breaks: false }, 6_235],
        [{ do: 'relay-crash', silent: false }, 0],
        [{ do: 'faults', device: 'ben/1', faults: { delay: [5, 40], duplication: 0.1 } }, 97],
        [{ do: 'relay-start' }, 0],
        [{ do: 'restore', device: 'ben/1', breaks: false }, 1_841],
      ],
    ),
  ],
  [
    'who was taken out while away and comes back from a backup is out, whatever it wrote in the archive before',
    scene(
      '123',
      ['ann', 'ben', 'cid'],
      [
        [{ do: 'group', by: 'ann/1', chat: 'g1', people: ['ben', 'cid'] }, 4_000],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 300],
        [{ do: 'accept', by: 'cid/1', chat: 'g1' }, 3_000],
        [{ do: 'cut', device: 'ben/1' }, 0],
        [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
        [{ do: 'backup', device: 'ben/1' }, 500],
        [{ do: 'restore', device: 'ben/1', breaks: false }, 500],
        [{ do: 'heal', device: 'ben/1' }, 20_000],
      ],
    ),
  ],
  [
    'what it wrote in the archive between the backup and its removal is older than the removal, too: it is out',
    scene(
      '1',
      ['ann', 'ben', 'cid'],
      [
        ...withABackupOfBen(),
        [{ do: 'send', by: 'ann/1', chat: 'g1', count: 70 }, 20_000],
        [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 5_000],
        [{ do: 'cut', device: 'ben/1' }, 0],
        [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
        [{ do: 'restore', device: 'ben/1', breaks: false }, 500],
        [{ do: 'faults', device: 'ben/1', faults: { delay: [200, 3_000] } }, 0],
        [{ do: 'heal', device: 'ben/1' }, 60_000],
      ],
    ),
  ],
  [
    'a restored device that reads about itself does not overwrite what the archive has from later: it is asked in again',
    scene(
      '1',
      ['ann', 'ben', 'cid'],
      [
        ...withABackupOfBen(),
        [{ do: 'rename', by: 'ann/1', chat: 'g1', name: 'next' }, 5_000],
        [{ do: 'remove', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
        [{ do: 'add', by: 'ann/1', chat: 'g1', people: ['ben'] }, 3_000],
        [{ do: 'accept', by: 'ben/1', chat: 'g1' }, 3_000],
        [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 20_000],
        [{ do: 'restore', device: 'ben/1', breaks: false }, 60_000],
        [{ do: 'send', by: 'ben/1', chat: 'g1', count: 2 }, 5_000],
      ],
    ),
  ],
  [
    'whose goodbye stands behind a commit that it cannot follow is out, and does not wait for ever to be let in',
    scene(
      '69',
      ['ann', 'ben', 'cid', 'dee', 'eve', 'fay'],
      [
        [{ do: 'group', by: 'eve/1', chat: 'g1', people: ['cid', 'ann', 'ben', 'fay', 'dee'] }, 4_000],
        ...['cid', 'ann', 'ben', 'fay', 'dee'].map(
          (name): Line => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, 500],
        ),
        [{ do: 'faults', device: 'eve/1', faults: { delay: [3_000, 3_000] } }, 3_000],
        [{ do: 'attack', by: 'fay/1', chat: 'g1', act: 'corrupted path' }, 500],
        [{ do: 'leave', by: 'eve/1', chat: 'g1' }, 30_000],
      ],
      ['fay'],
    ),
  ],
  [
    'a group that its lost device opened after the backup, and asked somebody into, is one group',
    groupOpenedSince('34'),
  ],
  [
    'a group that its lost device opened after the backup, and was alone in, is not opened again',
    groupOpenedAlone('34'),
  ],
  ['a direct message that its lost device opened after the backup is not opened again', directOpenedSince('34')],
]

test.each(FOUND)('%s', async (_, schedule) => {
  const outcome = await run(schedule)
  expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
})
