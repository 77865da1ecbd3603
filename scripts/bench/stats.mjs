/** The value below which the share `q` of the sorted samples lies (nearest rank). */
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * q) - 1))]

/**
 * @param {readonly number[]} samples
 * @returns {{ runs: number, min: number, median: number, p95: number }}
 */
export const summarise = (samples) => {
  const sorted = samples.toSorted((a, b) => a - b)
  return { runs: sorted.length, min: sorted[0], median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) }
}
