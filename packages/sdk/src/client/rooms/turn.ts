/** ms between two members' turns at one piece of work that any of them can do (groups.md: in leaf order after 0, 15, 30 s …). */
export const TURN = 15_000
