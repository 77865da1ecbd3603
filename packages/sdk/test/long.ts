/** The long form of tests that have one, and everything that a short form leaves out: `npm run soak -- --only long`. */
export const LONG = process.env.DCHAT_LONG !== undefined

/** The first few of them, all in the soak. */
export const some = <T>(all: readonly T[], few: number): readonly T[] => (LONG ? all : all.slice(0, few))
