export { default as ListingsView } from './ListingsView.svelte'
