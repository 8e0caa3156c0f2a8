/** config/presets: what is there, and how a slip in it is told. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadPresets } from '../../src/server/presets.ts'
import { SettingError } from '../../src/server/setting-values.ts'
import { compileCondition } from '../../src/server/trust/condition.ts'
import { presetNames } from '../../src/server/trust/preset.ts'
import { root } from '../support/server.ts'
import { tempDir } from '../support/temp-dir.ts'

describe('presets', () => {
  const presets = loadPresets()

  it('has every name, frozen to the last member', () => {
    expect(presets.all.map(({ name }) => name)).to.deep.equal([...presetNames])
    const thawed = (value: unknown): boolean =>
      typeof value === 'object' && value !== null && (!Object.isFrozen(value) || Object.values(value).some(thawed))
    expect(presets.all.some(thawed)).to.equal(false)
  })

  for (const preset of presets.all)
    describe(preset.name, () => {
      it('recommends what can be compiled, and pins with it what a shared issuer needs', () => {
        const { conditions, whenPresent, subject } = preset.recommended
        for (const condition of [...conditions, ...whenPresent])
          expect(compileCondition(condition), condition.claim).to.have.property('holds')
        const bySubject = preset.subject.forms.find(({ form }) => form === subject)?.pins ?? []
        const pinned = [...conditions.map(({ claim }) => claim), ...bySubject]
        if (preset.issuers.some(({ shared }) => shared))
          expect(preset.requiredPins.some((set) => set.every((claim) => pinned.includes(claim)))).to.equal(true)
      })

      it('requires nothing to be pinned that can be renamed', () => {
        const controls = new Map(preset.claims.map(({ claim, control }) => [claim, control]))
        for (const claim of preset.requiredPins.flat()) expect(controls.get(claim), claim).to.equal('immutable')
      })

      it('has the token and the account in every snippet that asks for an access token', () => {
        const asking = preset.snippets.filter(({ text }) => text.includes('{{token_endpoint}}'))
        expect(asking.length).to.be.at.least(1)
        for (const { text } of asking)
          expect(text).to.contain('{{service_account}}').and.to.contain('urn:ietf:params:oauth:grant-type:jwt-bearer')
      })

      it('puts no token where other processes can read it', () => {
        for (const { text } of preset.snippets)
          expect(text).to.not.match(/assertion=\$|subject_token=\$|-d "?assertion/)
      })
    })

  describe('a slip', () => {
    const folder = tempDir()
    /** The line that a start ends with, when github.yaml is changed like this. */
    const complaint = (change: (text: string) => string, file = 'github.yaml') => {
      const at = join(folder(), 'config/presets', file)
      cpSync(join(root, 'config/presets'), join(folder(), 'config/presets'), { recursive: true })
      writeFileSync(at, change(readFileSync(join(root, 'config/presets/github.yaml'), 'utf8')))
      try {
        loadPresets(folder())
      } catch (error) {
        expect(error).to.be.instanceOf(SettingError)
        return (error as Error).message
      } finally {
        rmSync(at)
      }
      return undefined
    }
    const replaced = (from: string | RegExp, to: string) => (text: string) => {
      const changed = text.replace(from, to)
      expect(changed).to.not.equal(text)
      return changed
    }

    const slips: [why: string, change: (text: string) => string, line: RegExp][] = [
      ['an unknown key', (text) => `${text}\ncolour: red\n`, /: colour: is no key here; there are name, title/],
      [
        'an unknown key inside',
        replaced('control: immutable', 'colour: red, control: immutable'),
        /claims\[0\]\.colour: is no key/,
      ],
      ['a key that is missing', replaced('max_token_age: 900\n', ''), /: max_token_age: is missing/],
      ['a key twice', (text) => `${text}\ntitle: Again\n`, /github\.yaml: .*unique/],
      [
        'a list that is none',
        replaced(/required_pins:\n.*\n.*\n.*\n/, 'required_pins: yes\n'),
        /: required_pins: must be a list/,
      ],
      [
        'a word that is not one of them',
        replaced('control: immutable', 'control: fixed'),
        /claims\[0\]\.control: must be one of immutable, mutable/,
      ],
      ['a truth as text', replaced('shared: true', 'shared: "true"'), /issuers\[0\]\.shared: must be true or false/],
      [
        'an age that cannot be',
        replaced('max_token_age: 900', 'max_token_age: 9'),
        /: max_token_age: must be a whole number from 60/,
      ],
      [
        'an issuer that is no https',
        replaced('https://token', 'http://token'),
        /issuers\[0\]\.url: must be an https URL/,
      ],
      [
        'a pin that is no claim',
        replaced('- [repository_id]', '- [repo_id]'),
        /: required_pins: repo_id is not among its claims/,
      ],
      [
        'a condition on no claim',
        replaced('claim: ref, op', 'claim: reff, op'),
        /: recommended: reff is not among its claims/,
      ],
      [
        'a condition of another kind',
        replaced("value: '{ref}' }", 'value: true }'),
        /: recommended: ref is compared with what is no string/,
      ],
      [
        'an example of another kind',
        replaced("example: '456789'", 'example: 456789'),
        /: claims: the example of repository_id is no string/,
      ],
      [
        'a claim twice',
        replaced('claim: repository_owner_id, control', 'claim: repository_id, control'),
        /: claims: lists a claim twice/,
      ],
      [
        'a snippet that asks for what is not',
        replaced('{{audience}}', '{{audiences}}'),
        /: snippets: \{\{audiences\}\} stands for nothing/,
      ],
      ['another name', replaced('name: github', 'name: gitlab'), /: name: must be github/],
      [
        "another preset's issuer",
        replaced('https://{host}/_services/token', 'https://agent.buildkite.com'),
        /buildkite\.yaml: issuers: .* is in github\.yaml too/,
      ],
      ['no YAML', () => 'name: [', /github\.yaml: /],
      ['nothing', () => '', /github\.yaml: must be a list of key: value/],
    ]
    for (const [why, change, line] of slips)
      it(`${why} is told in one line that names file and key`, () => {
        const said = complaint(change)
        expect(said)
          .to.match(/^config\/presets\/\w+\.yaml: [^\n]+$/)
          .and.to.match(line)
      })

    it('a file that is missing, or one too many', () => {
      expect(complaint((text) => text)).to.equal(undefined)
      expect(complaint((text) => text, 'mine.yaml')).to.match(
        /^config\/presets\/mine\.yaml: is no preset; there are github/,
      )
      rmSync(join(folder(), 'config/presets/fly.yaml'))
      writeFileSync(
        join(folder(), 'config/presets/github.yaml'),
        readFileSync(join(root, 'config/presets/github.yaml')),
      )
      expect(() => loadPresets(folder())).to.throw(SettingError, 'config/presets/fly.yaml: is missing')
      rmSync(join(folder(), 'config'), { recursive: true })
      expect(() => loadPresets(folder())).to.throw(SettingError, 'config/presets: cannot be read (ENOENT)')
    })
  })
})
