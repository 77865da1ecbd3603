import { describe, expect, test } from 'vitest'
import { pageSurroundings } from '../../src/adapters/surroundings/page.ts'
import type { Happening } from '../../src/ports/surroundings.ts'

/** An EventTarget that can be asked what listens to it. */
class FakeTarget {
  readonly listeners = new Map<string, Set<(event: { type: string }) => void>>()
  addEventListener(type: string, listener: (event: { type: string }) => void): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener))
  }
  removeEventListener(type: string, listener: (event: { type: string }) => void): void {
    this.listeners.get(type)?.delete(listener)
  }
  emit(type: string, event: object = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ type, ...event })
  }
  get count(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0)
  }
}

const page = () => {
  const document = Object.assign(new FakeTarget(), { visibilityState: 'visible' })
  const window = Object.assign(new FakeTarget(), { document, navigator: { onLine: true } })
  const surroundings = pageSurroundings(window)
  const told: Happening[] = []
  const stop = surroundings.listen((happening) => told.push(happening))
  return { document, window, surroundings, told, stop }
}

describe('the surroundings of a page', () => {
  test('tell of the network as it comes and goes', () => {
    const { window, surroundings, told } = page()
    window.navigator.onLine = false
    window.emit('offline')
    expect(surroundings.online).toBe(false)
    window.navigator.onLine = true
    window.emit('online')
    expect(surroundings.online).toBe(true)
    expect(told).toEqual(['offline', 'online'])
  })

  test('tell of one standstill once, though the browser tells it twice', () => {
    const { document, window, told } = page()
    window.emit('pagehide', { persisted: true })
    document.emit('freeze')
    document.emit('resume')
    window.emit('pageshow', { persisted: true })
    document.emit('freeze')
    document.emit('resume')
    expect(told).toEqual(['freeze', 'resume', 'freeze', 'resume'])
  })

  test('a page that is left for good, or shown for the first time, does not stand still', () => {
    const { window, told } = page()
    window.emit('pageshow', { persisted: false })
    window.emit('pagehide', { persisted: false })
    expect(told).toEqual([])
  })

  test('a page that is looked at again says so, and has resumed if nobody told', () => {
    const { document, told } = page()
    document.visibilityState = 'hidden'
    document.emit('visibilitychange')
    document.emit('freeze')
    document.visibilityState = 'visible'
    document.emit('visibilitychange')
    expect(told).toEqual(['freeze', 'resume', 'visible'])
  })

  test('listen to the browser only while somebody listens here, and once for all of them', () => {
    const { document, window, surroundings, told, stop } = page()
    const [one, two] = [window.count, document.count]
    const heard: Happening[] = []
    const listener = (happening: Happening) => void heard.push(happening)
    const [again, twice] = [surroundings.listen(listener), surroundings.listen(listener)]
    expect([window.count, document.count]).toEqual([one, two])
    window.emit('offline')
    expect(heard).toEqual(['offline', 'offline'])
    twice()
    twice()
    window.emit('online')
    expect(heard).toEqual(['offline', 'offline', 'online'])
    expect(told).toEqual(['offline', 'online'])
    stop()
    again()
    expect([window.count, document.count]).toEqual([0, 0])
    surroundings.listen(listener)
    expect([window.count, document.count]).toEqual([one, two])
  })

  test('who ends while it is told hears nothing more, and the others do', () => {
    const { window, surroundings, told } = page()
    const heard: Happening[] = []
    let stop: () => void = () => undefined
    surroundings.listen(() => stop())
    stop = surroundings.listen((happening) => heard.push(happening))
    window.emit('offline')
    expect(heard).toEqual([])
    expect(told).toEqual(['offline'])
  })
})

describe('the surroundings of a program without a page', () => {
  test('a worker is told of the network', () => {
    const self = Object.assign(new FakeTarget(), { navigator: { onLine: true } })
    const told: Happening[] = []
    const stop = pageSurroundings(self).listen((happening) => told.push(happening))
    self.emit('offline')
    expect(told).toEqual(['offline'])
    stop()
    expect(self.count).toBe(0)
  })

  test('in Node nothing happens and the machine counts as online', () => {
    const surroundings = pageSurroundings()
    expect(surroundings.online).toBe(true)
    const stop = surroundings.listen(() => expect.unreachable())
    expect(stop).not.toThrow()
    expect(pageSurroundings({}).online).toBe(true)
  })
})
