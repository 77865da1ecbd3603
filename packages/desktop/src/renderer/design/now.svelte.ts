import { createSubscriber } from 'svelte/reactivity'

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 15_000)
  return () => clearInterval(timer)
})

let correction = $state(0)

/** What the true time is ahead of this machine's clock, as far as anybody knows better, ms. */
export const correctNow = (ahead: number): void => {
  correction = ahead
}

/** The time, ms since 1970. Whatever is drawn with it is drawn again every fifteen seconds while it is shown. */
export const now = (): number => {
  subscribe()
  return Date.now() + correction
}
