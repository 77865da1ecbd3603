import type { Schedule } from '../../src/testing/schedule/step.ts'
import { attackScene, lateWords, lostWords, race } from './scenes.ts'

/** A piece of source text, as it stands in a file exactly once, and what stands there in the mutated program. */
export interface Edit {
  /** End of the file's path. */
  readonly file: string
  readonly find: string
  readonly put: string
}

/** A rule switched off, and the schedules in which that shows; the first of them is enough outside of the soak. */
export interface Mutation {
  readonly name: string
  readonly edits: readonly Edit[]
  readonly schedules: readonly Schedule[]
  /** The promises of which one at least is broken. */
  readonly caughtBy: readonly string[]
}

const ROOMS = 'sdk/src/client/rooms'

/** Each protective rule, switched off on its own: a simulation that does not notice is of no use. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a message is taken for sent without its receipt',
    edits: [
      {
        file: `${ROOMS}/send.ts`,
        find: `enqueue(tx, intent)`,
        put: `tx.put('outbox', { key: toHex(intent.reference), value: intent })`,
      },
      { file: `${ROOMS}/send.ts`, find: `state: 'sending' }`, put: `state: 'sent' }` },
    ],
    schedules: [lostWords('words on a dying link')],
    caughtBy: ['nothing acknowledged is lost'],
  },
  {
    name: 'an own commit is merged without its receipt',
    edits: [
      {
        file: `${ROOMS}/apply-commit.ts`,
        find: `if (pending !== undefined && equalBytes(pending.entry, entry.receipt.entry)) {`,
        put: `if (pending !== undefined) {`,
      },
    ],
    schedules: [race('two commits at once')],
    caughtBy: ['one epoch history'],
  },
  {
    name: 'the sender is who the content says',
    edits: [
      {
        file: `${ROOMS}/apply-application.ts`,
        find: `if (read.senderUri !== undefined && read.senderUri !== senderUri) throw refuse('it names another sender')`,
        put: '',
      },
      {
        file: `${ROOMS}/apply-application.ts`,
        find: `    from: sender.address,
    device: sender.device,`,
        put: `    from: (read.senderUri?.slice('dchat:'.length) ?? sender.address) as typeof sender.address,
    device: sender.device,`,
      },
    ],
    schedules: [attackScene("message in another's name")],
    caughtBy: ['true authors'],
  },
  {
    name: 'the relay takes commits of the epoch before',
    edits: [
      {
        file: 'relay/src/policy/access.ts',
        find: `if (entry.kind === 'application' && entry.epoch === state.epoch - 1 && !state.removed) return 'allowed'`,
        put: `if (entry.epoch === state.epoch - 1 && !state.removed) return 'allowed'`,
      },
      {
        file: 'relay/src/commit/publish.ts',
        find: `await verifyCommitFrame(crypto, frame, state.key)`,
        put: `await verifyCommitFrame(crypto, frame, epoch === state.epoch ? state.key : (state.previousKey ?? state.key))`,
      },
    ],
    schedules: [race('two commits at once')],
    caughtBy: ['one epoch history'],
  },
  {
    name: 'an entry counts however late it is',
    edits: [
      {
        file: 'sdk/src/domain/rooms/lateness.ts',
        find: `if (entry.seq - ending.seq > LATE_ENTRIES) return 'more than 64 entries lie between'`,
        put: '',
      },
    ],
    schedules: [attackScene('let go')],
    caughtBy: ['only members write and read'],
  },
  {
    name: 'the frame of a commit binds nothing',
    edits: [
      {
        file: `${ROOMS}/judge-commit.ts`,
        find: `if (reason !== undefined) throw new VoidCommit(reason, author)`,
        put: '',
      },
    ],
    schedules: [attackScene('wrong HMAC'), attackScene('wrong next key')],
    caughtBy: ['who is proven to break the rules is out'],
  },
  {
    name: 'the permission table is not asked',
    edits: [
      {
        file: 'sdk/src/domain/rooms/control.ts',
        find: `if (permitted !== true) throw new Refused(permitted)`,
        put: '',
      },
    ],
    schedules: [attackScene('removal beyond its role')],
    caughtBy: ['who is proven to break the rules is out'],
  },
  {
    name: 'a restored store is taken for the present one',
    edits: [{ file: 'sdk/src/client/backup/mark-restored.ts', find: `  stale: true,\n`, put: '' }],
    schedules: [lateWords('late words')],
    caughtBy: ['no ratchet is used twice'],
  },
  {
    name: 'path keys are not compared with the tree',
    edits: [
      {
        file: 'ts-mls/dist/src/privateKeyPath.js',
        find: `if (tree !== undefined) {`,
        put: `if (tree === null) {`,
      },
    ],
    schedules: [attackScene('evil path keys')],
    caughtBy: ['keys fit the tree'],
  },
]
