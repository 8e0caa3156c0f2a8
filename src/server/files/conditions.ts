/** What a policy of a file may ask: of the subject, and of claims one by one. */
import { z } from 'zod'
import { strict } from './strict.ts'

export const longestCel = 1024

/** Up to 1,024 bytes of UTF-8; what no token could bear is refused, so that it is not waited for. */
export const subject = z
  .string()
  .min(1)
  .max(1024)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters')
  .refine((value) => value.isWellFormed() && Buffer.byteLength(value) <= 1024, 'must be at most 1,024 bytes of UTF-8')

const claim = z
  .string()
  .min(1)
  .max(256)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
  .meta({ description: 'A claim by its name, or by a JSON pointer (RFC 6901) when it begins with /' })
const text = z
  .string()
  .min(1)
  .max(1024)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
const scalar = z.union([text, z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
})

export const condition = z.discriminatedUnion(
  'op',
  [
    strict({ claim, op: z.literal('equals'), value: scalar }),
    strict({ claim, op: z.literal('in'), value: z.array(scalar).min(1).max(100) }),
    strict({ claim, op: z.literal('glob'), value: text }),
    strict({ claim, op: z.literal('exists'), value: z.boolean().default(true) }),
  ],
  { error: 'op is equals, in, glob or exists' },
)
