export { default as WelcomeView } from './WelcomeView.svelte'
