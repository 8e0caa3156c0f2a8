/**
 * POST /api/v1/secret-scanning, as GitHub's secret scanning partner programme calls it: a signed list of secrets that were
 * found in public. Rules: nothing of the body is looked at before its signature holds, over the bytes as they came; an
 * answer never repeats a secret.
 */
import { type Request, type Response, Router, raw } from 'express'
import { z } from 'zod'
import { addressKey, type Failures } from '../accounts/failures.ts'
import { Refusal } from '../errors/refusal.ts'
import type { EndLeaked } from '../exchange/leaked.ts'
import type { VerifyReport } from '../issuers/partner-keys.ts'
import { originOf } from './bearer.ts'
import { refuseOtherMethods } from './methods.ts'

export const secretScanningPath = '/api/v1/secret-scanning'

/** Bytes: some thousand findings. */
const limit = 1_048_576
const word = z.string().max(2_048)
export const findings = z.array(
  z.looseObject({
    token: z.string().max(16_384),
    type: word,
    url: z.string().max(8_192).nullish(),
    source: word.nullish(),
  }),
)

const guesses: ReadonlySet<string> = new Set(['report_unproven', 'partner_unavailable'])

export type ScanningNeeds = { verifyReport: VerifyReport; endLeaked: EndLeaked; failures: Failures }

export function secretScanningRoutes({ verifyReport, endLeaked, failures }: ScanningNeeds): Router {
  const router = Router()
  const proven = async (req: Request, res: Response): Promise<Buffer> => {
    const { body } = req
    const keyId = req.get('github-public-key-identifier')
    const signature = req.get('github-public-key-signature')
    try {
      if (!(body instanceof Buffer) || keyId === undefined || signature === undefined)
        throw new Refusal('report_unproven')
      await verifyReport(body, keyId, signature)
      return body
    } catch (error) {
      // A key that nobody knows may be made up, too.
      const isGuess = error instanceof Refusal && guesses.has(error.reason)
      if (isGuess && (await failures.count(`${addressKey(originOf(req, res).client.ip)} report`)))
        throw new Refusal('rate_limited')
      throw error
    }
  }
  router.post(secretScanningPath, raw({ type: () => true, limit, inflate: false }), async (req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    const found = findingsIn(await proven(req, res))
    const feedback = await endLeaked(found, originOf(req, res))
    res.json(
      feedback.map(({ tokenHash, type, isOurs }) => ({
        token_hash: tokenHash,
        token_type: type,
        label: isOurs ? 'true_positive' : 'false_positive',
      })),
    )
  })
  refuseOtherMethods(router, [secretScanningPath], 'POST')
  return router
}

function findingsIn(body: Buffer) {
  let read: unknown
  try {
    read = JSON.parse(body.toString('utf8'))
  } catch {
    throw new Refusal('body_malformed')
  }
  const judged = findings.safeParse(read)
  if (!judged.success) {
    const errors = judged.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }))
    throw new Refusal('body_invalid', { errors })
  }
  return judged.data.map(({ token, type, url, source }) => ({ token, type, url: url ?? '', source: source ?? '' }))
}
