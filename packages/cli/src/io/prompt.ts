import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { Writable as NodeWritable } from 'node:stream'

/** Asks on a terminal without showing what is typed. */
export const askSecret = async (
  question: string,
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Promise<string> => {
  // The line editor writes what it hears; here it writes to nowhere.
  const nowhere = new NodeWritable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input, output: nowhere, terminal: true })
  output.write(question)
  try {
    return (await terminal.question('', { signal })).trim()
  } finally {
    terminal.close()
    output.write('\n')
  }
}

/** Asks a question that only a plain yes answers with yes. */
export const askYes = async (
  question: string,
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Promise<boolean> => {
  const terminal = createInterface({ input, output })
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`${question} [y/N] `, { signal }))
  } finally {
    terminal.close()
  }
}
