import { expect } from 'chai'
import { filled } from '../../../src/server/trust/filled.ts'

describe('trust/filled', () => {
  const values = {
    url: 'https://id.example',
    token_endpoint: 'https://id.example/oauth/token',
    organization: 'acme',
    audience: 'https://id.example/orgs/acme',
    service_account: 'ml/$&trainer',
  }

  it('puts every value where its name stands, as it is', () => {
    const text = '{{url}} {{token_endpoint}} {{organization}} {{audience}} {{service_account}} {{url}} {{ github.ref }}'
    expect(filled({ title: 't', language: 'sh', text }, values)).to.deep.equal({
      title: 't',
      language: 'sh',
      text: 'https://id.example https://id.example/oauth/token acme https://id.example/orgs/acme ml/$&trainer https://id.example {{ github.ref }}',
    })
  })

  it('knows no names but these', () => {
    const text = '{{constructor}} {{toString}} {{nobody}}'
    expect(filled({ title: '', language: '', text }, values).text).to.equal(text)
  })
})
