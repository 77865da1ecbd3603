import { Duplex } from 'node:stream'

/** Two ends of one connection, in memory. */
export const duplexPair = (): [Duplex, Duplex] => {
  const ends: Duplex[] = []
  const make = (other: number): Duplex =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        ends[other]?.push(chunk)
        done()
      },
      final(done) {
        ends[other]?.push(null)
        done()
      },
      destroy(error, done) {
        const far = ends[other]
        if (far && !far.destroyed) queueMicrotask(() => far.push(null))
        done(error)
      },
    })
  ends.push(make(1), make(0))
  return ends as [Duplex, Duplex]
}
