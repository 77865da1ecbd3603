import './design/base.css'
import { mount } from 'svelte'
import Gallery from './design/Gallery.svelte'

const target = document.getElementById('app')
if (target === null) throw new Error('the page has no place for the gallery')
mount(Gallery, { target })
