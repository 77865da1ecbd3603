import { spawn } from 'node:child_process'
import { DchatError } from '@dchat/sdk/errors'

/**
 * Runs a command line of the user's in the shell with `input` on its stdin: content never stands in arguments, where
 * other users could see it. Resolves when it ended with 0; throws `usage/invalid-argument` otherwise.
 */
export const runCommand = (command: string, input: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'], signal })
    // A command that does not read all of its input is fine; its exit code decides.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('error', (error) => reject(signal.aborted ? signal.reason : error))
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve()
      if (signal.aborted) return reject(signal.reason)
      const how = killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`
      reject(
        new DchatError(
          'usage/invalid-argument',
          { name: '--exec', reason: `the command ${how}` },
          { hint: 'The message was not acknowledged; the next "dchat listen" hands it out again.' },
        ),
      )
    })
  })
