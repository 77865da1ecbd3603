import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PAGE_POLICY, PRINT_POLICY, policyFor } from '../../src/core/csp.ts'
import { APP_PAGE, isOwnPage, mayUse } from '../../src/core/policy.ts'

describe('the app stays on its own pages', () => {
  test.each([APP_PAGE, 'app://dchat/', 'app://dchat/print.html'])('%s is one', (url) =>
    expect(isOwnPage(url)).toBe(true),
  )

  test.each([
    'app://dchat.evil.example/',
    'app://evil/',
    'app://user@evil/',
    'app://dchat:1/',
    'app:dchat',
    'https://dchat/',
    'file:///index.html',
    'about:blank',
    'data:text/html,a',
    '',
  ])('%s is none', (url) => expect(isOwnPage(url)).toBe(false))
})

describe('a permission', () => {
  test('is given to own pages that need it, and to nobody else', () => {
    expect(mayUse('notifications', APP_PAGE)).toBe(true)
    expect(mayUse('clipboard-sanitized-write', APP_PAGE)).toBe(true)
    expect(mayUse('notifications', 'https://a.example/')).toBe(false)
    for (const each of ['geolocation', 'clipboard-read', 'usb', 'hid', 'midi', 'openExternal', 'display-capture', ''])
      expect(mayUse(each, APP_PAGE), each).toBe(false)
  })

  test('to record is for pictures, never for sound', () => {
    expect(mayUse('media', APP_PAGE, ['video'])).toBe(true)
    expect(mayUse('media', APP_PAGE, ['audio'])).toBe(false)
    expect(mayUse('media', APP_PAGE, ['video', 'audio'])).toBe(false)
    expect(mayUse('media', APP_PAGE)).toBe(false)
  })
})

describe('the content security policy', () => {
  test('lets no script in but the own ones, and evaluates no text', () => {
    expect(PAGE_POLICY).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
    expect(PAGE_POLICY).not.toContain("'unsafe-eval'")
    expect(policyFor('index.html')).toBe(`${PAGE_POLICY}; frame-ancestors 'none'`)
  })

  test('of the page that prints has no script at all, and stands in that page too', () => {
    expect(PRINT_POLICY).not.toContain('script')
    expect(policyFor('print.html')).toBe(`${PRINT_POLICY}; frame-ancestors 'self'`)
    const page = readFileSync(new URL('../../src/renderer/public/print.html', import.meta.url), 'utf8')
    expect(page).toContain(`content="${PRINT_POLICY}"`)
  })
})
