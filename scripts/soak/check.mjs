/**
 * What a topic must hold after everything was said: message 1 to `sent`, each once and in this order, in places without
 * gaps, each where its receipt says. `entries`: what was read, `receipts`: by message, what was acknowledged.
 * @param {readonly { seq: number, message: number, hash: string }[]} entries
 * @param {ReadonlyMap<number, { seq: number, hash: string }>} receipts
 * @param {number} sent
 * @returns {string[]} what is wrong, the first of each kind
 */
export const faultsOf = (entries, receipts, sent) => {
  const faults = []
  const gap = entries.find(({ seq }, index) => seq !== index + 1)
  if (gap) faults.push(`a gap before place ${gap.seq}`)
  const strange = entries.findIndex(({ message }, index) => message !== index + 1)
  if (strange >= 0) faults.push(`message ${entries[strange].message} stands where ${strange + 1} belongs`)
  const held = new Map(entries.map((entry) => [entry.message, entry]))
  if (held.size < entries.length) faults.push(`${entries.length - held.size} messages stand there twice`)
  const lost = [...receipts].find(
    ([message, { seq, hash }]) => held.get(message)?.seq !== seq || held.get(message).hash !== hash,
  )
  if (lost) faults.push(`message ${lost[0]} was acknowledged at ${lost[1].seq} and is not there`)
  if (receipts.size !== sent) faults.push(`${sent - receipts.size} messages were never acknowledged`)
  return faults
}

/**
 * The slope of a line through points, by least squares.
 * @param {readonly (readonly [x: number, y: number])[]} points
 */
export const slopeOf = (points) => {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const square = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  return square === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / square
}
