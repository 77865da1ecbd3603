import type { Plugin } from 'vite'
import { PAGE_POLICY } from '../src/core/csp.ts'

/**
 * Puts the content security policy into the built pages themselves, so that it holds where no server adds a header. The
 * development server's own scripts and styles would not pass it.
 */
export const policy = (): Plugin => ({
  name: 'dchat:policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
      injectTo: 'head-prepend',
    },
  ],
})
