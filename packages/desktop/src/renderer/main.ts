import './design/base.css'
import { mount } from 'svelte'
import App from './app/App.svelte'
import { start } from './app/start.ts'
import { Appearance } from './state/appearance.svelte.ts'

const target = document.getElementById('app')
if (target === null) throw new Error('the page has no place for the app')
mount(App, { target, props: { starting: start(new Appearance(document.documentElement)) } })
