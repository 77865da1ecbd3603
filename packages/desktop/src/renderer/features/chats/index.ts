export { default as ChatList } from './ChatList.svelte'
