import { MediaQuery } from 'svelte/reactivity'

/** The window has room for one pane: the same bound as in the styles. */
export const narrow = new MediaQuery('max-width: 720px')
