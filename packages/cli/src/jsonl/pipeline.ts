export interface PipelineOptions<In, Out> {
  readonly input: AsyncIterable<In>
  /** Starts the work of one element. Called in input order; must not reject. */
  readonly start: (element: In) => Promise<Out>
  /** Takes one result. Called in input order, one at a time. */
  readonly write: (result: Out) => Promise<void>
  /** Elements that were started and not written yet, at most. */
  readonly window: number
}

/**
 * Works on many elements side by side and hands out the results in the order of the input, each as soon as it and all
 * before it are there. Input is read only while there is room: a slow reader of the results slows the reading down.
 */
export const pipeline = async <In, Out>({ input, start, write, window }: PipelineOptions<In, Out>): Promise<void> => {
  let inFlight = 0
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => {}
  let tail: Promise<void> = Promise.resolve()

  const finish = async (before: Promise<void>, result: Promise<Out>): Promise<void> => {
    try {
      await before
      const value = await result
      if (failure === undefined) await write(value)
    } catch (error) {
      failure ??= { error }
    } finally {
      inFlight -= 1
      wake()
    }
  }

  const room = async (): Promise<void> => {
    while (inFlight >= window && failure === undefined)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }

  for await (const element of input) {
    await room()
    if (failure !== undefined) break
    inFlight += 1
    tail = finish(tail, start(element))
  }
  await tail
  if (failure !== undefined) throw failure.error
}
