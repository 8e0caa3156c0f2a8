/** The dashboard, the alert rules and docs/how-to/observe.md speak of metrics that a running service has, and of all of ours. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { stepNames } from '../src/server/exchange/step.ts'
import { freePort } from './support/free-port.ts'
import { type Provider, startProvider } from './support/identity-provider.ts'
import { spokenIn } from './support/promql.ts'
import { type Sample, scrape } from './support/scraped.ts'
import { root, type Service, startService } from './support/server.ts'
import { createWorld } from './support/world.ts'

type Panel = {
  id: number
  title: string
  datasource: { uid: string }
  gridPos: { x: number; y: number; w: number; h: number }
  targets: { refId: string; expr: string; legendFormat: string }[]
}
type Rule = {
  alert: string
  expr: string
  for: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dashboard = JSON.parse(read('deploy/grafana/countersign.json')) as {
  panels: Panel[]
  templating: { list: { name: string; query: string }[] }
}
const { groups } = parse(read('deploy/prometheus/alerts.yaml')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const page = read('docs/how-to/observe.md')

/** Prometheus adds these to what it scrapes. */
const added = ['instance', 'job']
/** Only who is configured so has them. */
const elsewhere = new Set(['dependency=redis'])

describe('what is observed', () => {
  let provider: Provider
  let service: Service
  let samples: Sample[]
  before(async () => {
    provider = await startProvider()
    const port = await freePort()
    service = await startService({ env: { METRICS_PORT: String(port) } })
    const world = await createWorld(service, provider)
    do {
      await world.granted(world.token())
      samples = await scrape(port)
      // The only metric that is not there before its first time.
    } while (!samples.some(({ name }) => name === 'nodejs_gc_duration_seconds_sum'))
  })
  after(async () => {
    await service?.close()
    await provider?.close()
  })

  const labelsOf = (name: string) => {
    const found = samples.filter((sample) => sample.name === name)
    return found.length === 0 ? undefined : new Set([...added, ...found.flatMap(({ labels }) => Object.keys(labels))])
  }
  const has = (name: string, label: string, value: string) =>
    samples.some((sample) => sample.name === name && sample.labels[label] === value) ||
    elsewhere.has(`${label}=${value}`)

  /** What the expression speaks of and the service has not. */
  function missing(expression: string): string[] {
    const { metrics, groups } = spokenIn(expression)
    expect(metrics, expression).to.not.have.length(0)
    return metrics.flatMap(({ name, picks }) => {
      const labels = labelsOf(name)
      if (!labels) return [name]
      const picked = picks
        .filter(({ value }) => value !== '$instance')
        .flatMap(({ label, value }) =>
          value.split('|').flatMap((one) => (has(name, label, one) ? [] : [`${name}{${label}="${one}"}`])),
        )
      return [
        ...[...picks.map(({ label }) => label), ...groups]
          .filter((label) => !labels.has(label))
          .map((label) => `${name}{${label}}`),
        ...picked,
      ]
    })
  }

  it('the checks see what is not there', () => {
    expect(
      missing('sum by (team) (rate(countersign_exchanges_total{result="given",realm="x"}[5m])) > nothing_here'),
    ).to.deep.equal([
      'countersign_exchanges_total{realm}',
      'countersign_exchanges_total{team}',
      'countersign_exchanges_total{result="given"}',
      'countersign_exchanges_total{realm="x"}',
      'nothing_here',
    ])
  })

  it('each alert rule speaks of metrics and labels that exist', () => {
    expect(rules.flatMap(({ expr }) => missing(expr))).to.deep.equal([])
  })

  it('each alert rule says when, how bad, and what it means', () => {
    for (const { alert, for: time, labels, annotations } of rules) {
      expect(alert).to.match(/^Countersign[A-Za-z]+$/)
      expect(time, alert).to.match(/^\d+m$/)
      expect(labels.severity, alert).to.be.oneOf(['critical', 'warning'])
      expect(Object.keys(annotations), alert).to.deep.equal(['summary', 'description'])
      for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
        expect(spokenIn(rules.find((rule) => rule.alert === alert)?.expr ?? ''), alert).to.satisfy(
          ({ groups }: { groups: string[] }) => groups.length === 0 || groups.includes(String(label)),
        )
    }
  })

  it('each panel of the dashboard speaks of metrics and labels that exist, by the data source that was chosen', () => {
    const targets = dashboard.panels.flatMap(({ targets }) => targets)
    expect(targets.flatMap(({ expr }) => missing(expr))).to.deep.equal([])
    for (const { expr, legendFormat } of targets)
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect([...spokenIn(expr).groups, 'instance'], expr).to.include(label)
    expect(new Set(dashboard.panels.map(({ datasource }) => datasource.uid))).to.deep.equal(new Set(['$datasource']))
    expect(dashboard.templating.list.map(({ name }) => name)).to.deep.equal(['datasource', 'instance'])
  })

  it('no panel of the dashboard lies over another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    )
    expect(cells).to.have.length(new Set(cells).size)
    expect(new Set(dashboard.panels.map(({ id }) => id))).to.have.property('size', dashboard.panels.length)
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).to.equal(24)
  })

  const rowsOf = (heading: string) =>
    [...(page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|(?: ([^|]*) \|)?/gm)].map(
      ([, name = '', second = '']) => ({ name, labels: [...second.matchAll(/`(\w+)`/g)].map(([, label]) => label) }),
    )

  it('docs/how-to/observe.md has a row for each metric of ours, with its labels, and no other', () => {
    const ours = new Map<string, Set<string>>()
    for (const { name, labels } of samples) {
      if (!name.startsWith('countersign_')) continue
      const family = name.replace(/(_seconds)_(?:bucket|sum|count)$/, '$1')
      const known = ours.get(family) ?? new Set()
      for (const label of Object.keys(labels)) if (label !== 'le') known.add(label)
      ours.set(family, known)
    }
    const rows = new Map(rowsOf('Scrape the metrics').map(({ name, labels }) => [name, new Set(labels)]))
    expect(rows).to.deep.equal(ours)
  })

  it('docs/how-to/observe.md has a row for each alert and each span, and no other', () => {
    expect(
      rowsOf('Be told')
        .map(({ name }) => name)
        .sort(),
    ).to.deep.equal(rules.map(({ alert }) => alert).sort())
    expect(rowsOf('Trace an exchange').map(({ name }) => name)).to.deep.equal(['exchange', ...stepNames])
  })
})
