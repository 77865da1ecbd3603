/** A relay's address as people say it: the host alone. */
export const relayName = (url: string): string => {
  try {
    return new URL(url).host
  } catch {
    return url
  }
}
