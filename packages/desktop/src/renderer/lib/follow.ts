/** Hands each value on until the signal aborts; what breaks the stream goes to `failed`, an abort does not. */
export const follow = async <T>(
  values: (signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
  take: (value: T) => void | Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> => {
  try {
    for await (const value of values(signal)) {
      if (signal.aborted) return
      await take(value)
    }
  } catch (error) {
    if (!signal.aborted) failed(error)
  }
}
