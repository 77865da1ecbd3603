/** What stands behind a slash: `/poll "red wine" beer` has the name `poll` and two arguments. */
export interface ParsedCommand {
  readonly name: string
  readonly args: readonly string[]
}

const COMMAND = /^\/([a-z][a-z0-9_-]{0,31})(?:\s+([\s\S]*))?$/i
/** A quoted argument, or one up to the next space. A quote that does not end is an ordinary character. */
const ARGUMENT = /"([^"]*)"(?=\s|$)|(\S+)/g

/** Undefined where the text does not begin with a slash and a name. Names are in lower case. */
export const parseCommand = (text: string): ParsedCommand | undefined => {
  const found = COMMAND.exec(text.trim())
  if (!found) return undefined
  const [, name = '', rest = ''] = found
  return {
    name: name.toLowerCase(),
    args: [...rest.matchAll(ARGUMENT)].map(([, quoted, word]) => quoted ?? word ?? ''),
  }
}
