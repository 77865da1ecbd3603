const PAGE: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  // WebAssembly stretches passphrases.
  'script-src': "'self' 'wasm-unsafe-eval'",
  // Components set styles on elements. Nothing that others wrote gets into the page as markup.
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'media-src': "'self' blob:",
  // People choose their relays; on this machine one may do without TLS.
  'connect-src': "'self' wss: ws://127.0.0.1:* ws://localhost:*",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'frame-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
}

/** For the frame that prints: a page of text, styles and pictures that are part of it. */
const PRINT: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'style-src': "'unsafe-inline'",
  'img-src': 'data:',
  'base-uri': "'none'",
  'form-action': "'none'",
}

const text = (policy: Readonly<Record<string, string>>): string =>
  Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')

/** The content security policies as a page can carry them itself, where no server adds a header. */
export const PAGE_POLICY = text(PAGE)
export const PRINT_POLICY = text(PRINT)

/** As a header, which can also say who may have the page in a frame. */
export const policyFor = (path: string): string =>
  path === 'print.html' ? `${PRINT_POLICY}; frame-ancestors 'self'` : `${PAGE_POLICY}; frame-ancestors 'none'`
