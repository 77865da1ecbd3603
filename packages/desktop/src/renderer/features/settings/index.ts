export { default as LockView } from './LockView.svelte'
export { default as SettingsView } from './SettingsView.svelte'
