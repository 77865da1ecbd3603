/** Devices that one commit may add (groups.md). */
export const MAX_ADDED = 50
