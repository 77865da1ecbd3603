/** Three digits that count, and never an exponent. */
const figure = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

const bytes = (value) => (value === undefined ? '' : String(value).replace(/\B(?=(\d{3})+$)/g, ' '))

/** A table of Markdown that reads well in a terminal too: the first column to the left, the others to the right. */
const table = (head, rows) => {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column].length), 3))
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const verdict = ({ value, atMost, atLeast, met }) => {
  if (met === undefined) return ''
  return met ? 'met' : `missed by ${figure(Math.abs(value / (atMost ?? atLeast) - 1) * 100)} %`
}

const wanted = ({ atMost, atLeast }) => (atLeast === undefined ? String(atMost ?? '') : `at least ${atLeast}`)

/** @param {Awaited<ReturnType<import('./runner.mjs').runSuite>>} result */
export const suiteTable = ({ title, unit, rows, aims, skipped }) => {
  const parts = [
    `## ${title}`,
    table(
      ['', `median ${unit}`, 'p95', 'min', 'runs', 'bytes'],
      rows.map((row) => [
        row.unit === undefined ? row.name : `${row.name}, ${row.unit}`,
        figure(row.median),
        figure(row.p95),
        figure(row.min),
        String(row.runs),
        bytes(row.bytes),
      ]),
    ),
  ]
  if (aims.length > 0)
    parts.push(
      table(
        ['aim', 'is', 'at most', ''],
        aims.map((aim) => [
          `${aim.of}${aim.by === undefined ? '' : `, ${aim.by}`}${aim.over === undefined ? `, ${aim.unit ?? unit}` : `, over ${aim.over}`}`,
          figure(aim.value),
          wanted(aim),
          verdict(aim),
        ]),
      ),
    )
  for (const { peer, why } of skipped) parts.push(`${peer}: skipped, ${why}`)
  return `${parts.join('\n\n')}\n`
}
