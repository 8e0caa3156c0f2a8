/** The least that an answer in JSON costs with Express: what was sent, parsed and sent back. Run by scale.ts. */
import type { AddressInfo } from 'node:net'
import express from 'express'

const app = express()
app.post('/echo', express.json(), (req, res) => {
  res.json(req.body)
})
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
