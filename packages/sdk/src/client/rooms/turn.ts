/** ms between two members' turns at one piece of work that any of them can do (groups.md: in leaf order after 0, 15, 30 s …). */
export const TURN = 15_000

/** ms without an answer after which a commit that this device could not follow is taken for one that nobody could (groups.md). */
export const FOLLOWED_BY_NONE = 120_000
