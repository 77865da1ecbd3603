/** The little of `localStorage` that is used. */
interface Marks {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** Remembers outside IndexedDB that a store was made, so that one which the browser threw away is missed. */
export interface StoreMarker {
  readonly present: boolean
  set(): void
  remove(): void
}

/** Workers have none, and where storing is forbidden even asking throws. */
const marks = (): Marks | undefined => {
  try {
    return (globalThis as { localStorage?: Marks }).localStorage
  } catch {
    return undefined
  }
}

/** It helps where it can and is missed nowhere. */
const attempt = <T>(work: (marks: Marks) => T): T | undefined => {
  const found = marks()
  try {
    return found && work(found)
  } catch {
    return undefined
  }
}

export const storeMarker = (name: string): StoreMarker => {
  const key = `dchat-store/${name}`
  return {
    get present() {
      return attempt((found) => found.getItem(key)) === 'made'
    },
    set: () => void attempt((found) => found.setItem(key, 'made')),
    remove: () => void attempt((found) => found.removeItem(key)),
  }
}
