export { default as PeopleView } from './PeopleView.svelte'
