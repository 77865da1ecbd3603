/** meta: the name of a self-conversation that this device is opening. */
export const SELF_OPENING = 'self-opening'
