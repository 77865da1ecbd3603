import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../src/config/read.ts'
import { flagOf, SETTINGS } from '../src/config/schema.ts'
import { createMetrics } from '../src/metrics.ts'

const folder = new URL('../deploy/', import.meta.url)
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8')

/** Every name under which Prometheus finds what the relay tells. */
const exported = async (): Promise<ReadonlySet<string>> => {
  const metrics = await createMetrics().registry.getMetricsAsJSON()
  const histograms = metrics.filter(({ type }) => `${type}` === 'histogram').map(({ name }) => name)
  const parts = histograms.flatMap((name) => ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`))
  return new Set([...metrics.map(({ name }) => name).filter((name) => !histograms.includes(name)), ...parts])
}

const named = (text: string) => [...new Set(text.match(/dchat_relay_\w+/g))]

describe('what an operator is given', () => {
  test.each(['alerts.yml', 'grafana/dashboards/relay.json'])('%s asks for metrics that the relay has', async (name) => {
    const known = await exported()
    const asked = named(textOf(name))
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.filter((metric) => !known.has(metric))).toEqual([])
  })

  test('the dashboard shows every metric', async () => {
    const shown = named(textOf('grafana/dashboards/relay.json')).map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    const metrics = await createMetrics().registry.getMetricsAsJSON()
    expect(metrics.map(({ name }) => name).filter((name) => !shown.includes(name))).toEqual([])
  })

  test('the dashboard is one that Grafana can lay out: panels have their own places', () => {
    const { panels } = JSON.parse(textOf('grafana/dashboards/relay.json')) as {
      panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, at) => `${x + at} ${y}`))
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
  })

  test('the settings that the unit gives are settings of the relay', async () => {
    const lines = textOf('dchat-relay.service').match(/^Environment=(.*)$/m)?.[1] ?? ''
    const environment = Object.fromEntries(lines.split(' ').map((pair) => pair.split('=') as [string, string]))
    expect(environment.DCHAT_RELAY_DATA).toBe('/var/lib/dchat-relay')
    expect(await readConfig({}, undefined, environment)).toMatchObject({ data: '/var/lib/dchat-relay' })
  })

  test('image and compose file start the program that the package has, with flags that it knows', () => {
    const manifest = JSON.parse(textOf('../package.json')) as { bin: Record<string, string> }
    expect(textOf('Dockerfile')).toContain(`/relay/${manifest.bin['dchat-relay']?.replace('./', '')}`)
    const flags = `${textOf('Dockerfile')}${textOf('compose.yml')}`.match(/(?<=['"]--)[a-z-]+/g) ?? []
    const known = SETTINGS.map(({ key }) => flagOf(key))
    expect(flags.length).toBeGreaterThan(3)
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([])
  })

  test('every file that the compose file takes from this folder is there', () => {
    const mounted = [...textOf('compose.yml').matchAll(/- \.\/([^:]+):/g)].map(([, path]) => path as string)
    const here = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    expect(mounted.length).toBeGreaterThan(3)
    expect(mounted.filter((path) => !here.includes(path))).toEqual([])
  })
})
