/** ms until a send that waits gives up, unless --timeout says otherwise. */
export const WAIT = 30_000
/** ms without any relay until a command that needs one gives up, unless --timeout says otherwise. */
export const PATIENCE = 10_000
/** Messages that `read` shows by default. */
export const PAGE = 50
