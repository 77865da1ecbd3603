import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inviteQueue } from '../../src/core/handlers/invites.ts'
import { inviteAmong, inviteIn } from '../../src/core/invite.ts'
import { outsideLink } from '../../src/core/outside.ts'

describe('an address that the page wants to open', () => {
  test.each(['https://a.example/b?c=d#e', 'http://127.0.0.1:8080/', 'mailto:ann@a.example'])('%s is opened', (url) =>
    expect(outsideLink(url)).toBe(url),
  )

  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,a',
    'app://dchat/index.html',
    'dchat:dchat1abc',
    'smb://host/share',
    'ms-settings:',
    'https://bank.example@evil.example/',
    '//a.example',
    'a.example',
    '',
  ])('%s is not', (url) => expect(outsideLink(url)).toBeUndefined())

  test('is never one of another scheme, whatever the text', () => {
    const part = fc.constantFrom(
      'https',
      'http',
      'file',
      'javascript',
      ':',
      '//',
      '@',
      'a.example',
      ' ',
      '\n',
      '\0',
      '%3a',
    )
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(outsideLink(parts.join('')) ?? 'https:').toMatch(/^(https?|mailto):/)
      }),
    )
  })
})

describe('an invite', () => {
  test('is a dchat: link, alone or among the words of a command line', () => {
    expect(inviteIn(' dchat:dchat1abc?r=wss%3A%2F%2Fa.example\n')).toBe('dchat:dchat1abc?r=wss%3A%2F%2Fa.example')
    expect(inviteIn('DCHAT://dchat1abc')).toBe('dchat:dchat1abc')
    expect(inviteAmong(['/usr/bin/dchat', '--flag', 'dchat:dchat1abc'])).toBe('dchat:dchat1abc')
  })

  test.each(['', 'dchat:', 'https://a.example', 'xdchat:abc', 'dchat:a b', 'dchat:ä', `dchat:${'a'.repeat(5000)}`])(
    '%s is none',
    (text) => expect(inviteIn(text)).toBeUndefined(),
  )

  test('waits for a page that listens, and again while the page is loaded anew', () => {
    const told: string[] = []
    const queue = inviteQueue((invite) => told.push(invite))
    queue.add('dchat:a')
    queue.add('something else')
    expect(told).toEqual([])
    expect(queue.take()).toEqual(['dchat:a'])
    queue.add('dchat:b')
    expect(told).toEqual(['dchat:b'])
    queue.pause()
    queue.add('dchat:c')
    expect(told).toEqual(['dchat:b'])
    expect(queue.take()).toEqual(['dchat:c'])
    expect(queue.take()).toEqual([])
  })
})
