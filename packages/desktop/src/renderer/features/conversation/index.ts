export { default as ConversationView } from './ConversationView.svelte'
