import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import { run } from './check.ts'
import {
  aloneTwice,
  aloneWithABackup,
  amongOthers,
  askedInSince,
  backInALaterTopic,
  backSince,
  backTwice,
  backupScene,
  enteredSince,
  invitedSince,
  lateWords,
  lateWordsOfAnEpoch,
  openedSince,
  restoredWhileChanging,
} from './scenes.ts'

/** A restored device reads what the relay holds and never seals anything under a key that its lost self may have used. */
test.each([
  ['ten messages after it', backupScene('backup, ten messages, restore')],
  ['and its import is broken off', backupScene('a broken import', { breaks: true })],
  ['its last words arriving after it has read everything', lateWords('late words')],
  ['with a commit on its way, and late words of the epoch after it', lateWordsOfAnEpoch('late words of an epoch')],
  ['while others change the group', restoredWhileChanging('changes around a restore')],
  ['in a group that it was taken out of and asked into again since', backSince('back since')],
  ['in a group that it was taken out of, and is asked into again', askedInSince('asked in since', 'accept')],
  ['in a group that it was taken out of, and declines to come back to', askedInSince('not again', 'decline')],
  ['with a conversation that is still to be opened, and was opened since', openedSince('opened since')],
  ['twice, and others were slow', backTwice('back twice')],
  ['twice, and its topic ended meanwhile', backInALaterTopic('back in a later topic')],
  ['in a group that nobody else is in', aloneWithABackup('alone with a backup')],
  ['twice, in a group that nobody else is in', aloneTwice('alone twice')],
  ['in a group in which everybody is another since', amongOthers('among others')],
  ['with an invitation that came since, and was not answered', invitedSince('invited since')],
  ['in a group that it entered since', enteredSince('entered since')],
])('a device loses its store and has a backup: %s', async (_, schedule) => {
  const outcome = await run(schedule)
  expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
  expect(outcome.done).toBe(schedule.steps.length)
  expect(outcome.trace.filter((line) => line.includes(' refused '))).toEqual([])
})
