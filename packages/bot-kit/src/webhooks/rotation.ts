import type { WebhookKey } from './keys.ts'

/** For so long after a rotation the old key signs too, so that receivers change theirs without a gap; ms. */
export const ROTATION_OVERLAP = 24 * 60 * 60 * 1000

/** A key of an endpoint as it is kept. */
export interface HeldKey<Key = WebhookKey> {
  readonly key: Key
  /** It signs until then, ms since 1970; without it, until it is rotated. */
  readonly until?: number
}

/** The keys that sign at this time, the newest first. */
export const keysAt = <Key>(keys: readonly HeldKey<Key>[], now: number): readonly Key[] =>
  keys.filter(({ until }) => until === undefined || now < until).map(({ key }) => key)

/** `fresh` takes the place of the keys that `replaces` picks, which sign for another day; keys that are over are dropped. */
export const rotate = <Key>(
  keys: readonly HeldKey<Key>[],
  fresh: Key,
  now: number,
  replaces: (key: Key) => boolean = () => true,
): readonly HeldKey<Key>[] => [
  { key: fresh },
  ...keys
    .filter(({ until }) => until === undefined || now < until)
    .map((held) =>
      held.until === undefined && replaces(held.key) ? { ...held, until: now + ROTATION_OVERLAP } : held,
    ),
]
