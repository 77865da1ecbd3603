/** As long as invites get (2 KiB), with room for what other programs make of a link on its way. */
const LONGEST = 4096

/**
 * The `dchat:` link in what another program handed over, which may be anything; undefined if it is none. Who it is from
 * is checked where it is read.
 */
export const inviteIn = (text: string): string | undefined => {
  const link = text.trim()
  if (link.length > LONGEST || !/^dchat:[\x21-\x7e]+$/i.test(link)) return undefined
  // Some systems make an authority of what stands behind a scheme.
  return `dchat:${link.slice('dchat:'.length).replace(/^\/\//, '')}`
}

/** The invite that starts a program from a command line, if there is one. */
export const inviteAmong = (args: readonly string[]): string | undefined =>
  args.map(inviteIn).findLast((link) => link !== undefined)
