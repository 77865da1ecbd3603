import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { policyFor } from './csp.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

const COMMON = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
}

export interface PageAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

const encoder = new TextEncoder()

const refuse = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): PageAnswer => ({
  status,
  headers: { ...COMMON, ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
  body: encoder.encode(text),
})

const give = (path: string, body: Uint8Array<ArrayBuffer>): PageAnswer => ({
  status: 200,
  headers: {
    ...COMMON,
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Content-Security-Policy': policyFor(path),
    // The name of an asset changes with what is in it.
    'Cache-Control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  },
  body,
})

/**
 * Answers requests for the files of a folder as they are now, and for nothing else: a path is looked up among their names,
 * never joined to the folder's. `extra` are further files, by their path.
 */
export const pagesOf = (folder: string, extra: Readonly<Record<string, string>> = {}) => {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const names = new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
  )
  return async (method: string, pathname: string): Promise<PageAnswer> => {
    if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'Only GET.\n', { Allow: 'GET, HEAD' })
    const path = pathname === '/' ? 'index.html' : pathname.slice(1)
    const text = Object.hasOwn(extra, path) ? extra[path] : undefined
    if (text !== undefined) return give(path, encoder.encode(text))
    if (!names.has(path)) return refuse(404, 'There is no such page.\n')
    return give(path, Uint8Array.from(await readFile(join(folder, path))))
  }
}
