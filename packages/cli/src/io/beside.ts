type Work = (signal: AbortSignal) => Promise<void>

/** Does two things at once until the main one is over; the other ends with it, and a failure of either ends both. */
export const beside = async (main: Work, other: Work, signal: AbortSignal): Promise<void> => {
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const mainDone = main(until)
  // The other may end early; only its failure counts.
  const otherDone = other(until)
  try {
    await Promise.race([mainDone, otherDone.then(() => mainDone)])
  } finally {
    over.abort()
    await Promise.allSettled([mainDone, otherDone])
  }
}
