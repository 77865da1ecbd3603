export { default as SearchMessages } from './SearchMessages.svelte'
export { default as Switcher } from './Switcher.svelte'
