import { pageSurroundings } from '../../../../src/adapters/surroundings/page.ts'

const scope = globalThis as unknown as {
  postMessage(data: unknown): void
  dispatchEvent(event: Event): void
  onmessage: (event: { data: string }) => void
}
pageSurroundings().listen((happening) => scope.postMessage(happening))
// A browser that only pretends to be offline does not tell workers, so the page says what to tell.
scope.onmessage = ({ data }) => scope.dispatchEvent(new Event(data))
