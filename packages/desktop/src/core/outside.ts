const ALLOWED = new Set(['https:', 'http:', 'mailto:'])
const LONGEST = 4096

/** The address as it is handed to the person's browser or mail program; undefined for everything that stays unopened. */
export const outsideLink = (text: string): string | undefined => {
  if (text.length > LONGEST || !URL.canParse(text)) return undefined
  const url = new URL(text)
  // A name and password before the host only make an address look like another one.
  if (!ALLOWED.has(url.protocol) || url.username !== '' || url.password !== '') return undefined
  return url.href
}
